// Loads the stage's parts while Streamlit and the server are still starting: see ui/ahead.py.

import "./stage.js";
import { loadPlotly } from "./figures.js";

const plotly = new URL(import.meta.url).searchParams.get("plotly");
if (plotly) loadPlotly(new URL(`../${plotly}`, import.meta.url).href).catch(() => {});
