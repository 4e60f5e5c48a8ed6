// Edits of a filter by its facets: the text of the filter is the only state.

import { FACETS, FilterError, parse, quote } from "./filters.js";

const short = (field) => (FACETS.includes(field) ? field.slice(0, -1) : field);

export function toText(terms) {
  return terms
    .map(({ field, values, negated }) => {
      const listed = values.map((value) => quote(value.text)).join(",");
      return `${negated ? "-" : ""}${field ? `${short(field)}:` : ""}${listed}`;
    })
    .join(" ");
}

/** The terms of a filter, or null while it cannot be understood. */
export function tryParse(filter) {
  try {
    return parse(filter);
  } catch (error) {
    if (error instanceof FilterError) return null;
    throw error;
  }
}

/** "in", "out" or "" for a value of a field; `same` tells whether two spellings mean one term. */
export function standing(terms, field, value, same) {
  for (const term of terms) {
    if (term.field === field && term.values.some((own) => same(own.text, value))) {
      return term.negated ? "out" : "in";
    }
  }
  return "";
}

/** The filter with a value of a field wanted ("in"), excluded ("out") or neither (""). */
export function withValue(filter, field, value, wanted, same) {
  const terms = (tryParse(filter) ?? [])
    .map((term) =>
      term.field === field ? { ...term, values: term.values.filter((own) => !same(own.text, value)) } : term,
    )
    .filter((term) => term.values.length);
  if (wanted) {
    const negated = wanted === "out";
    // Alternatives share one term; what is excluded stands in terms of its own.
    const home = negated ? undefined : terms.find((term) => term.field === field && !term.negated);
    if (home) home.values = [...home.values, { text: value }];
    else terms.push({ field, values: [{ text: value }], negated });
  }
  return toText(terms);
}

/** The filter without the wanted values of a field: what the counts of its options are taken in. */
export function without(filter, field) {
  return toText((tryParse(filter) ?? []).filter((term) => term.negated || term.field !== field));
}

/** The filter narrowed to each of `pairs` [field, value], which stay terms of their own. */
export function narrowed(filter, pairs) {
  const terms = tryParse(filter) ?? [];
  for (const [field, value] of pairs) {
    const there = terms.some((t) => !t.negated && t.field === field && t.values.length === 1 && t.values[0].text === value);
    if (!there) terms.push({ field, values: [{ text: value }], negated: false });
  }
  return toText(terms);
}
