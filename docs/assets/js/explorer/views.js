// The ways to look at the same papers. Each is a module of its own, fetched when it is asked for,
// whose draw(explorer) gives the nodes to show.

import { goes } from "./dom.js";

const later = (name) => async (explorer) => (await import(`./${name}.js`)).draw(explorer);

export const VIEWS = {
  table: { label: "Table", draw: (explorer) => explorer.table.draw() },
  cards: { label: "Cards", draw: later("cards") },
  matrix: { label: "Matrix", draw: later("matrix") },
  timeline: { label: "Timeline", draw: later("timeline") },
  graph: { label: "Relations", draw: later("graph") },
};

/** A link a view. */
export function tabs(explorer) {
  return Object.entries(VIEWS).map(([shape, { label }]) =>
    goes(explorer, { shape }, label, { "data-key": shape, ...(shape === explorer.shape ? { "aria-current": "true" } : {}) }),
  );
}
