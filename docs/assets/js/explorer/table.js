// The table of papers: which columns it has is the reader's choice, and any of them sorts it.

import { node } from "./dom.js";
import { FACETS } from "./filters.js";
import { marked } from "./marked.js";
import { day } from "./text.js";

/** The columns one can choose, and those that are there at first. */
export const CHOICE = [...FACETS, "venue"];
export const STANDARD = ["frameworks", "tasks"];
const MOST = 4; // terms in a cell

const names = (data, facet, row) => data[facet][row].map((at) => data.terms[facet].names[at]);

/** What a column sorts a row by. */
export function sortValue(data, key) {
  if (key === "title") return (row) => data.title[row].toLowerCase();
  if (key === "date") return (row) => data.submitted[row] || data.year[row] * 10000;
  if (key === "venue") return (row) => data.venue[row].toLowerCase();
  return (row) => names(data, key, row).join(", ").toLowerCase();
}

const labelOf = (data, key) => (key === "venue" ? "Venue" : data.labels[key]);

export class Table {
  constructor(explorer) {
    this.explorer = explorer;
  }

  async draw() {
    const { explorer } = this;
    const { data } = explorer.engine;
    const words = explorer.words();
    if (explorer.sort.key === "title") await explorer.need("names");
    const rows = explorer.ordered();
    if (rows.slice(0, explorer.shown).some((row) => data.title[row] === undefined)) await explorer.need("names");
    const body = node("tbody", {}, ...rows.slice(0, explorer.shown).flatMap((row) => this.row(row, words)));
    const table = node("table", { class: "papers found-papers" }, this.head(), body);
    return [this.chooser(), table, ...explorer.more(rows)];
  }

  head() {
    const { sort, columns, engine: { data } } = this.explorer;
    const cell = (key, label, kind = "") => {
      const button = node("button", { type: "button", "data-key": `sort ${key}` }, label);
      button.addEventListener("click", () => {
        const down = sort.key === key ? !sort.down : key === "date";
        this.explorer.go({ sort: { key, down } });
      });
      const order = sort.key === key ? { "aria-sort": sort.down ? "descending" : "ascending" } : {};
      return node("th", { scope: "col", class: kind, "data-key": key, ...order }, button);
    };
    return node("thead", {}, node("tr", {},
      node("th", { scope: "col" }, node("span", { class: "visually-hidden" }, "Chosen")),
      cell("title", "Paper"), cell("date", "Date", "num"),
      ...columns.map((key, at) => cell(key, labelOf(data, key), at ? "wide" : ""))));
  }

  chooser() {
    const { explorer } = this;
    const { columns, engine: { data } } = explorer;
    const boxes = CHOICE.map((key) => {
      const box = node("input", { type: "checkbox", checked: columns.includes(key), "data-key": `column ${key}` });
      box.addEventListener("change", () => {
        this.choosing = true;
        explorer.go({ columns: CHOICE.filter((own) => (own === key ? box.checked : columns.includes(own))) });
      });
      return node("label", {}, box, ` ${labelOf(data, key)}`);
    });
    const chooser = node("details", { class: "columns-shown", open: Boolean(this.choosing) }, node("summary", { "data-key": "columns" }, "Columns"), ...boxes);
    chooser.addEventListener("toggle", () => (this.choosing = chooser.open));
    return chooser;
  }

  row(row, words) {
    const { explorer } = this;
    const { columns, engine: { data } } = explorer;
    const title = data.title[row];
    const box = node("input", { type: "checkbox", checked: explorer.selected.has(row), "aria-label": `Choose ${title}`, "data-key": `choose ${row}` });
    box.addEventListener("change", () => explorer.select(row, box.checked));
    const open = explorer.opened.has(row);
    const fold = node("button", {
      type: "button", class: "fold", "data-key": `fold ${row}`, "aria-expanded": String(open), "aria-label": `What ${title} is about`,
    }, open ? "▾" : "▸");
    fold.addEventListener("click", () => explorer.attempt(async () => {
      await explorer.need("texts");
      if (!explorer.opened.delete(row)) explorer.opened.add(row);
      await explorer.draw();
    }));
    const link = node("a", { href: `${explorer.root}papers/${data.id[row]}/`, "data-key": `paper ${row}` }, ...marked(title, words));
    const line = node("tr", { "data-row": row.toString() },
      node("td", {}, box), node("td", {}, fold, " ", link, " ", node("small", {}, data.by[row])),
      node("td", { class: "num" }, (day(data.submitted[row]) || String(data.year[row])).slice(0, 7)),
      ...columns.map((key, at) => node("td", { class: at ? "wide" : "" }, this.cell(key, row))));
    return open ? [line, this.opening(row)] : [line];
  }

  cell(key, row, most = MOST) {
    const { data } = this.explorer.engine;
    if (key === "venue") return data.venue[row];
    const own = names(data, key, row);
    return own.length > most ? `${own.slice(0, most).join(", ")}, …` : own.join(", ");
  }

  opening(row) {
    const { columns, engine: { data } } = this.explorer;
    const facts = node("p", { class: "small" });
    for (const facet of FACETS) {
      const text = columns.includes(facet) ? "" : this.cell(facet, row, 12);
      if (text) facts.append(`${data.labels[facet]}: ${text}. `);
    }
    for (const url of data.code[row]) {
      if (/^https?:\/\//.test(url)) facts.append(node("a", { href: url, rel: "noopener" }, "Code"), " ");
    }
    return node("tr", { class: "opened" }, node("td"),
      node("td", { colspan: String(2 + columns.length) }, node("p", {}, data.summary[row] || "No summary yet."), facts));
  }
}
