// Any facet against any other: how many papers have both. A cell leads to them.

import { goes, node } from "./dom.js";
import { FACETS, FIELDS } from "./filters.js";
import { COUNTED, crosstab } from "./pivot.js";
import { narrowed } from "./terms.js";

const MOST = { down: 15, across: 7 }; // terms at first sight
const all = { down: false, across: false };

const short = (field) => (FACETS.includes(field) ? field.slice(0, -1) : field);
const chosen = (text, otherwise) => (COUNTED.includes(FIELDS.get(text)) ? FIELDS.get(text) : otherwise);

export function draw(explorer) {
  const [a, b] = [chosen(explorer.down, "frameworks"), chosen(explorer.across, "tasks")];
  const { down, across, counts } = crosstab(explorer.engine, a, b, explorer.rows);
  const rows = order(down, a).slice(0, all.down ? undefined : MOST.down);
  const columns = order(across, b).slice(0, all.across ? undefined : MOST.across);
  const most = Math.max(1, ...rows.flatMap((i) => columns.map((j) => counts[i][j])));
  const cell = (i, j) => {
    const count = counts[i][j];
    if (!count) return node("td", { class: "empty" }, "0");
    const filter = narrowed(explorer.answered, [[a, down[i].value], [b, across[j].value]]);
    const label = `${count} ${count === 1 ? "paper" : "papers"}: ${down[i].label}, ${across[j].label}`;
    const link = goes(explorer, { filter, shape: "table" }, String(count), { "aria-label": label });
    link.style.setProperty("--w", `${Math.round(6 + (44 * count) / most)}%`);
    return node("td", {}, link);
  };
  const head = columns.map((j) => node("th", { scope: "col" }, across[j].label));
  const body = rows.map((i) =>
    node("tr", {}, node("th", { scope: "row" }, down[i].label), ...columns.map((j) => cell(i, j))),
  );
  const table = node("table", { class: "matrix" },
    node("thead", {}, node("tr", {}, node("td", {}), ...head)), node("tbody", {}, ...body));
  const name = "Papers by two facets";
  return [
    node("p", { class: "axes" }, axis(explorer, "Rows", "down", a), axis(explorer, "Columns", "across", b),
      ...rest(explorer, "rows", "down", down.length), ...rest(explorer, "columns", "across", across.length)),
    node("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name }, table),
  ];
}

// Terms by their papers, most first; years in their order.
function order(groups, field) {
  const places = groups.map((_, at) => at);
  return field === "year" ? places.reverse() : places.sort((x, y) => groups[y].rows.size - groups[x].rows.size || x - y);
}

function axis(explorer, label, side, field) {
  const { labels } = explorer.engine.data;
  const options = COUNTED.map((own) =>
    node("option", { value: short(own), selected: own === field }, labels[own] ?? own));
  const select = node("select", { "data-key": side }, ...options);
  select.addEventListener("change", () => explorer.go({ [side]: select.value }));
  return node("label", {}, `${label} `, select);
}

function rest(explorer, what, side, length) {
  if (length <= MOST[side]) return [];
  const button = node("button", { type: "button", "data-key": `all ${side}`, "aria-pressed": String(all[side]) },
    all[side] ? `Fewer ${what}` : `All ${length} ${what}`);
  button.addEventListener("click", () => {
    all[side] = !all[side];
    explorer.draw();
  });
  return [button];
}
