// What builds on what: the relations among the papers of the view, or around the selected ones.
// Papers stand in columns by year, so that every line runs through time.

import { node, shape } from "./dom.js";

const MOST = 90; // papers drawn; the best connected stay
const [TALL, GAP, EDGE] = [22, 28, 24];
const [NARROW, WIDE] = [146, 230]; // a box, as wide as the columns leave room for

let waiting; // the file of relations, fetched once

async function relations(explorer) {
  waiting ??= fetch(explorer.relations).then((answer) => {
    if (!answer.ok) throw new Error(`${explorer.relations}: ${answer.status}`);
    return answer.json();
  });
  waiting.catch(() => (waiting = undefined)); // the next look tries again
  return waiting;
}

export async function draw(explorer) {
  const [{ verbs, links }] = await Promise.all([relations(explorer), explorer.need("names")]);
  const { engine: { data }, selected, rows } = explorer;
  const own = new Set(selected.size ? selected : rows);
  // Around a selection its neighbours are shown too; of a whole view only what lies inside.
  const inside = selected.size ? ([a, b]) => own.has(a) || own.has(b) : ([a, b]) => own.has(a) && own.has(b);
  let found = links.filter(inside);
  const degree = new Map();
  for (const [a, b] of found) for (const row of [a, b]) degree.set(row, (degree.get(row) ?? 0) + 1);
  const ranked = [...degree.keys()].sort((a, b) => own.has(b) * selected.size - own.has(a) * selected.size
    || degree.get(b) - degree.get(a) || a - b);
  const kept = new Set(ranked.slice(0, MOST));
  found = found.filter(([a, b]) => kept.has(a) && kept.has(b));
  if (!found.length) return [node("p", { class: "note" }, "None of these papers is related to another in the catalog.")];
  const columns = new Set([...kept].map((row) => data.year[row])).size;
  const room = (explorer.place.clientWidth - EDGE) / columns - GAP;
  const wide = Math.round(Math.min(WIDE, Math.max(NARROW, room)));
  const places = layout(data, kept, found, wide);
  const height = Math.max(...[...places.values()].map((at) => at.y)) + TALL + 4;
  const width = Math.max(...[...places.values()].map((at) => at.x)) + wide + EDGE;
  const lines = found.map(([a, b, verb]) => line(data, places, a, b, verbs[verb], wide));
  const names = labels([...kept].map((row) => [row, data.title[row]]), measure(explorer.place), wide - 12);
  const dots = [...places].map(([row, at]) => paper(explorer, row, at, selected.has(row), wide, names.get(row)));
  const years = [...new Map([...places].map(([row, at]) => [at.x, data.year[row]]))].map(([x, year]) =>
    shape("text", { class: "axis", x, y: 12 }, String(year)));
  const dropped = degree.size - kept.size;
  const note = `${found.length} relations among ${kept.size} papers${dropped ? `; ${dropped} less connected papers are left out` : ""}. `
    + `${selected.size ? "The selected papers and their neighbours." : "Select papers in the table to see what surrounds them."}`;
  const spoken = found.map(([a, b, verb]) => node("li", {}, link(explorer, a), ` ${verbs[verb]} `, link(explorer, b)));
  return [node("figure", { class: "relations" }, node("figcaption", {}, note),
    node("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Relations of the papers" },
      shape("svg", { width, height, viewBox: `0 0 ${width} ${height}` }, ...years, ...lines, ...dots))),
  node("details", {}, node("summary", {}, "The same as a list"), node("ul", {}, ...spoken))];
}

const link = ({ engine: { data }, root }, row) => node("a", { href: `${root}papers/${data.id[row]}/` }, data.title[row]);

// A column a year; within it by the mean height of the neighbours placed before.
function layout(data, kept, links, wide) {
  const near = new Map([...kept].map((row) => [row, []]));
  for (const [a, b] of links) {
    near.get(a).push(b);
    near.get(b).push(a);
  }
  const places = new Map();
  const years = [...new Set([...kept].map((row) => data.year[row]))].sort();
  years.forEach((year, column) => {
    const mean = (row) => {
      const placed = near.get(row).filter((other) => places.has(other)).map((other) => places.get(other).y);
      return placed.length ? placed.reduce((a, b) => a + b, 0) / placed.length : Infinity;
    };
    const here = [...kept].filter((row) => data.year[row] === year).map((row) => [mean(row), row]);
    here.sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] - b[0]));
    here.forEach(([, row], at) => places.set(row, { x: column * (wide + GAP) + 2, y: 20 + at * TALL }));
  });
  return places;
}

function line(data, places, a, b, verb, wide) {
  const [from, to] = [places.get(a), places.get(b)];
  const same = from.x === to.x;
  const [left, right] = from.x <= to.x ? [from, to] : [to, from];
  const [x1, y1, x2, y2] = [left.x + wide, left.y + TALL / 2 - 2, same ? right.x + wide : right.x, right.y + TALL / 2 - 2];
  const bend = same ? [x1 + 22, x2 + 22] : [x1 + GAP / 2, x2 - GAP / 2];
  return shape("path", { class: "edge", d: `M${x1} ${y1}C${bend[0]} ${y1} ${bend[1]} ${y2} ${x2} ${y2}` },
    shape("title", {}, `${data.title[a]} ${verb} ${data.title[b]}`));
}

/** The length in pixels of a text as the drawing has it. */
function measure(place) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `11px ${getComputedStyle(place).fontFamily}`;
  return (text) => pen.measureText(text).width;
}

/** What a paper is called in few words: what stands before a colon, else its title. */
const short = (title) => /^(?=.{2,40}?:)([^:]+):\s/.exec(title)?.[1] ?? title;

const cutEnd = (text, kept) => `${text.slice(0, kept).trimEnd()}…`;
const cutMiddle = (text, kept) => `${text.slice(0, kept >> 1).trimEnd()}…${text.slice(text.length - (kept >> 1)).trimStart()}`;

function fit(text, cut, length, room) {
  if (length(text) <= room) return text;
  let kept = text.length - 1;
  while (kept > 0 && length(cut(text, kept)) > room) kept -= 1;
  return cut(text, kept);
}

/** Row -> a short title that fits `room`; the middle is cut out where two would read alike. The year heads the column. */
export function labels(papers, length, room) {
  const named = new Map(papers.map(([row, title]) => [row, fit(short(title), cutEnd, length, room)]));
  const alike = new Map();
  for (const name of named.values()) alike.set(name.toLowerCase(), (alike.get(name.toLowerCase()) ?? 0) + 1);
  for (const [row, title] of papers) {
    if (alike.get(named.get(row).toLowerCase()) > 1) named.set(row, fit(title, cutMiddle, length, room));
  }
  return named;
}

function paper({ engine: { data }, root }, row, { x, y }, chosen, wide, name) {
  return shape("a", { href: `${root}papers/${data.id[row]}/`, class: chosen ? "chosen" : "", "aria-label": data.title[row] },
    shape("title", {}, data.title[row]), shape("rect", { x, y, width: wide, height: TALL - 4, rx: 3 }),
    shape("text", { x: x + 6, y: y + 13 }, name));
}
