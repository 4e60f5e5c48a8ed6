// The ways to look at the same papers. Each is a module of its own, whose draw(explorer) gives the nodes
// to show.

import { draw as drawCards } from "./cards.js";
import { goes } from "./dom.js";
import { draw as drawMatrix } from "./matrix.js";
import { draw as drawTimeline } from "./timeline.js";

export const VIEWS = {
  table: { label: "Table", draw: (explorer) => explorer.table.draw() },
  cards: { label: "Cards", draw: drawCards },
  matrix: { label: "Matrix", draw: drawMatrix },
  timeline: { label: "Timeline", draw: drawTimeline },
  // Long, and seldom asked for.
  graph: { label: "Relations", draw: async (explorer) => (await import("./graph.js")).draw(explorer) },
};

/** A link a view. */
export function tabs(explorer) {
  return Object.entries(VIEWS).map(([shape, { label }]) =>
    goes(explorer, { shape }, label, { "data-key": shape, ...(shape === explorer.shape ? { "aria-current": "true" } : {}) }),
  );
}
