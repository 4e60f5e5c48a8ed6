// What papers report and what our baselines measured, for the compared entities: two tables, never one.

import { node } from "../explorer/dom.js";
import { inline } from "./prose.js";

const SHOWN = 8; // protocols at once; the others unfold

export async function numbers(comparison, kind, ids, known) {
  const { root } = comparison.place.dataset;
  comparison.values ??= await comparison.get(comparison.place.dataset.numbers);
  const names = ids.map((own) => known.get(own));
  return [
    ...measured(comparison.values, root, kind, ids, names),
    ...reported(comparison.values, root, kind, ids, names),
    ...code(comparison.values, root, kind, ids),
  ];
}

function measured({ measured: all, baselines }, root, kind, ids, names) {
  const own = ids.map((id) => (baselines[kind]?.[id] ?? []).flatMap((baseline) => all[baseline] ?? []));
  if (!own.some((runs) => runs.length)) return [];
  const cells = own.map((runs, at) => node("td", { "data-label": names[at] }, ...(runs.length ? runs : [null]).map((run) => run
    ? node("p", {}, node("a", { href: `${root}baselines/${run.baseline}/` }, `${run.baseline}, ${run.variant}`), `: ${run.text} `, node("small", {}, run.protocol))
    : node("p", {}, "not measured here"))));
  return [
    node("h2", { id: "measured" }, "Measured here, at toy scale"),
    node("p", { class: "note" }, "By our baselines on two processor cores; not to be compared with what papers report."),
    table(names, [node("tr", {}, node("th", { scope: "row" }, "Default samplers"), ...cells)], "Measured here"),
  ];
}

/** The papers whose reported values stand for an entity. */
const members = ({ papers, members: by }, kind, id) => new Set(kind === "papers" ? [papers.indexOf(id)] : (by[kind]?.[id] ?? []));

function reported(values, root, kind, ids, names) {
  const sets = ids.map((id) => members(values, kind, id));
  const rows = values.protocols
    .map(({ label, lower, rows: all }) => ({ label, best: sets.map((set) => bestOf(all, set, lower)) }))
    .filter(({ best }) => best.some(Boolean))
    .sort((a, b) => b.best.filter(Boolean).length - a.best.filter(Boolean).length)
    .map(({ label, best }) => node("tr", {}, node("th", { scope: "row" }, label), ...best.map((row, at) =>
      node("td", { "data-label": names[at] }, ...(row ? told(values, root, row) : ["none in the catalog"])))));
  if (!rows.length) return [];
  const rest = rows.slice(SHOWN);
  return [
    node("h2", { id: "reported" }, "Reported by papers"),
    node("p", { class: "note" }, "The best value under each protocol, with the model and its network evaluations (NFE). Rows of different protocols do not rank."),
    table(names, rows.slice(0, SHOWN), "Reported by papers"),
    ...(rest.length ? [node("details", {}, node("summary", {}, `${rest.length} more protocols`), table(names, rest, "More protocols"))] : []),
  ];
}

function bestOf(rows, set, lower) {
  const own = rows.filter(([paper]) => set.has(paper));
  return own.sort((a, b) => (lower ? a[1] - b[1] : b[1] - a[1]))[0];
}

function told({ papers }, root, [paper, , text, model, nfe, sampler]) {
  const details = [model, nfe ? `${nfe} NFE` : "NFE not told", sampler].filter(Boolean).join(", ");
  return [node("b", {}, text), " ", node("small", {}, details, " ", node("a", { href: `${root}papers/${papers[paper]}/` }, papers[paper]))];
}

function table(names, rows, label) {
  return node("section", { class: "scroll", tabIndex: 0, "aria-label": label },
    node("table", { class: "compare side" },
      node("thead", {}, node("tr", {}, node("td", {}), ...names.map((name) => node("th", { scope: "col" }, name)))),
      node("tbody", {}, ...rows)));
}

function code({ differences }, root, kind, ids) {
  if (kind !== "baselines") return [];
  const links = differences.filter(({ from, to }) => ids.includes(from) && ids.includes(to));
  if (!links.length) return [];
  return [
    node("h2", { id: "lines" }, "In code, line by line"),
    node("ul", { class: "plain" }, ...links.map(({ from, to, what }) =>
      node("li", {}, node("a", { href: `${root}compare/${from}-${to}/` }, `From ${from} to ${to}`), ": ", ...inline(what)))),
  ];
}
