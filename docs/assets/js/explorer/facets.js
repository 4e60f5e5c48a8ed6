// The column of facets: live counts, terms that open into narrower ones, exclusion.

import { node } from "./dom.js";
import { FACETS } from "./filters.js";
import { normalize } from "./text.js";
import { standing, tryParse, withValue, without } from "./terms.js";

const OTHERS = [
  { field: "year", label: "Year" },
  { field: "venue", label: "Venue" },
  { field: "origin", label: "Origin" },
  { field: "has", label: "Has" },
  { field: "provenance", label: "Provenance" },
];
const HAS = ["code", "baseline", "results"];

// "NeurIPS 2020" and "Entropy 25(4), 2023" without what follows the name.
const seriesOf = (venue) => venue.replace(/,?\s+\(?\d.*$/s, "");

export class Facets {
  /** `change(filter)` is called with the filter that a choice makes. */
  constructor(engine, change) {
    this.engine = engine;
    this.change = change;
    // On a narrow screen the papers come first: facets open on demand.
    this.open = new Set(matchMedia("(min-width: 60em)").matches ? ["frameworks", "tasks"] : []);
    this.unfolded = new Set();
    this.element = node("div", { class: "facets", role: "group", "aria-label": "Facets" });
    this.boxes = [...FACETS.map((facet) => ({ field: facet, label: engine.data.labels[facet] })), ...OTHERS].map(
      ({ field, label }) => {
        const body = node("div", { class: "options" });
        const box = node("details", {}, node("summary", {}, label), body);
        box.open = this.open.has(field);
        box.addEventListener("toggle", () => {
          if (box.open) this.open.add(field);
          else this.open.delete(field);
          if (this.filter !== undefined) this.draw(this.filter); // not before there is an answer
        });
        this.element.append(box);
        return { field, body };
      },
    );
  }

  draw(filter) {
    this.filter = filter;
    const terms = tryParse(filter) ?? [];
    for (const { field, body } of this.boxes) {
      if (!this.open.has(field)) continue;
      const active = body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
      const rows = this.engine.rows(without(filter, field));
      const list = FACETS.includes(field) ? this.tree(field, rows, terms) : this.flat(field, rows, terms);
      body.replaceChildren(list);
      if (active) body.querySelector(`[data-key="${CSS.escape(active)}"]`)?.focus();
    }
  }

  option(field, value, label, count, terms, same, extra = []) {
    const state = standing(terms, field, value, same);
    const key = `${field}:${value}`;
    const box = node("input", { type: "checkbox", "data-key": key, checked: state === "in" });
    box.disabled = !count && !state;
    box.addEventListener("change", () =>
      this.change(withValue(this.filter, field, value, box.checked ? "in" : "", same)),
    );
    const not = node("button", {
      type: "button", class: "not", "data-key": `-${key}`, title: "Exclude", "aria-label": `Exclude ${label}`,
      "aria-pressed": String(state === "out"),
    }, "−");
    not.addEventListener("click", () =>
      this.change(withValue(this.filter, field, value, state === "out" ? "" : "out", same)),
    );
    const text = node("label", {}, box, ` ${label} `, node("span", { class: "count" }, String(count)));
    return node("li", { class: `${state} ${count || state ? "" : "none"}` }, ...extra, text, not);
  }

  tree(field, rows, terms) {
    const { engine } = this;
    const vocabulary = engine.vocabularies[field];
    const counts = new Array(vocabulary.ids.length).fill(0);
    const counted = new Int32Array(counts.length).fill(-1); // the last row that counted for a term
    for (const row of rows) {
      for (const own of engine.data[field][row]) {
        for (const term of vocabulary.lineage(own)) {
          if (counted[term] === row) continue;
          counted[term] = row;
          counts[term] += 1;
        }
      }
    }
    const same = (a, b) => vocabulary.resolve(a)[0] === vocabulary.resolve(b)[0];
    const byCount = (a, b) => counts[b] - counts[a] || (vocabulary.names[a] < vocabulary.names[b] ? -1 : 1);
    const chosen = new Set(
      terms.filter((t) => t.field === field).flatMap((t) => t.values.flatMap((v) => vocabulary.resolve(v.text))),
    );
    const item = (at) => {
      const below = vocabulary.children[at].filter((child) => counts[child] || chosen.has(child)).sort(byCount);
      const key = `${field}:${at}`;
      const inside = below.some((child) => chosen.has(child));
      const isOpen = this.unfolded.has(key) || inside;
      const extra = [];
      if (below.length) {
        const toggle = node("button", {
          type: "button", class: "fold", "data-key": `fold ${key}`, "aria-expanded": String(isOpen),
          "aria-label": `Narrower terms of ${vocabulary.names[at]}`,
        }, isOpen ? "▾" : "▸");
        toggle.addEventListener("click", () => {
          if (!this.unfolded.delete(key)) this.unfolded.add(key);
          this.draw(this.filter);
        });
        extra.push(toggle);
      }
      const own = this.option(field, vocabulary.ids[at], vocabulary.names[at], counts[at], terms, same, extra);
      if (below.length && isOpen) own.append(node("ul", {}, ...below.map(item)));
      return own;
    };
    const tops = vocabulary.ids.map((_, at) => at).filter((at) => !vocabulary.parents[at].length);
    // What yields nothing is grey where vocabularies are short, and left out where they are long.
    const shown = tops.filter((at) => counts[at] || chosen.has(at) || tops.length <= 30).sort(byCount);
    return node("ul", {}, ...shown.map(item));
  }

  flat(field, rows, terms) {
    const { data } = this.engine;
    const same = (a, b) => a.toLowerCase() === b.toLowerCase();
    let options;
    if (field === "year") {
      const counts = new Map();
      for (const row of rows) counts.set(data.year[row], (counts.get(data.year[row]) ?? 0) + 1);
      options = [...new Set(data.year)].sort((a, b) => b - a).map((year) => [String(year), counts.get(year) ?? 0]);
    } else if (field === "venue") {
      const series = [...new Set(data.venues.map(seriesOf))].filter((name) => normalize(name));
      options = series.map((name) => {
        const mask = this.engine.phrase("venue", { text: name });
        return [name, rows.filter((row) => mask[row]).length];
      }).filter(([name, count]) => count || standing(terms, field, name, same)).sort((a, b) => b[1] - a[1]);
    } else if (field === "origin") {
      options = ["survey", "beyond"].map((name) => [name, rows.filter((row) => data.beyond[row] === Number(name === "beyond")).length]);
    } else {
      const [names, flags, bits] = field === "has" ? [HAS, data.flags, data.has] : [data.statuses, data.statuses, data.provenance];
      options = names.map((name) => {
        const bit = flags.indexOf(name);
        return [name, rows.filter((row) => (bits[row] >> bit) & 1).length];
      });
    }
    return node("ul", {}, ...options.map(([value, count]) => this.option(field, value, value, count, terms, same)));
  }
}
