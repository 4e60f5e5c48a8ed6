// When the papers of the view first appeared: a dot a paper, a lane a framework.

import { startAtNewest } from "../newest.js";
import { node, shape } from "./dom.js";
import { day } from "./text.js";

const [TOP, STEP, ROW] = [22, 18, 9];
const SPARSE = 4; // a year with fewer papers than this has no quarters
const NARROW = 2; // its width in columns

export async function draw(explorer) {
  await explorer.need("names");
  const { engine: { data }, rows } = explorer;
  if (!rows.length) return [node("p", { class: "note" }, "No paper matches.")];
  const { columns, years, width } = scale(data, rows);
  const lanes = new Map();
  for (const row of [...rows].sort((a, b) => first(data, a) - first(data, b))) {
    const [name, color] = laneOf(explorer.engine, row);
    if (!lanes.has(name)) lanes.set(name, { name, color, spots: new Map(), size: 0 });
    const lane = lanes.get(name);
    const at = columns.get(`${data.year[row]}-${quarter(data, row)}`);
    lane.spots.set(at, [...(lane.spots.get(at) ?? []), row]);
    lane.size += 1;
  }
  const parts = [];
  let y = TOP;
  const sorted = [...lanes.values()].sort((a, b) => b.size - a.size);
  const left = Math.max(120, ...sorted.map(({ name }) => 14 + 7.2 * name.length)); // room for names
  for (const { name, color, spots, size } of sorted) {
    y += Math.max(22, Math.ceil(Math.max(...[...spots.values()].map((own) => own.length)) / 2) * ROW) + 8;
    const own = [];
    for (const [at, here] of spots) here.forEach((row, k) => own.push(dot(explorer, row, left + STEP * (at + 0.5), k, here.length, y)));
    parts.push(shape("text", { class: `lane ${color}`, x: 0, y: y - 11 }, name),
      shape("text", { class: "axis", x: 0, y: y + 1 }, `${size} ${size === 1 ? "paper" : "papers"}`),
      shape("path", { class: "rule", d: `M${left - 6} ${y + 4}H${left + STEP * width}` }),
      shape("g", { class: color }, ...own));
  }
  const axis = years.flatMap(([year, at]) => [
    shape("path", { class: "rule", d: `M${left + STEP * at} ${TOP - 8}V${y + 4}` }),
    shape("text", { class: "axis", x: left + STEP * at + 3, y: 12 }, String(year)),
  ]);
  const size = { width: left + STEP * width + 4, height: y + 8 };
  const picture = shape("svg", { ...size, role: "group", "aria-label": "Papers by framework and quarter", viewBox: `0 0 ${size.width} ${size.height}` }, ...axis, ...parts);
  const place = node("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Timeline" }, picture);
  requestAnimationFrame(() => startAtNewest(place)); // once it stands in the page
  return [node("figure", { class: "timeline" }, place,
    node("figcaption", {}, "A dot is a paper in the quarter of its first version (of its arXiv id where the day is not known), or in the last one where only the year is known; years with few papers have one column.")),
  node("details", {}, node("summary", {}, "The same as a list"), node("ul", {}, ...listed(explorer, sorted)))];
}

// Keys reach the papers here: the dots would be a stop each.
function listed({ engine: { data }, root }, lanes) {
  return lanes.map(({ name, spots }) =>
    node("li", {}, name, node("ul", {}, ...[...spots.values()].flat().map((row) =>
      node("li", {}, node("a", { href: `${root}papers/${data.id[row]}/` }, data.title[row]), ` (${when(data, row)})`)))));
}

// Year and month, of the day or of the arXiv id (as arxiv.month of the library reads it); else the year.
function when(data, row) {
  const [, year, month] = /^(\d\d)(0[1-9]|1[0-2])\./.exec(data.arxiv[row]) ?? [];
  const told = Number(`20${year}`) === data.year[row] ? `20${year}-${month}` : String(data.year[row]);
  return data.submitted[row] ? day(data.submitted[row]).slice(0, 7) : told;
}

const first = (data, row) => data.submitted[row] || Number(when(data, row).replace("-", "").padEnd(8, "0"));
const quarter = (data, row) => Math.floor((Number(when(data, row).slice(5) || 12) - 1) / 3);

function scale(data, rows) {
  const counts = new Map();
  for (const row of rows) counts.set(data.year[row], (counts.get(data.year[row]) ?? 0) + 1);
  const [columns, years] = [new Map(), []];
  let width = 0;
  for (const year of [...counts.keys()].sort()) {
    const dense = counts.get(year) >= SPARSE;
    for (let q = 0; q < 4; q += 1) columns.set(`${year}-${q}`, width + (dense ? q : NARROW / 2 - 0.5));
    years.push([year, width]);
    width += dense ? 4 : NARROW;
  }
  return { columns, years, width };
}

// The name and the colour of a paper's topmost framework, where it has one alone.
function laneOf({ data, vocabularies: { frameworks } }, row) {
  const tops = new Set();
  const seen = new Set(data.frameworks[row]);
  for (const at of seen) {
    if (!frameworks.parents[at].length) tops.add(at);
    for (const parent of frameworks.parents[at]) seen.add(parent);
  }
  if (tops.size !== 1) return [tops.size ? "Several" : "None of them", ""];
  const [at] = tops;
  const [id, name] = [frameworks.ids[at], frameworks.names[at]];
  return [name.length > 20 && id.length < 9 ? id.toUpperCase() : name, `fw-${id}`];
}

function dot({ engine: { data }, root }, row, middle, k, all, base) {
  const [line, place] = [Math.floor(k / 2), k % 2];
  const beside = Math.min(2, all - line * 2);
  const x = middle + (place - (beside - 1) / 2) * ROW;
  const label = `${data.title[row]} (${when(data, row)})`;
  return shape("a", { href: `${root}papers/${data.id[row]}/`, tabindex: -1, "aria-label": label },
    shape("title", {}, label), shape("circle", { cx: x, cy: base - 4 - line * ROW, r: 3.6 }));
}
