// The explorer: filter box, facets, table and exports. The filter's text is the state, and the
// address bar holds it, so that a view is a link and the back button works.

import { Engine, needsTexts } from "./engine.js";
import { FORMATS, asPython, asShell, day, download } from "./exports.js";
import { Facets } from "./facets.js";
import { FilterError } from "./filters.js";
import { marked } from "./marked.js";
import { normalize } from "./text.js";
import { tryParse } from "./terms.js";
import { VIEWS, tabs } from "./views.js";

const STEP = 100; // rows of the table before "show more"
const SORTS = { title: (d, r) => d.title[r].toLowerCase(), date: (d, r) => d.submitted[r] || d.year[r] * 10000 };

const make = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html; // markup of ours alone; catalog text enters as text nodes
  return template.content.firstElementChild;
};

const LAYOUT = `<div class="explorer">
  <form class="ask" role="search"><label for="explorer-filter">Filter</label>
    <input id="explorer-filter" type="search" autocomplete="off" spellcheck="false" placeholder='framework:sde task:inpainting year:2021.. has:code "score matching"'>
    <button type="submit">Apply</button></form>
  <p class="problem" role="alert" hidden></p>
  <div class="bar"><p class="found" role="status" aria-live="polite"></p>
    <div class="actions"></div></div>
  <nav class="views" aria-label="Views"></nav>
  <div class="split"><div class="side"></div><div class="main"></div></div></div>`;

// What it listens to beyond `place` ends with `signal`.
export async function mount(place, signal) {
  const { columns, texts, root } = place.dataset;
  const response = await fetch(columns, { signal });
  if (!response.ok) throw new Error(`${columns}: ${response.status}`);
  return new Explorer(place, new Engine(await response.json()), texts, root, signal);
}

class Explorer {
  constructor(place, engine, texts, root, signal) {
    Object.assign(this, { engine, texts, root, selected: new Set(), opened: new Set(), shown: STEP });
    this.view = make(LAYOUT);
    this.input = this.view.querySelector("input");
    this.facets = new Facets(engine, (filter) => this.go({ filter }));
    this.view.querySelector(".side").append(this.facets.element);
    this.view.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.go({ filter: this.input.value });
    });
    let waiting;
    this.input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.go({ filter: this.input.value }, true), 180);
    });
    this.view.querySelector(".actions").append(...this.actions());
    this.table = this.makeTable();
    this.place = this.view.querySelector(".main");
    place.replaceChildren(this.view);
    addEventListener("popstate", () => this.read(), { signal });
    this.read();
  }

  // -- state in the address bar ----------------------------------------------------------------

  read() {
    const given = new URLSearchParams(location.search);
    this.filter = given.get("filter") ?? "";
    const [key, order] = (given.get("sort") ?? "date-").split(/(?=-$)/);
    this.sort = key in SORTS ? { key, down: order === "-" } : { key: "date", down: true };
    this.shape = Object.hasOwn(VIEWS, given.get("view") ?? "") ? given.get("view") : "table";
    [this.across, this.down] = [given.get("columns") ?? "", given.get("rows") ?? ""];
    this.input.value = this.filter;
    this.shown = STEP;
    this.update();
  }

  /** Change the view; `typing` replaces the entry of the history instead of adding one. */
  go(change, typing = false) {
    const address = this.address(change);
    Object.assign(this, change);
    this.shown = STEP;
    history[typing ? "replaceState" : "pushState"](null, "", address);
    if (!typing) this.input.value = this.filter;
    this.update();
  }

  /** Where the view stands after a change. */
  address(change) {
    const { filter, sort, shape, across, down } = { ...this, ...change };
    const query = new URLSearchParams();
    if (filter) query.set("filter", filter);
    const order = `${sort.key}${sort.down ? "-" : ""}`;
    if (order !== "date-") query.set("sort", order);
    if (shape !== "table") query.set("view", shape);
    if (shape === "matrix" && down) query.set("rows", down);
    if (shape === "matrix" && across) query.set("columns", across);
    return `${location.pathname}${query.size ? `?${query}` : ""}`;
  }

  async update() {
    const { filter } = this;
    if (needsTexts(filter)) await this.loadTexts();
    if (filter !== this.filter) return; // another one was typed meanwhile
    const problem = this.view.querySelector(".problem");
    try {
      this.rows = this.engine.rows(filter);
      problem.hidden = true;
      this.input.removeAttribute("aria-invalid");
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      problem.textContent = `${error.message[0].toUpperCase()}${error.message.slice(1)}`;
      problem.hidden = false;
      this.input.setAttribute("aria-invalid", "true");
      return; // the last answer stays until the filter is understood
    }
    const count = this.rows.length;
    this.view.querySelector(".found").textContent = `${count.toLocaleString("en")} ${count === 1 ? "paper" : "papers"} of ${this.engine.size.toLocaleString("en")}`;
    this.facets.draw(filter);
    this.view.querySelector(".views").replaceChildren(...tabs(this));
    await this.draw();
  }

  async draw() {
    const { shape, rows } = this;
    const drawn = await VIEWS[shape].draw(this);
    if (shape === this.shape && rows === this.rows) this.place.replaceChildren(...drawn);
  }

  async loadTexts() {
    this.loading ??= fetch(this.texts).then(async (answer) => {
      if (!answer.ok) throw new Error(`${this.texts}: ${answer.status}`);
      this.engine.addTexts(await answer.json());
    });
    return this.loading;
  }

  // -- table -----------------------------------------------------------------------------------

  makeTable() {
    const table = make(
      '<table class="papers found-papers"><thead><tr><th scope="col"><span class="visually-hidden">Chosen</span></th>'
      + '<th scope="col" data-key="title">Paper</th><th scope="col" class="num" data-key="date">Date</th>'
      + '<th scope="col">Framework</th><th scope="col" class="wide">Tasks</th></tr></thead><tbody></tbody></table>',
    );
    for (const head of table.querySelectorAll("th[data-key]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => {
        const { key } = head.dataset;
        const down = this.sort.key === key ? !this.sort.down : key === "date";
        this.go({ sort: { key, down } });
      });
      head.append(button);
    }
    return table;
  }

  ordered() {
    const { key, down } = this.sort;
    const value = SORTS[key];
    const keyed = this.rows.map((row) => [value(this.engine.data, row), row]);
    keyed.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]) * (down ? -1 : 1));
    return keyed.map((pair) => pair[1]);
  }

  drawTable() {
    for (const head of this.table.querySelectorAll("th[data-key]")) {
      if (head.dataset.key === this.sort.key) head.setAttribute("aria-sort", this.sort.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    const words = this.words();
    const rows = this.ordered();
    const drawn = rows.slice(0, this.shown).flatMap((row) => this.row(row, words));
    this.table.tBodies[0].replaceChildren(...drawn);
    return [this.table, ...this.more(rows.length)];
  }

  /** The button that shows more of a long list, if it is longer than what is shown. */
  more(length) {
    if (length <= this.shown) return [];
    const more = make('<p class="more"><button type="button"></button></p>');
    more.firstChild.textContent = `Show ${Math.min(STEP * 5, length - this.shown)} more`;
    more.firstChild.addEventListener("click", () => {
      this.shown += STEP * 5;
      this.draw();
    });
    return [more];
  }

  /** The phrases of free text, to be marked in titles. */
  words() {
    const free = (tryParse(this.filter) ?? []).filter((t) => !t.negated && (t.field === null || t.field === "title"));
    return free.flatMap((term) => term.values.map((value) => normalize(value.text))).filter(Boolean);
  }

  row(row, words) {
    const { data } = this.engine;
    const line = make(
      '<tr><td><input type="checkbox"></td><td><button type="button" class="fold">▸</button> <a></a> <small></small></td>'
      + '<td class="num"></td><td></td><td class="wide"></td></tr>',
    );
    const [box, fold, link] = [line.querySelector("input"), line.querySelector(".fold"), line.querySelector("a")];
    const title = data.title[row];
    box.checked = this.selected.has(row);
    box.setAttribute("aria-label", `Choose ${title}`);
    box.addEventListener("change", () => (box.checked ? this.selected.add(row) : this.selected.delete(row)));
    link.href = `${this.root}papers/${data.id[row]}/`;
    link.append(...marked(title, words));
    line.querySelector("small").textContent = data.by[row];
    line.children[2].textContent = (day(data.submitted[row]) || String(data.year[row])).slice(0, 7);
    line.children[3].append(...this.chips("frameworks", row, 3));
    line.children[4].append(...this.chips("tasks", row, 4));
    const open = this.opened.has(row);
    fold.textContent = open ? "▾" : "▸";
    fold.setAttribute("aria-expanded", String(open));
    fold.setAttribute("aria-label", `What ${title} is about`);
    fold.addEventListener("click", async () => {
      await this.loadTexts();
      if (!this.opened.delete(row)) this.opened.add(row);
      await this.draw();
      this.table.querySelector(`[data-row="${row}"] .fold`)?.focus();
    });
    line.dataset.row = row;
    return open ? [line, this.opening(row)] : [line];
  }

  chips(facet, row, most) {
    const { data } = this.engine;
    const own = data[facet][row];
    const shown = own.slice(0, most).map((at) => data.terms[facet].names[at]);
    return [own.length > most ? `${shown.join(", ")}, …` : shown.join(", ")];
  }

  opening(row) {
    const { data } = this.engine;
    const line = make('<tr class="opened"><td></td><td colspan="4"><p></p><p class="small"></p></td></tr>');
    const [summary, facts] = line.querySelectorAll("p");
    summary.textContent = data.summary[row] || "No summary yet.";
    for (const facet of ["conditions", "datasets", "architectures"]) {
      const [names] = this.chips(facet, row, 12);
      if (names) facts.append(`${data.labels[facet]}: ${names}. `);
    }
    for (const url of data.code[row]) {
      if (!/^https?:\/\//.test(url)) continue;
      const link = make('<a rel="noopener"></a>');
      link.href = url;
      link.textContent = "Code";
      facts.append(link, " ");
    }
    return line;
  }

  // -- taking away -----------------------------------------------------------------------------

  actions() {
    const menu = make(
      '<label class="take">Export <select><option value="">…</option><option value="csv">CSV</option><option value="json">JSON</option>'
      + '<option value="bibtex">BibTeX</option><option value="markdown">Markdown</option><option value="latex">LaTeX</option></select></label>',
    );
    const select = menu.querySelector("select");
    select.addEventListener("change", async () => {
      const format = FORMATS[select.value];
      select.value = "";
      if (!format) return;
      await this.loadTexts();
      const chosen = this.rows.filter((row) => this.selected.has(row));
      download(format.name, format.make(this.engine, chosen.length ? chosen : this.rows));
    });
    const copies = [["Copy as Python", asPython], ["Copy as shell command", asShell]].map(([name, text]) => {
      const button = make('<button type="button"></button>');
      button.textContent = name;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text(this.filter));
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = name), 1500);
      });
      return button;
    });
    return [menu, ...copies];
  }
}
