// Tables below the figures, and the tabs that choose which are shown.

import {
  element, freshId, list, reconcile, setAttributes, setText, setTone, text,
} from "./dom.js";

const FOLDED_FROM = 8; // rows; see the style sheet for how many of them stay

// A row that says what it `opens` has its first cell as a button.

export class Tables {
  constructor(outbox) {
    this.outbox = outbox;
    this.tabs = element("div", "stage-tabs", { role: "tablist", hidden: "" });
    this.panel = element("div", "stage-tables", { id: freshId() });
    this.node = element("section", "stage-details", {}, this.tabs, this.panel);
    this.tabs.addEventListener("keydown", (event) => this.step(event));
  }

  drawTabs(view) {
    const options = list(view?.options);
    this.tabs.hidden = options.length === 0;
    setAttributes(this.panel, { role: options.length ? "tabpanel" : null });
    if (!options.length) return setAttributes(this.panel, { "aria-labelledby": null });
    this.key = text(view.key);
    setAttributes(this.tabs, { "aria-label": text(view.label) || null });
    reconcile(
      this.tabs,
      options,
      () => {
        const tab = element("button", "stage-tab", {
          type: "button", role: "tab", id: freshId(), "aria-controls": this.panel.id,
        });
        tab.addEventListener("click", () => this.choose(tab));
        return tab;
      },
      (tab, option) => {
        tab.choice = option.value;
        setText(tab, option.label ?? option.value);
      },
      (option) => option.value,
    );
    if (!this.outbox.owes(this.key)) this.mark(text(view.value));
  }

  mark(value) {
    const tabs = [...this.tabs.children];
    const chosen = tabs.find((tab) => text(tab.choice) === value);
    for (const tab of tabs) {
      setAttributes(tab, {
        "aria-selected": String(tab === chosen),
        tabindex: tab === (chosen ?? tabs[0]) ? "0" : "-1",
      });
    }
    setAttributes(this.panel, { "aria-labelledby": chosen?.id ?? null });
  }

  choose(tab) {
    if (tab.getAttribute("aria-selected") === "true") return;
    this.mark(text(tab.choice));
    this.outbox.push(this.key, tab.choice, "commit", true);
  }

  step(event) {
    const tabs = [...this.tabs.children];
    const at = tabs.indexOf(document.activeElement);
    const goals = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    if (at < 0 || !Object.hasOwn(goals, event.key)) return;
    event.preventDefault();
    const tab = tabs[(goals[event.key] + tabs.length) % tabs.length];
    tab.focus();
    this.choose(tab);
  }

  drawTables(items) {
    const tables = list(items);
    reconcile(this.panel, tables, () => makeTable(this.outbox), (node, table) => {
      const json = JSON.stringify(table);
      if (node.json === json) return;
      node.json = json;
      node.update(table);
    });
    this.panel.hidden = tables.length === 0;
  }
}

function makeTable(outbox) {
  const caption = element("caption", "stage-caption", { id: freshId() });
  const [head, body, foot] = ["thead", "tbody", "tfoot"].map((tag) => element(tag));
  const headings = element("tr");
  const sums = element("tr");
  head.append(headings);
  foot.append(sums);
  const table = element("table", "stage-table", {}, caption, head, body, foot);
  const unfold = element("button", "stage-button stage-unfold-rows", { type: "button", "aria-expanded": "false" });
  unfold.addEventListener("click", () => fold(unfold.getAttribute("aria-expanded") === "true"));
  const node = element("div", "stage-table-scroll", {
    tabindex: "0", role: "region", "aria-labelledby": caption.id,
  }, table, unfold);
  // A long table is folded on a phone: its first rows are there, those of the selected item, and what changed.
  let count = 0;
  const fold = (isFolded) => {
    node.classList.toggle("stage-is-folded", isFolded && count > FOLDED_FROM);
    unfold.hidden = count <= FOLDED_FROM;
    setAttributes(unfold, { "aria-expanded": String(!isFolded) });
    setText(unfold, isFolded ? `Show all ${count} rows` : "Show fewer rows");
  };
  node.update = (now) => {
    const columns = list(now.columns);
    setText(caption, now.caption);
    drawCells(headings, columns.map((column) => column.label), columns, "th", { scope: "col" });
    const heads = JSON.stringify(columns);
    reconcile(body, list(now.rows), () => makeRow(outbox), (row, item) => row.update(item, columns, heads));
    foot.hidden = !Array.isArray(now.foot) || now.foot.length === 0;
    drawCells(sums, foot.hidden ? [] : now.foot, columns, "td");
    count = now.folds === true ? list(now.rows).length : 0;
    fold(unfold.getAttribute("aria-expanded") !== "true");
  };
  return node;
}

function makeRow(outbox) {
  const row = element("tr");
  row.update = (item, columns, heads) => {
    // Of a thousand rows a move changes few.
    const said = heads + JSON.stringify(item);
    if (row.said === said) return;
    row.said = said;
    const tone = setTone(row, item.tone);
    row.classList.toggle("stage-is-lit", item.lit === true);
    row.classList.toggle("stage-is-dim", item.dim === true);
    row.classList.toggle("stage-is-selected", item.selected === true);
    const cells = Array.isArray(item.cells) ? item.cells : [];
    drawCells(row, cells, columns, "td");
    const first = row.firstElementChild;
    if (!first) return;
    const spoken = [item.tone === "ok" ? "" : tone.word, item.lit ? "changed" : ""];
    const mark = item.tone === "ok" ? "" : tone.mark;
    if (mark) first.prepend(element("span", "stage-mark", { "aria-hidden": "true" }, mark));
    const words = spoken.filter(Boolean).join(", ");
    if (words) first.append(element("span", "stage-unseen", {}, ` (${words})`));
    if (!item.opens) return;
    const button = element("button", "stage-opens", { type: "button" }, ...first.childNodes);
    button.append(element("span", "stage-unseen", {}, " open"));
    button.addEventListener("click", () => outbox.push("select", text(item.opens), "commit", true));
    first.replaceChildren(button);
  };
  return row;
}

function drawCells(row, values, columns, tag, attributes = {}) {
  const cells = values.map((value, index) => ({ value, align: columns[index]?.align }));
  reconcile(
    row,
    cells,
    () => element(tag, "", attributes),
    (cell, { value, align }) => {
      setText(cell, value);
      cell.classList.toggle("stage-right", align === "right");
    },
    () => "",
  );
}
