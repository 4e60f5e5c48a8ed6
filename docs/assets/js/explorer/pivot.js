// Counts of papers over two fields: diffatlas/catalog/relations.py's crosstab, rolled up, so that a
// cell counts what its two terms as a filter find.

import { FACETS } from "./filters.js";

/** The fields that papers can be counted by. */
export const COUNTED = [...FACETS, "year", "origin"];

/** The values of a field: [{value, label, rows}], `rows` a Set of the papers that have it. */
function groups(engine, field, rows) {
  const { data } = engine;
  if (FACETS.includes(field)) {
    const { ids, names } = engine.vocabularies[field];
    return ids.map((value, at) => {
      const mask = engine.under(field, at);
      return { value, label: names[at], rows: new Set(rows.filter((row) => mask[row])) };
    });
  }
  const of = field === "year" ? (row) => data.year[row] : (row) => (data.beyond[row] ? "beyond" : "survey");
  const known = field === "origin" ? ["beyond", "survey"] : years(data.year);
  return known.map((own) => ({
    value: String(own), label: String(own), rows: new Set(rows.filter((row) => of(row) === own)),
  }));
}

// Years without papers count too, within the catalog's span.
function years(all) {
  const first = all.reduce((a, b) => Math.min(a, b), Infinity);
  const last = all.reduce((a, b) => Math.max(a, b), -Infinity);
  return all.length ? Array.from({ length: last - first + 1 }, (_, k) => first + k) : [];
}

/** Both fields' values and counts[i][j], the papers that have the i-th and the j-th value. */
export function crosstab(engine, a, b, rows) {
  const [down, across] = [groups(engine, a, rows), groups(engine, b, rows)];
  const counts = down.map((one) => across.map((other) => {
    const [few, many] = one.rows.size < other.rows.size ? [one.rows, other.rows] : [other.rows, one.rows];
    let count = 0;
    for (const row of few) if (many.has(row)) count += 1;
    return count;
  }));
  return { down, across, counts };
}
