// Nothing found: which terms one could drop to find something, and how much that would be.

import { goes, node } from "./dom.js";
import { parse } from "./filters.js";

const MOST = 8; // terms of which pairs are tried too

export function draw(explorer) {
  const { engine, filter } = explorer;
  const terms = parse(filter).map(({ start, end }) => filter.slice(start, end));
  const ways = (groups) => groups
    .map((dropped) => ({ dropped, rest: terms.filter((_, at) => !dropped.includes(at)).join(" ") }))
    .map((way) => ({ ...way, count: engine.rows(way.rest).length }))
    .filter(({ count }) => count)
    .sort((a, b) => b.count - a.count);
  const single = terms.map((_, at) => [at]);
  let found = ways(single);
  if (!found.length && terms.length <= MOST) found = ways(single.flatMap(([a]) => single.slice(a + 1).map(([b]) => [a, b])));
  if (!found.length) return [node("p", {}, "No paper matches. ", goes(explorer, { filter: "" }, "Start again without a filter"), ".")];
  const items = found.map(({ dropped, rest, count }) => {
    const parts = dropped.flatMap((at, place) => [...(place ? [" and "] : []), node("code", {}, terms[at])]);
    const link = goes(explorer, { filter: rest }, `${count.toLocaleString("en")} ${count === 1 ? "paper" : "papers"} without `);
    link.append(...parts);
    return node("li", {}, link);
  });
  return [node("p", {}, terms.length > 1 ? "No paper matches all of these terms. There are" : "No paper matches. There are"),
    node("ul", { class: "nothing" }, ...items)];
}
