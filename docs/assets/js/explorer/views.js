// The ways to look at the same papers. Each is a module of its own, loaded when it is asked for,
// whose draw(explorer) gives the nodes to show. (The site has all but the graph in one file:
// tools/works.py.)

import { goes } from "./dom.js";

const later = (load) => async (explorer) => (await load()).draw(explorer);

export const VIEWS = {
  table: { label: "Table", draw: (explorer) => explorer.table.draw() },
  cards: { label: "Cards", draw: later(() => import("./cards.js")) },
  matrix: { label: "Matrix", draw: later(() => import("./matrix.js")) },
  timeline: { label: "Timeline", draw: later(() => import("./timeline.js")) },
  graph: { label: "Relations", draw: later(() => import("./graph.js")) },
};

/** A link a view. */
export function tabs(explorer) {
  return Object.entries(VIEWS).map(([shape, { label }]) =>
    goes(explorer, { shape }, label, { "data-key": shape, ...(shape === explorer.shape ? { "aria-current": "true" } : {}) }),
  );
}
