// Answers filters with rows of papers: diffatlas/catalog/matching.py in the browser.
//
// `data` is the columnar file that tools/pages/explorer.py writes. Facets are lists of positions in
// their vocabularies. How papers and terms are called, and texts, come in further files, which are asked
// for when a filter or a view needs them.

import { FACETS, FIELDS, FilterError, HAS, dayRange, didYouMean, parse, yearRange } from "./filters.js";
import { nearest, normalize, strip, textIndex } from "./text.js";

// Where a phrase is looked for; "" is free text.
const SEARCHED = {
  "": ["title", "summary", "authors", "aliases"],
  title: ["title", "aliases"],
  author: ["authors"],
  venue: ["venue"],
  heading: ["survey_heading"],
};
const NEEDS = { arxiv: ["names"], "": ["names", "texts"] };
for (const field of ["title", "author", "heading", "doi", "id"]) NEEDS[field] = NEEDS[""];

/** The id that most terms have: their names in lower case, with hyphens. */
const slug = (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

class Vocabulary {
  constructor({ ids, names, broader }, aliases = []) {
    this.ids = ids;
    this.names = names;
    this.place = new Map(ids.map((id, at) => [id, at]));
    this.children = ids.map(() => []);
    this.parents = broader;
    this.lineages = new Map();
    broader.forEach((parents, child) => parents.forEach((parent) => this.children[parent].push(child)));
    const layers = [
      ids.map((id, at) => [id, at]),
      names.map((name, at) => [name, at]),
      aliases.flatMap((own, at) => own.map((alias) => [alias, at])),
    ];
    this.exact = layered(layers, (text) => strip(text).toLowerCase());
    this.known = layered(layers, normalize);
  }

  /** The positions that `text` may mean: one, none, or several where an alias is shared. */
  resolve(text) {
    if (this.place.has(text)) return [this.place.get(text)];
    return this.exact.get(strip(text).toLowerCase()) ?? this.known.get(normalize(text)) ?? [];
  }

  /** A term and all that is narrower. */
  under(term) {
    const seen = new Set([term]);
    for (const current of seen) for (const child of this.children[current]) seen.add(child);
    return seen;
  }

  /** A term and all that is broader; a cycle does no harm. */
  lineage(term) {
    if (!this.lineages.has(term)) {
      const seen = new Set([term]);
      for (const current of seen) for (const parent of this.parents[current]) seen.add(parent);
      this.lineages.set(term, [...seen]);
    }
    return this.lineages.get(term);
  }

  suggestions(text) {
    const keys = nearest(normalize(text), [...this.known.keys()]);
    return [...new Set(keys.flatMap((key) => this.known.get(key)))].slice(0, 3).map((at) => this.ids[at]);
  }
}

// Key -> positions. An id beats a name and a name an alias: each layer only fills what is free.
function layered(layers, keyOf) {
  const known = new Map();
  for (const layer of layers) {
    const fresh = new Map();
    for (const [text, target] of layer) {
      const key = keyOf(text);
      if (!key || known.has(key)) continue;
      const own = fresh.get(key) ?? [];
      if (!own.includes(target)) own.push(target);
      fresh.set(key, own);
    }
    for (const [key, targets] of fresh) known.set(key, targets);
  }
  return known;
}

function bareIdentifier(text) {
  let lowered = strip(text).toLowerCase();
  for (const prefix of ["https://doi.org/", "https://arxiv.org/abs/", "arxiv:", "doi:"]) {
    if (lowered.startsWith(prefix)) lowered = lowered.slice(prefix.length);
  }
  const cut = lowered.lastIndexOf("v");
  const [head, version] = [lowered.slice(0, Math.max(cut, 0)), lowered.slice(cut + 1)];
  const versioned = cut >= 0 && /^\p{Nd}+$/u.test(version) && head.includes(".") && !head.includes("/");
  return versioned ? head : lowered;
}

export class Engine {
  constructor(data) {
    this.data = data;
    data.venue = data.venueAt.map((at) => data.venues[at]);
    for (const terms of Object.values(data.terms)) {
      terms.ids = terms.ids.map((id, at) => id || slug(terms.names[at]));
    }
    this.size = data.year.length;
    this.vocabularies = Object.fromEntries(FACETS.map((facet) => [facet, new Vocabulary(data.terms[facet])]));
    this.masks = new Map();
    this.indices = new Map();
    // The papers that are shown first, until the others are called by their names.
    const { row: latest, ...called } = data.first;
    for (const [name, column] of Object.entries(called)) {
      data[name] = [];
      latest.forEach((row, at) => (data[name][row] = column[at]));
    }
  }

  /** Add the columns of a further file: "names" or "texts". */
  add(file, { spellings, ...columns }) {
    Object.assign(this.data, columns);
    if (file !== "names") return;
    this.rowOf = new Map(columns.id.map((id, row) => [id, row]));
    for (const facet of FACETS) {
      this.vocabularies[facet] = new Vocabulary(this.data.terms[facet], spellings[facet]);
    }
  }

  /** The further files without which a filter cannot be answered. */
  needs(filter) {
    let terms;
    try {
      terms = parse(filter);
    } catch {
      return []; // it says what is wrong without them
    }
    return [...new Set(terms.flatMap(({ field, values }) => {
      // A term that is not called by its id may have another name.
      const known = this.vocabularies[field]?.place;
      if (known) return values.every((value) => known.has(value.text)) ? [] : ["names"];
      return NEEDS[field ?? ""] ?? [];
    }))];
  }

  /** Positions of the papers that match, ascending. Throws FilterError. */
  rows(filter) {
    const mask = this.mask(filter);
    const found = [];
    for (let row = 0; row < this.size; row += 1) if (mask[row]) found.push(row);
    return found;
  }

  mask(filter) {
    const chosen = new Array(this.size).fill(true);
    for (const term of parse(filter)) {
      const own = this.term(term);
      for (let row = 0; row < this.size; row += 1) chosen[row] = chosen[row] && own[row] !== term.negated;
    }
    return chosen;
  }

  /** One boolean a paper for a parsed term, its minus sign left aside. */
  term(term) {
    const masks = term.values.map((value) => this.value(term.field ?? "", value));
    if (masks.length === 1) return masks[0];
    return masks[0].map((_, row) => masks.some((mask) => mask[row]));
  }

  value(field, value) {
    if (FACETS.includes(field)) return this.facet(field, value);
    if (field in SEARCHED) return this.phrase(field, value);
    if (field === "year") return this.between(this.data.year, yearRange(value));
    if (field === "submitted") return this.between(this.data.submitted, dayRange(value));
    if (field === "has") return this.has(value);
    if (field === "origin") return this.origin(value);
    if (field === "provenance") return this.provenance(value);
    if (field === "id") return this.paper(value);
    return this.identifier(field, value);
  }

  cached(key, make) {
    if (!this.masks.has(key)) {
      if (this.masks.size > 2000) this.masks.clear();
      this.masks.set(key, make());
    }
    return this.masks.get(key);
  }

  facet(field, value) {
    const vocabulary = this.vocabularies[field];
    const targets = vocabulary.resolve(value.text);
    if (targets.length === 1) return this.under(field, targets[0]);
    const one = field.slice(0, -1);
    const reason = targets.length
      ? `'${value.text}' may be ${targets.map((at) => vocabulary.ids[at]).join(" or ")}; use one of these ids`
      : `there is no ${one} '${value.text}'${didYouMeanOf(vocabulary.suggestions(value.text))}`;
    throw new FilterError(reason, value.start, value.end);
  }

  /** The papers of a term (by its position) or of a narrower one. */
  under(field, target) {
    return this.cached(`${field}:${target}`, () => {
      const terms = this.vocabularies[field].under(target);
      return this.data[field].map((own) => own.some((term) => terms.has(term)));
    });
  }

  phrase(field, value) {
    const phrase = normalize(value.text);
    if (!phrase) throw new FilterError("there is no letter or digit to look for", value.start, value.end);
    const mask = this.cached(`"${field}:${phrase}`, () => this.index(field)(phrase));
    if (field === "heading" && !mask.includes(true)) {
      const known = [...new Set(this.data.survey_heading.flat())];
      throw new FilterError(`there is no heading '${value.text}'${didYouMean(value.text, known)}`, value.start, value.end);
    }
    return mask;
  }

  index(field) {
    if (!this.indices.has(field)) {
      const columns = SEARCHED[field].map((name) => this.data[name]);
      const rows = this.data.year.map((_, row) => columns.flatMap((column) => column[row] || []));
      this.indices.set(field, textIndex(rows));
    }
    return this.indices.get(field);
  }

  between(column, [low, high]) {
    return column.map((own) => own > 0 && own >= low && own <= high);
  }

  has(value) {
    let name = value.text.toLowerCase();
    if (!HAS.includes(name)) name = HAS.includes(`${name}s`) ? `${name}s` : FIELDS.get(name) ?? name;
    if (!HAS.includes(name)) {
      const guess = didYouMean(value.text, HAS) || `; it may be ${HAS.join(" ")}`;
      throw new FilterError(`has: does not know '${value.text}'${guess}`, value.start, value.end);
    }
    return this.cached(`has:${name}`, () => {
      const flag = this.data.flags.indexOf(name);
      if (flag >= 0) return this.data.has.map((bits) => ((bits >> flag) & 1) === 1);
      return this.data[name].map((own) => (Array.isArray(own) ? own.length > 0 : Boolean(own)));
    });
  }

  origin(value) {
    const name = value.text.toLowerCase();
    if (name !== "survey" && name !== "beyond") {
      throw new FilterError(`origin is survey or beyond, not '${value.text}'`, value.start, value.end);
    }
    return this.data.beyond.map((own) => Boolean(own) === (name === "beyond"));
  }

  provenance(value) {
    const { statuses, provenance } = this.data;
    const bit = statuses.indexOf(value.text.toLowerCase());
    if (bit < 0) {
      const guess = didYouMean(value.text, statuses) || `; it may be ${statuses.join(" ")}`;
      throw new FilterError(`provenance: does not know '${value.text}'${guess}`, value.start, value.end);
    }
    return provenance.map((bits) => ((bits >> bit) & 1) === 1);
  }

  identifier(field, value) {
    const wanted = bareIdentifier(value.text);
    if (!wanted) throw new FilterError(`${field}: needs an identifier`, value.start, value.end);
    return this.data[field].map((own) => Boolean(own) && own.toLowerCase().startsWith(wanted));
  }

  paper(value) {
    let row = this.rowOf.get(value.text);
    if (row === undefined) {
      const wanted = normalize(value.text);
      const named = [];
      this.data.id.forEach((id, at) => {
        if ([id, ...(this.data.aliases?.[at] ?? [])].some((name) => normalize(name) === wanted)) named.push(at);
      });
      if (!wanted || named.length !== 1) {
        throw new FilterError(`there is no paper '${value.text}'${didYouMean(value.text, this.data.id)}`, value.start, value.end);
      }
      [row] = named;
    }
    return this.data.id.map((_, at) => at === row);
  }
}

function didYouMeanOf(ids) {
  return ids.length ? `; did you mean ${ids.join(" or ")}?` : "";
}
