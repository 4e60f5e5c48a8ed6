// Two to four entities of one kind side by side. The address holds them (?ids=ddpm,ncsn), so that a
// comparison is a link and the back button works.

import { copy } from "../explorer/copying.js";
import { node } from "../explorer/dom.js";
import { download } from "../explorer/exports.js";
import { FORMATS } from "./exports.js";
import { numbers } from "./numbers.js";
import { formulas, inline, prose } from "./prose.js";
import { cellText, compare, isEmpty } from "./rows.js";

const MOST = 4;
const PROSE = new Set(["summary", "definition", "not", "forward", "objective", "reverse", "shares", "differs"]);
const HEADS = new Set(["name", "title"]); // they head the columns: no rows of their own
const NOTES = new Set(["bridges", "addressed_by"]); // on papers
const LONG = 260; // characters of a cell; what is longer folds below the table

/** Is a row text to be read, rather than a value to be looked up? */
const isLong = ({ field, values, cells }) =>
  (PROSE.has(field) ? field !== "summary" : values.some((value) => Array.isArray(value) && typeof value[0] === "object"))
  && cells.some((cell) => cell.length > LONG || cell.includes("$$") || /^\s*\|/m.test(cell));

export async function mount(place, signal) {
  const get = async (path) => {
    const response = await fetch(`${place.dataset.root}${path}`, { signal });
    if (!response.ok) throw new Error(`cannot load ${path}: ${response.status}`);
    return response.json();
  };
  const about = await get(place.dataset.about);
  if (!signal.aborted) new Comparison(place, about, get).start(signal);
}

class Comparison {
  constructor(place, about, get) {
    Object.assign(this, { place, about, get, lists: new Map(), turn: 0 });
    this.standing = [...place.childNodes]; // what stands there without scripts: the three frameworks
    this.kind = node("select", { "aria-label": "Kind" },
      ...Object.entries(about.kinds).map(([kind, { many }]) => node("option", { value: kind }, many)));
    this.names = node("datalist", { id: "compare-names" });
    this.input = node("input", { type: "text", list: "compare-names", autocomplete: "off", "aria-label": "Add to the comparison", placeholder: "name or id" });
    const add = node("button", { type: "submit" }, "Add");
    this.form = node("form", { class: "compare-add" }, this.kind, this.input, this.names, add);
    this.status = node("p", { class: "count", role: "status" });
    this.body = node("div", {});
    place.replaceChildren(this.form, this.status, this.body);
    this.kind.addEventListener("change", () => this.go([], this.kind.value));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.add(this.input.value.trim());
    });
  }

  start(signal) {
    this.place.addEventListener("return", () => this.read(), { signal });
    return this.read();
  }

  /** Names by id of a kind's entities. */
  async list(kind) {
    if (!this.lists.has(kind)) {
      const listed = await this.get(`api/v1/${kind}.json`);
      this.lists.set(kind, new Map(listed.map(({ id, name }) => [id, name])));
    }
    return this.lists.get(kind);
  }

  /** Has the names of what the records name. */
  async listNamed(kind, records) {
    const fields = records.flatMap((record) => Object.keys(record).filter((field) => !isEmpty(record[field])));
    const kinds = fields.map((field) => (NOTES.has(field) ? "papers" : this.about.references[field]));
    await Promise.all([...new Set(kinds)].filter(Boolean).map((own) => this.list(own)));
  }

  /** The first kind that has all ids, or the one that is asked for or stands before the ids. */
  async kindOf(ids, asked) {
    if (asked in this.about.kinds || !ids.length) return asked in this.about.kinds ? asked : "frameworks";
    let most = ["frameworks", -1];
    for (const kind of Object.keys(this.about.kinds)) {
      const known = await this.list(kind);
      const fitting = ids.filter((own) => known.has(own)).length;
      if (fitting === ids.length) return kind;
      if (fitting > most[1]) most = [kind, fitting];
    }
    return most[0];
  }

  go(ids, kind, replace = false) {
    const address = new URL(location.href);
    const query = [ids.length ? `ids=${ids.map(encodeURIComponent).join(",")}` : "", kind === "frameworks" ? "" : `kind=${kind}`];
    address.search = query.filter(Boolean).join("&");
    history[replace ? "replaceState" : "pushState"](null, "", address);
    return this.read();
  }

  add(typed) {
    const known = [...(this.lists.get(this.kind.value) ?? [])];
    const found = known.find(([own, name]) => [own, name].some((text) => text.toLowerCase() === typed.toLowerCase()));
    if (!typed) return;
    if (!found) this.tell(`No entry of this kind is called “${typed}”: choose one of the suggestions.`);
    else if (this.ids.includes(found[0])) this.tell(`${found[1]} is already here.`);
    else if (this.ids.length >= MOST) this.tell(`No more than ${MOST} fit side by side: remove one first.`);
    else {
      this.input.value = "";
      this.go([...this.ids, found[0]], this.kind.value);
    }
  }

  tell(message) {
    this.status.textContent = message;
  }

  /** Shows what the address asks for. A page that is left while it loads is no error. */
  read() {
    return this.load().catch((error) => {
      if (error.name !== "AbortError") this.tell(`This comparison cannot be shown (${error.message}). Load the page again.`);
    });
  }

  async load() {
    const turn = ++this.turn;
    const query = new URLSearchParams(location.search);
    const given = (query.get("ids") ?? "").split(",").map((own) => own.trim()).filter(Boolean);
    const prefixed = given.find((own) => own.includes("/"))?.split("/")[0];
    const ids = [...new Set(given.map((own) => own.slice(own.lastIndexOf("/") + 1)))];
    const kind = await this.kindOf(ids, query.get("kind") ?? prefixed);
    const known = await this.list(kind);
    const records = await Promise.all(
      ids.filter((own) => known.has(own)).slice(0, MOST).map((own) => this.get(`api/v1/${kind}/${own}.json`)),
    );
    if (JSON.stringify(records).includes("$")) {
      this.math ??= this.get(this.place.dataset.formulas).then((known) => Object.assign(formulas, known));
      await this.math;
    }
    await this.listNamed(kind, records);
    if (turn !== this.turn) return; // the address changed meanwhile
    this.shown = kind;
    const unknown = ids.filter((own) => !known.has(own));
    this.ids = records.map(({ id }) => id);
    this.kind.value = kind;
    this.names.replaceChildren(...[...known].map(([own, name]) => node("option", { value: name, label: own })));
    await this.draw(kind, records, known, unknown, ids.length - unknown.length);
  }

  async draw(kind, records, known, unknown, fitting) {
    const { one, many, fields } = this.about.kinds[kind];
    const wrong = [
      ...unknown.map((own) => `there is no ${one.toLowerCase()} “${own}”`),
      ...(fitting > MOST ? [`only the first ${MOST} of ${fitting} are shown`] : []),
    ];
    const warning = wrong.length
      ? [node("p", { class: "note", role: "alert" }, `Of this link: ${wrong.join("; ")}. Add what you mean above.`)] : [];
    const chosen = node("ul", { class: "inline compared", "aria-label": "Compared" },
      ...this.ids.map((own) => node("li", {}, this.remover(own, known.get(own), kind))));
    if (records.length < 2) {
      const plain = !records.length && !unknown.length && kind === "frameworks";
      this.tell(records.length ? "Add one more to compare with." : `Add two to four ${many.toLowerCase()}.`);
      this.body.replaceChildren(...warning, chosen, ...(plain ? this.standing : []));
      return;
    }
    this.rows = compare(records, fields);
    const rows = this.rows.filter(({ field }) => !HEADS.has(field));
    this.tell(`${rows.filter(({ differs }) => differs).length} of ${rows.length} rows differ.`);
    const only = node("input", { type: "checkbox", checked: Boolean(this.only) });
    const long = rows.filter(isLong);
    const table = this.table(kind, records, known, rows.filter((row) => !long.includes(row)));
    const folded = long.map((row) => this.folded(records, known, row));
    const show = () => [table, ...folded].forEach((part) => part.classList.toggle("only", only.checked));
    only.addEventListener("change", () => {
      this.only = only.checked;
      show();
    });
    show();
    const { turn } = this;
    const told = await numbers(this, kind, this.ids, known).catch((error) => {
      if (error.name === "AbortError") throw error;
      return [node("p", { class: "note", role: "alert" }, `What was measured and reported could not be loaded (${error.message}).`)];
    });
    if (turn !== this.turn) return; // a later comparison stands there
    this.body.replaceChildren(
      ...warning, chosen,
      node("p", { class: "actions" }, node("label", {}, only, " Only rows that differ"), this.exporting(), ...this.copies(kind)),
      node("section", { class: "scroll", tabIndex: 0, "aria-label": "Comparison" }, table),
      ...(folded.length ? [node("h2", { id: "full" }, "In full"), ...folded] : []),
      ...told,
    );
    this.place.dispatchEvent(new CustomEvent("formulas", { bubbles: true }));
  }

  remover(own, name, kind) {
    const button = node("button", { type: "button", "aria-label": `Remove ${name}` }, `${name} ×`);
    button.addEventListener("click", async () => {
      await this.go(this.ids.filter((other) => other !== own), kind);
      this.input.focus();
    });
    return button;
  }

  /** What one reads, not looks up: below each other where formulas or tables need the width. */
  folded(records, known, { field, values, cells, differs }) {
    const sides = node("div", { class: "sides" }, ...records.map(({ id }, at) =>
      node("section", {}, node("h3", {}, known.get(id)),
        ...(cells[at] ? this.cell(field, values[at], cells[at]) : [node("p", { class: "note" }, "The catalog does not say.")]))));
    const fold = node("details", { class: `long ${differs ? "differs" : "same"}`, "data-field": field },
      node("summary", {}, ...this.label(field, differs)), sides);
    fold.addEventListener("toggle", async () => {
      await document.fonts.ready;
      const cut = (part) => part.scrollWidth > part.clientWidth;
      sides.classList.remove("stacked");
      sides.classList.toggle("stacked", [...sides.querySelectorAll(".formula, .scroll")].some(cut));
      this.place.dispatchEvent(new CustomEvent("formulas", { bubbles: true }));
    });
    return fold;
  }

  table(kind, records, known, rows) {
    const root = this.place.dataset.root;
    const heads = records.map(({ id }) =>
      node("th", { scope: "col" }, node("a", { href: `${root}${kind}/${id}/` }, known.get(id))));
    const body = rows.map(({ field, values, cells, differs }) =>
      node("tr", { class: differs ? "differs" : "same", "data-field": field },
        node("th", { scope: "row" }, ...this.label(field, differs)),
        ...cells.map((cell, at) => node("td", { "data-label": known.get(records[at].id) }, ...this.cell(field, values[at], cell)))));
    return node("table", { class: "compare side" },
      node("thead", {}, node("tr", {}, node("td", {}), ...heads)), node("tbody", {}, ...body));
  }

  label(field, differs) {
    const own = field.split(".").pop().replaceAll("_", " ");
    const label = this.about.labels[field] ?? own.charAt(0).toUpperCase() + own.slice(1);
    return [label, ...(differs ? [node("span", { class: "mark", title: "differs" }, " ≠")] : [])];
  }

  cell(field, value, text) {
    const head = field.split(".")[0];
    if (head === "properties" || (PROSE.has(field) && typeof value === "string")) return prose(text);
    if (!Array.isArray(value)) return [text];
    if (value.some((item) => typeof item !== "string")) return value.map((item) => node("p", {}, ...this.note(item)));
    const kind = this.refers(head);
    const comma = kind === "papers" ? "; " : ", "; // titles have commas of their own
    return kind ? value.flatMap((own, at) => [...(at ? [comma] : []), this.link(kind, own)]) : [text];
  }

  /** The kind of the entities that a field names. */
  refers(head) {
    return head === "broader" ? this.shown : this.about.references[head];
  }

  link(kind, own) {
    return node("a", { href: `${this.place.dataset.root}${kind}/${own}/` }, this.lists.get(kind)?.get(own) ?? own);
  }

  /** What is said of another entity of the kind, or of a paper. */
  note(item) {
    const [kind, own] = item?.to ? [this.shown, item.to] : ["papers", item?.paper];
    return own ? [this.link(kind, own), ...inline(item.how ? `: ${item.how}` : "")] : inline(cellText(item));
  }

  exporting() {
    const select = node("select", {}, node("option", { value: "" }, "…"),
      ...[["csv", "CSV"], ["json", "JSON"], ["markdown", "Markdown"], ["latex", "LaTeX"]]
        .map(([value, label]) => node("option", { value }, label)));
    select.addEventListener("change", () => {
      const format = FORMATS[select.value];
      select.value = "";
      if (format) download(format.name, format.make(this.ids, this.only ? this.rows.filter(({ differs }) => differs) : this.rows));
    });
    return node("label", {}, "Export ", select);
  }

  copies(kind) {
    const named = this.ids.map((own) => JSON.stringify(own)).join(", ");
    const texts = [
      ["Copy as Python", `diffatlas.load().compare(${named}, kind="${kind}")`],
      ["Copy as shell command", `diffatlas compare ${this.ids.join(" ")} --kind ${kind}`],
    ];
    return texts.map(([label, text]) => {
      const button = node("button", { type: "button" }, label);
      button.addEventListener("click", () => copy(button, label, text));
      return button;
    });
  }
}
