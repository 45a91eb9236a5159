// Streamlit's theme, read from its CSS variables, and laid over a figure's own layout.

export const ACCENTS = [
  "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999",
];

/** How much larger the page's type is now, as for a projector, than the theme has it. */
export const typeZoom = ({ base }) => parseFloat(getComputedStyle(document.documentElement).fontSize) / base;

/** Pixels as they are where the page has its usual type: a card grows with the words in it. */
export const inRems = (pixels, { base }) => `${pixels / base}rem`;

export function readTheme(node, large) {
  const style = getComputedStyle(node);
  // Asking the browser for a variable makes it style the whole page: each is asked for once a theme.
  const known = new Map();
  const variable = (name) => {
    if (!known.has(name)) known.set(name, style.getPropertyValue(name).trim());
    return known.get(name);
  };
  const read = (name, otherwise) => variable(name) || otherwise;
  const theme = {
    text: read("--st-text-color", "#31333F"),
    background: read("--st-background-color", "#FFFFFF"),
    panel: read("--st-secondary-background-color", "#F0F2F6"),
    grid: read("--st-border-color", "#DDDDDD"),
    font: read("--st-font", "sans-serif"),
    size: large ? 17 : 12,
    base: parseFloat(read("--st-base-font-size", "16px")), // of a rem
  };
  return { ...theme, variable, signature: JSON.stringify(theme) };
}

/** A copy of figure JSON in which every "var(--name)" has become that variable's value. */
export function resolved(value, variable) {
  if (typeof value === "string") {
    const name = value.startsWith("var(--") && value.endsWith(")") ? value.slice(4, -1) : "";
    return name ? variable(name) || value : value;
  }
  if (Array.isArray(value)) {
    // Long rows of numbers hold no names: copying them is enough.
    if (typeof value[0] === "number") return value.slice();
    return value.map((item) => resolved(item, variable));
  }
  if (value && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, resolved(item, variable)]),
    );
  }
  return value;
}

/**
 * The figure's own layout, over the theme's colours and fonts. Merged here and not left to a Plotly
 * template, which costs a quarter of the drawing time.
 */
export function themedLayout(layout, theme, width, height) {
  const font = { color: theme.text, family: theme.font, size: theme.size };
  const lines = { gridcolor: theme.grid, linecolor: theme.grid, zerolinecolor: theme.grid };
  const axes = {
    x: { automargin: true, showgrid: false, zeroline: false, ...lines },
    y: { automargin: true, ...lines },
  };
  const themed = {
    colorway: ACCENTS,
    margin: { l: 44, r: 12, t: 8, b: 36 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    ...layout,
    font: { ...font, ...layout.font },
    hoverlabel: { bgcolor: theme.panel, bordercolor: theme.grid, font, ...layout.hoverlabel },
    autosize: false,
    width,
    height,
  };
  for (const name of new Set(["xaxis", "yaxis", ...Object.keys(layout)])) {
    if (/^[xy]axis\d*$/.test(name)) themed[name] = { ...axes[name[0]], ...layout[name] };
  }
  return themed;
}
