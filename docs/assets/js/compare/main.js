// Two to four entities of one kind side by side. The address holds them (?ids=ddpm,ncsn), so that a
// comparison is a link and the back button works.

import { node } from "../explorer/dom.js";
import { download } from "../explorer/exports.js";
import { FORMATS } from "./exports.js";
import { numbers } from "./numbers.js";
import { formulas, inline, prose } from "./prose.js";
import { cellText, compare } from "./rows.js";

const MOST = 4;
const PROSE = new Set(["summary", "definition", "not", "forward", "objective", "reverse", "shares", "differs"]);

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
    if (turn !== this.turn) return; // the address changed meanwhile
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
    const rows = compare(records, fields);
    this.rows = rows;
    this.tell(`${rows.filter(({ differs }) => differs).length} of ${rows.length} rows differ.`);
    const only = node("input", { type: "checkbox", checked: Boolean(this.only) });
    const table = this.table(kind, records, known, rows);
    const show = () => table.classList.toggle("only", only.checked);
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

  table(kind, records, known, rows) {
    const root = this.place.dataset.root;
    const heads = records.map(({ id }) =>
      node("th", { scope: "col" }, node("a", { href: `${root}${kind}/${id}/` }, known.get(id))));
    const body = rows.map(({ field, values, cells, differs }) =>
      node("tr", { class: differs ? "differs" : "same", "data-field": field },
        node("th", { scope: "row" }, this.label(field), ...(differs ? [node("span", { class: "mark", title: "differs" }, " ≠")] : [])),
        ...cells.map((cell, at) => node("td", { "data-label": known.get(records[at].id) }, ...this.cell(field, values[at], cell)))));
    return node("table", { class: "compare side" },
      node("thead", {}, node("tr", {}, node("td", {}), ...heads)), node("tbody", {}, ...body));
  }

  label(field) {
    const own = field.split(".").pop().replaceAll("_", " ");
    return this.about.labels[field] ?? own.charAt(0).toUpperCase() + own.slice(1);
  }

  cell(field, value, text) {
    const [root, head] = [this.place.dataset.root, field.split(".")[0]];
    if (head === "properties" || (PROSE.has(field) && typeof value === "string")) return prose(text);
    if (!Array.isArray(value)) return [text];
    if (value.some((item) => typeof item !== "string")) return value.map((item) => node("p", {}, ...inline(cellText(item))));
    const kind = this.about.references[head];
    return kind
      ? value.flatMap((own, at) => [...(at ? [", "] : []), node("a", { href: `${root}${kind}/${own}/` }, own)])
      : [text];
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
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = label), 1500);
      });
      return button;
    });
  }
}
