// The explorer: filter box, facets, table and exports. The filter's text is the state, and the
// address bar holds it, so that a view is a link and the back button works.

import { copy } from "./copying.js";
import { redraw } from "./dom.js";
import { Engine } from "./engine.js";
import { FORMATS, asPython, asShell, download } from "./exports.js";
import { Facets } from "./facets.js";
import { FilterError } from "./filters.js";
import { draw as drawNone } from "./none.js";
import { CHOICE, STANDARD, Table, sortValue } from "./table.js";
import { normalize } from "./text.js";
import { tryParse } from "./terms.js";
import { VIEWS, tabs } from "./views.js";

const STEP = 50; // rows of the table before "show more"

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
  const { columns, names, texts, relations, root } = place.dataset;
  const response = await fetch(columns, { signal });
  if (!response.ok) throw new Error(`${columns}: ${response.status}`);
  return new Explorer(place, new Engine(await response.json()), { files: { names, texts }, relations, root }, signal);
}

class Explorer {
  constructor(place, engine, addresses, signal) {
    Object.assign(this, addresses, { engine, selected: new Set(), opened: new Set(), orders: new Map(), asked: {}, shown: STEP });
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
      waiting = setTimeout(() => {
        // Instant navigation has the next page's address before its content.
        if (location.pathname === place.dataset.at) this.go({ filter: this.input.value }, true);
      }, 180);
    });
    signal.addEventListener("abort", () => clearTimeout(waiting));
    this.view.querySelector(".actions").append(...this.actions());
    this.table = new Table(this);
    this.place = this.view.querySelector(".main");
    place.replaceChildren(this.view);
    place.addEventListener("return", () => this.read(), { signal });
    this.read();
    // The first picture needs few names; those of the others are asked for once somebody is at work here.
    for (const sign of ["pointerover", "focusin"]) {
      this.view.addEventListener(sign, () => this.need("names").catch(() => {}), { once: true });
    }
  }

  // -- state in the address bar ----------------------------------------------------------------

  read() {
    const given = new URLSearchParams(location.search);
    this.filter = given.get("filter") ?? "";
    const [key, order] = (given.get("sort") ?? "date-").split(/(?=-$)/);
    this.sort = ["title", "date", ...CHOICE].includes(key) ? { key, down: order === "-" } : { key: "date", down: true };
    const shown = given.get("show")?.split(",").filter((name) => CHOICE.includes(name));
    this.columns = shown ?? STANDARD;
    this.shape = Object.hasOwn(VIEWS, given.get("view") ?? "") ? given.get("view") : "table";
    [this.across, this.down] = [given.get("columns") ?? "", given.get("rows") ?? ""];
    this.input.value = this.filter;
    this.shown = STEP;
    return this.update();
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
    const { filter, sort, shape, across, down, columns } = { ...this, ...change };
    const query = new URLSearchParams();
    if (filter) query.set("filter", filter);
    const order = `${sort.key}${sort.down ? "-" : ""}`;
    if (order !== "date-") query.set("sort", order);
    if (columns.join() !== STANDARD.join()) query.set("show", columns.join());
    if (shape !== "table") query.set("view", shape);
    if (shape === "matrix" && down) query.set("rows", down);
    if (shape === "matrix" && across) query.set("columns", across);
    return location.pathname + String(query).replace(/^(?=.)/, "?");
  }

  async update() {
    const { filter } = this;
    try {
      await this.need(...this.engine.needs(filter));
      if (filter !== this.filter) return; // another one was typed meanwhile
      this.rows = this.engine.rows(filter);
      this.answered = filter;
      this.view.querySelector(".problem").hidden = true;
      this.input.removeAttribute("aria-invalid");
    } catch (error) {
      if (filter !== this.filter) return;
      this.complain(error);
      // The last answer stays until the filter is understood; before there is one, all papers are there.
      this.rows ??= this.engine.rows((this.answered = ""));
    }
    this.facets.draw(this.answered);
    redraw(this.view.querySelector(".views"), tabs(this));
    if (!(await this.draw())) return; // what stands there is not this answer
    const count = this.rows.length;
    this.view.querySelector(".found").textContent = `${count.toLocaleString("en")} ${count === 1 ? "paper" : "papers"} of ${this.engine.size.toLocaleString("en")}`;
  }

  /**
   * Draw the view; `wanted` is the key of what has the focus then, if the focus is in the view. True
   * if it stands there; what is no longer asked for is not drawn, nor is its failure told.
   */
  async draw(wanted) {
    const { shape, rows } = this;
    const late = () => shape !== this.shape || rows !== this.rows;
    try {
      const drawn = await (rows.length ? VIEWS[shape].draw(this) : drawNone(this));
      if (late()) return false;
      redraw(this.place, drawn, this.view.querySelector(".views [aria-current]"), wanted);
      return true;
    } catch (error) {
      if (!late()) this.complain(error);
      return false;
    }
  }

  /** Say what is wrong with the filter, or that a file could not be fetched. */
  complain(error) {
    const problem = this.view.querySelector(".problem");
    if (error instanceof FilterError) {
      problem.textContent = `${error.message[0].toUpperCase()}${error.message.slice(1)}`;
      this.input.setAttribute("aria-invalid", "true");
    } else {
      console.error(error);
      problem.textContent = `This could not be loaded (${error.message}). Try again in a moment.`;
    }
    problem.hidden = false;
  }

  /** Do what may fail, and say so if it does; what is wrong with the filter stays told. */
  attempt(work) {
    this.view.querySelector(".problem").hidden = !this.input.hasAttribute("aria-invalid");
    return work().catch((error) => this.complain(error));
  }

  /** Have "names" or "texts" there: what the first file leaves out. Each is fetched once. */
  async need(...files) {
    await Promise.all(files.map((file) => (this.asked[file] ??= this.fetched(file))));
  }

  async fetched(file) {
    try {
      const answer = await fetch(this.files[file]);
      if (!answer.ok) throw new Error(`${this.files[file]}: ${answer.status}`);
      this.engine.add(file, await answer.json());
    } catch (error) {
      delete this.asked[file]; // the next look tries again
      throw error;
    }
  }

  // -- what the views share --------------------------------------------------------------------

  /** Papers, if not others those of the view, in the order asked for. All are sorted once a key. */
  ordered(rows = this.rows) {
    const { key, down } = this.sort;
    if (!this.orders.has(key)) {
      const value = sortValue(this.engine.data, key);
      const keyed = this.engine.data.year.map((_, row) => [value(row), row]);
      keyed.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]));
      this.orders.set(key, keyed.map((pair) => pair[1]));
    }
    const inside = new Uint8Array(this.engine.size);
    for (const row of rows) inside[row] = 1;
    const found = this.orders.get(key).filter((row) => inside[row]);
    return down ? found.reverse() : found;
  }

  /** The button that shows more of a long list, if it is longer than what is shown. */
  more(rows) {
    const { length } = rows;
    if (length <= this.shown) return [];
    const more = make('<p class="more"><button type="button"></button></p>');
    more.firstChild.textContent = `Show ${Math.min(STEP * 5, length - this.shown)} more`;
    more.firstChild.addEventListener("click", () => {
      const first = rows[this.shown];
      this.shown += STEP * 5;
      this.draw(`paper ${first}`);
    });
    return [more];
  }

  /** The phrases of free text, to be marked in titles. */
  words() {
    const free = (tryParse(this.answered) ?? []).filter((t) => !t.negated && (t.field === null || t.field === "title"));
    return free.flatMap((term) => term.values.map((value) => normalize(value.text))).filter(Boolean);
  }

  select(row, chosen) {
    if (chosen) this.selected.add(row);
    else this.selected.delete(row);
    this.offer();
  }

  // -- taking away -----------------------------------------------------------------------------

  /** How many papers are selected, and a link that is there while they are two to four. */
  selection() {
    const parts = make('<p><span aria-live="polite"></span> <button type="button" aria-label="Clear the selection">Clear</button> <a>Compare the selected</a></p>');
    [this.counted, this.clear, this.compare] = parts.children;
    this.clear.addEventListener("click", () => {
      this.selected.clear();
      this.offer();
      this.draw();
      this.view.querySelector(".views [aria-current]").focus(); // the button is gone
    });
    this.offer();
    return parts.childNodes;
  }

  offer() {
    const { size } = this.selected;
    this.counted.textContent = size ? `${size} selected` : "";
    this.clear.hidden = !size;
    const ids = [...this.selected].map((row) => this.engine.data.id[row]);
    this.compare.hidden = ids.length < 2 || ids.length > 4;
    this.compare.href = `${this.root}compare/?ids=${ids.join(",")}&kind=papers`;
  }

  actions() {
    const menu = make(
      '<label class="take">Export <select><option value="">…</option><option value="csv">CSV</option><option value="json">JSON</option>'
      + '<option value="bibtex">BibTeX</option><option value="markdown">Markdown</option><option value="latex">LaTeX</option></select></label>',
    );
    const select = menu.querySelector("select");
    select.addEventListener("change", () => this.attempt(async () => {
      const asked = select.value;
      select.value = "";
      if (!asked) return;
      await this.need("names", "texts");
      const format = FORMATS[asked];
      const rows = this.ordered(this.selected.size ? this.selected : this.rows);
      download(format.name, format.make(this.engine, rows));
    }));
    const copies = [["Copy as Python", asPython], ["Copy as shell command", asShell]].map(([name, asText]) => {
      const button = make('<button type="button"></button>');
      button.textContent = name;
      button.addEventListener("click", () => copy(button, name, asText(this.filter)));
      return button;
    });
    return [menu, ...copies, ...this.selection()];
  }
}
