// Loads the stage's parts while Streamlit and the server are still starting: see ui/ahead.py.

import { STYLES } from "./stage.js";
import { element } from "./dom.js";

const plotly = new URL(import.meta.url).searchParams.get("plotly");
const files = [[STYLES, "style"], ...(plotly ? [[new URL(`../${plotly}`, import.meta.url).href, "script"]] : [])];
// Fetched, and not run: Plotly takes a good part of a second to begin, and the first picture does not need it.
for (const [href, as] of files) document.head.append(element("link", "", { rel: "preload", href, as }));
