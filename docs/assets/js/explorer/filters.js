// The filter language: the grammar of diffatlas/catalog/filters.py, kept in step by a test.

import { nearest, strip } from "./text.js";

export const FACETS = ["frameworks", "tasks", "conditions", "datasets", "architectures"];

const PLURALS = {
  year: "years", author: "authors", venue: "venues", heading: "headings", id: "papers",
};
export const SHOWN_FIELDS = [
  ...FACETS.map((facet) => facet.slice(0, -1)),
  "year", "submitted", "has", "origin", "provenance", "author", "venue", "heading", "title", "id", "arxiv", "doi",
];
export const FIELDS = new Map([
  ...FACETS.flatMap((facet) => [[facet, facet], [facet.slice(0, -1), facet]]),
  ...SHOWN_FIELDS.slice(FACETS.length).map((field) => [field, field]),
  ...Object.entries(PLURALS).map(([field, plural]) => [plural, field]),
  ["date", "submitted"], ["survey_heading", "heading"], ["paper", "id"],
]);
export const HAS = [
  "code", "baseline", "results", "arxiv", "doi", "url", "venue", "submitted", "summary", "table1",
  ...FACETS,
];

const MAX_LENGTH = 4000;
// What Python's str.isspace calls a space: it does not know the mark of byte order as one.
const SPACE = /[^\S\ufeff]|[\x1c-\x1f\x85]/;
const BARE = /(?:[^\s\x1c-\x1f\x85",]|\ufeff)*/y;
const FIELD = /((?:[^\s\x1c-\x1f\x85",:]|\ufeff)*):/y;

/** A filter that cannot be understood; `start` and `end` mark the offending part. */
export class FilterError extends Error {
  constructor(reason, start = 0, end = 0) {
    super(reason);
    this.start = start;
    this.end = end;
  }
}

export function didYouMean(word, known) {
  const names = nearest(word, known);
  if (!names.length) return "";
  const last = names.pop();
  return `; did you mean ${names.length ? `${names.join(", ")} or ${last}` : last}?`;
}

/** `value` as it may stand in a filter, in quotes if it needs them. */
export function quote(value) {
  if (/^[^\s\x1c-\x1f\x85",:\\-][^\s\x1c-\x1f\x85",:\\]*$/.test(value)) return value;
  return `"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"`;
}

function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function skipSpace(text, start) {
  let at = start;
  while (at < text.length && SPACE.test(text[at])) at += 1;
  return at;
}

/** The terms of a filter: {field, values: [{text, start, end}], negated, start, end}. */
export function parse(text) {
  if ([...text].length > MAX_LENGTH) {
    throw new FilterError(`a filter has at most ${MAX_LENGTH} characters`);
  }
  const terms = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const term = parseTerm(text, at);
    terms.push(term);
    at = skipSpace(text, term.end);
  }
  return terms;
}

function parseTerm(text, start) {
  let at = start;
  const negated = text[at] === "-";
  if (negated) {
    at += 1;
    if (at === text.length || SPACE.test(text[at]) || text[at] === "-") {
      throw new FilterError(
        "a minus sign stands right before what it excludes, as in -condition:text", start, at,
      );
    }
  }
  let field = null;
  const head = match(FIELD, text, at);
  if (head) {
    field = FIELDS.get(head[1].toLowerCase()) ?? null;
    if (field === null) {
      const guess = didYouMean(head[1], SHOWN_FIELDS) || `; the fields are ${SHOWN_FIELDS.join(" ")}`;
      throw new FilterError(
        `there is no field '${head[1]}'${guess} (text that holds a colon goes in quotes)`,
        at, at + head[0].length,
      );
    }
    at += head[0].length;
  }
  const values = [];
  for (;;) {
    const value = parseValue(text, at, field);
    values.push(value);
    at = value.end;
    if (text[at] !== ",") return { field, values, negated, start, end: at };
    at += 1;
  }
}

function parseValue(text, at, field) {
  if (text[at] === '"') return parseQuoted(text, at);
  const end = at + match(BARE, text, at)[0].length;
  if (text[end] === '"') {
    throw new FilterError("a quote in the middle of a word; put the whole value in quotes", at, end + 1);
  }
  if (end === at) {
    const what = field ? `a value is missing after '${field}'` : "a value is missing";
    throw new FilterError(
      `${what}; commas part alternatives, and text that holds a comma goes in quotes`,
      Math.max(0, at - 1), at + 1,
    );
  }
  if (field && text[at] === "-") {
    const mended = `-${field.replace(/s$/, "")}:${text.slice(at + 1, end)}`;
    throw new FilterError(`the minus sign goes before the field: ${mended}`, at, end);
  }
  return { text: text.slice(at, end), start: at, end };
}

function parseQuoted(text, start) {
  let letters = "";
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === "\\" && (text[at + 1] === '"' || text[at + 1] === "\\")) at += 1;
    letters += text[at];
    at += 1;
  }
  if (at >= text.length) {
    throw new FilterError("a quote is opened and never closed", start, text.length);
  }
  at += 1;
  if (at < text.length && text[at] !== "," && !SPACE.test(text[at])) {
    throw new FilterError("a space or comma is missing after a closing quote", start, at + 1);
  }
  return { text: letters, start, end: at };
}

function range(value, one, top) {
  const trimmed = strip(value.text);
  const cut = trimmed.indexOf("..");
  const [low, high] = cut < 0 ? [trimmed, ""] : [trimmed.slice(0, cut), trimmed.slice(cut + 2)];
  if (cut >= 0 && !low && !high) throw new FilterError("a range needs at least one end", value.start, value.end);
  const first = low ? one(low)[0] : 0;
  const last = cut < 0 ? one(low)[1] : high ? one(high)[1] : top;
  if (first > last) {
    throw new FilterError(
      `the range ends before it begins; did you mean ${high}..${low}?`, value.start, value.end,
    );
  }
  return [first, last];
}

/** `2020..2022` -> [2020, 2022]; an open end is 0 or 9999. */
export function yearRange(value) {
  return range(value, (part) => {
    if (!/^[0-9]{4}$/.test(part)) {
      throw new FilterError(
        `'${part}' is not a year; write 2020, 2020..2022, 2021.. or ..2020`, value.start, value.end,
      );
    }
    return [Number(part), Number(part)];
  }, 9999);
}

/** `2020-06..2021` -> [20200601, 20211231]: days as integers yyyymmdd, both included. */
export function dayRange(value) {
  return range(value, (part) => {
    const found = /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?$/.exec(part);
    const [year, month, day] = found ? found.slice(1).map((g) => (g ? Number(g) : 0)) : [0, 0, 0];
    // The day must exist. JavaScript reads years below 100 as of the last century: shift by 400.
    const date = new Date(Date.UTC((year || 1) + 400, (month || 1) - 1, day || 1));
    const exists = found && (!found[2] || month) && (!found[3] || day)
      && date.getUTCMonth() === (month || 1) - 1 && date.getUTCDate() === (day || 1);
    if (!exists) {
      throw new FilterError(
        `'${part}' is not a date; write 2020, 2020-06 or 2020-06-19, and ranges as 2020-06..2021`,
        value.start, value.end,
      );
    }
    const base = year * 10000;
    return [base + (month || 1) * 100 + (day || 1), base + (month || 12) * 100 + (day || 31)];
  }, 99991231);
}
