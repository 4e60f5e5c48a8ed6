// A mark beside each fact: how well it is attested and, on a click, who says so. All of it stands in
// the page's table of sources (tools/pages/provenance.py), which is there without scripts.

import { node } from "./explorer/dom.js";

// From the best to the weakest. The mark is that of the weakest fact beside it.
const RANK = ["paper", "repository", "survey", "list", "inferred", "recall"];
const MARKS = { paper: "●", repository: "●", survey: "●", list: "◐", inferred: "◐", recall: "○" };

/** What the rows of the table say: by fact, its rows, each with whether it says otherwise. */
function read(table) {
  const said = new Map();
  for (const row of table.tBodies[0].rows) {
    const status = row.cells[1].textContent.trim();
    for (const [facts, denies] of [[row.dataset.f, false], [row.dataset.not, true]]) {
      for (const fact of facts?.split(" ") ?? []) {
        if (!said.has(fact)) said.set(fact, []);
        said.get(fact).push({ row, status, denies });
      }
    }
  }
  return said;
}

const nameOf = (fact) => fact.slice(fact.indexOf(".") + 1).replaceAll(/[-_]/g, " ");

/** One line a source: its status, its link, and which of the facts it is about. */
function sourcesOf(facts, said) {
  const lines = new Map();
  for (const fact of facts) {
    for (const own of said.get(fact)) {
      const line = lines.get(own.row) ?? { ...own, facts: [] };
      line.facts.push(own.denies ? `says otherwise on ${nameOf(fact)}` : nameOf(fact));
      lines.set(own.row, line);
    }
  }
  return [...lines].map(([row, { status, facts: about }]) =>
    node("li", {}, node("span", { class: `status ${status}` }, status), " ",
      ...[...row.cells[2].cloneNode(true).childNodes], node("small", {}, ` ${about.join(", ")}`)));
}

function add(place, facts, said, named) {
  const lines = facts.map((fact) => said.get(fact));
  const ranks = lines.map((own) => Math.min(...own.filter((s) => !s.denies).map((s) => RANK.indexOf(s.status))));
  const weakest = RANK[Math.max(...ranks.filter(Number.isFinite))];
  const contested = lines.some((own) => own.some((s) => s.denies));
  if (!weakest) return;
  const means = `${weakest === "recall" ? "from memory, not checked yet" : `attested: ${weakest}`}${contested ? "; a source says otherwise" : ""}`;
  const button = node("button", {
    type: "button", class: `source ${weakest}`, "aria-expanded": "false", title: `Who says so (${means})`,
    "aria-label": `Sources of ${named}: ${means}`,
  }, `${MARKS[weakest]}${contested ? "≠" : ""}`);
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) list.remove();
    else outer.append(list);
  });
  const list = node("ul", { class: "sources" }, ...sourcesOf(facts, said));
  const outer = place.querySelector(":scope > dd") ?? place;
  const last = outer.lastElementChild;
  // Running text ends with its mark; a paragraph cannot hold the list, so that follows it.
  if (last?.matches("p") && outer.matches("div")) last.append(" ", button);
  else outer.append(" ", button);
}

/** Marks all facts of the page that its table of sources knows. */
export function mark(table) {
  const said = read(table);
  for (const place of document.querySelectorAll("article [data-f]:not(tr)")) {
    const fields = place.dataset.f.split(" ");
    const facts = [...said.keys()].filter((fact) => fields.includes(fact.split(".")[0]));
    if (facts.length) add(place, facts, said, place.querySelector("dt")?.textContent ?? fields.join(" and "));
  }
}
