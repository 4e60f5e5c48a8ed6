// Papers as cards: what each is about in one sentence.

import { node } from "./dom.js";
import { marked } from "./marked.js";

const CHIPS = 4;

/** The first sentence of a summary. */
export const sentence = (text) => /^.*?[.!?](?=\s+\p{Lu}|\s*$)/su.exec(text)?.[0] ?? text;

export async function draw(explorer) {
  await explorer.need("names", "texts");
  const rows = explorer.ordered();
  const words = explorer.words();
  const cards = rows.slice(0, explorer.shown).map((row) => card(explorer, row, words));
  return [node("div", { class: "cards" }, ...cards), ...explorer.more(rows)];
}

function card({ engine: { data }, root }, row, words) {
  const title = node("a", { href: `${root}papers/${data.id[row]}/`, "data-key": `paper ${row}` }, ...marked(data.title[row], words));
  const facts = [data.by[row], String(data.year[row]), data.venue[row]].filter(Boolean).join(" · ");
  const chips = ["frameworks", "tasks"].flatMap((facet) =>
    data[facet][row].slice(0, CHIPS).map((at) => node("span", { class: "chip" }, data.terms[facet].names[at])),
  );
  const about = sentence(data.summary[row]);
  return node("section", {},
    node("h2", {}, title), node("p", {}, node("small", {}, facts)),
    ...(about ? [node("p", {}, ...marked(about, words))] : []), node("p", {}, ...chips));
}
