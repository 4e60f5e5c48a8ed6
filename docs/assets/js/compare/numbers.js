// What papers report and what our baselines measured, for the compared entities: two tables, never one.

import { node } from "../explorer/dom.js";
import { inline } from "./prose.js";

const SHOWN = 8; // protocols at once; the others unfold, as do those under which one value stands alone

export async function numbers(comparison, kind, ids, known) {
  const { root } = comparison.place.dataset;
  comparison.values ??= await comparison.get(comparison.place.dataset.numbers);
  const names = ids.map((own) => known.get(own));
  const titles = kind === "frameworks" && (await comparison.list("papers"));
  return [
    ...measured(comparison.values, root, kind, ids, names),
    ...reported(comparison.values, titles || known, root, kind, ids, names),
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

/** The papers whose reported values stand for each entity: diffatlas.catalog.reported.speaking. */
export function speaking({ papers, members, broader }, kind, ids) {
  if (kind === "papers") return ids.map((id) => new Set([papers.indexOf(id)]));
  if (kind !== "frameworks") return ids.map(() => new Set());
  const alone = ids.map((id) => new Set(members[id]));
  const belongs = (paper, id) => ids.every((other, at) =>
    other === id || broader[id]?.includes(other) || !alone[at].has(paper));
  return ids.map((id, at) => new Set([...alone[at]].filter((paper) => belongs(paper, id))));
}

function reported(values, titles, root, kind, ids, names) {
  const sets = speaking(values, kind, ids);
  const protocols = values.protocols
    .map(({ label, lower, rows: all }) => ({ label, best: sets.map((set) => bestOf(all, set, lower)) }))
    .filter(({ best }) => best.some(Boolean))
    .sort((a, b) => b.best.filter(Boolean).length - a.best.filter(Boolean).length);
  const shared = protocols.filter(({ best }) => best.filter(Boolean).length > 1).length;
  const rows = protocols.map(({ label, best }) => node("tr", {}, node("th", { scope: "row" }, label), ...best.map((row, at) =>
    node("td", { "data-label": names[at] }, ...(row ? told(values, titles, root, row) : ["none in the catalog"])))));
  if (!rows.length) return [];
  const shown = Math.min(SHOWN, shared || SHOWN);
  const rest = rows.slice(shown);
  return [
    node("h2", { id: "reported" }, "Reported by papers"),
    node("p", { class: "note" }, "The best value under each protocol, with the model and its network evaluations (NFE). Rows of different protocols do not rank."
      + (kind === "papers" ? "" : " A value counts for a framework only where all frameworks of its paper are that one or kinds of it.")),
    table(names, rows.slice(0, shown), "Reported by papers"),
    ...(rest.length ? [node("details", {}, node("summary", {}, `${rest.length} more ${rest.length === 1 ? "protocol" : "protocols"}`), table(names, rest, "More protocols"))] : []),
  ];
}

function bestOf(rows, set, lower) {
  const own = rows.filter(([paper]) => set.has(paper));
  return own.sort((a, b) => (lower ? a[1] - b[1] : b[1] - a[1]))[0];
}

function told({ papers }, titles, root, [paper, , text, model, nfe, sampler]) {
  const details = [model, nfe ? `${nfe} NFE` : "NFE not told", sampler].filter(Boolean).join(", ");
  const link = node("a", { href: `${root}papers/${papers[paper]}/` }, titles.get(papers[paper]) ?? papers[paper]);
  return [node("b", {}, text), " ", node("small", {}, details, ", ", link)];
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
