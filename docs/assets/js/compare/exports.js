// A comparison to take away; the forms are those of `diffatlas compare --format`.

import { csv, latex, markdown } from "../explorer/exports.js";

const FORMULA = /(\$\$[\s\S]+?\$\$|\$[^$\s](?:[^$]*[^$\s])?\$)/;

// Formulas stay as they are; between them every special sign is escaped.
const kept = (text, escape) =>
  text.split(FORMULA).map((part, at) => (at % 2 ? part.replace(/\$\$/g, "$") : escape(part))).join("");

const lines = (ids, rows) => rows.map(({ field, differs, cells }) => [field, differs ? "*" : "", ...cells]);
const flat = (text) => text.replace(/\s*\n\s*/g, " ");

export const FORMATS = {
  csv: {
    name: "comparison.csv",
    make: (ids, rows) =>
      [["field", ...ids, "differs"], ...rows.map(({ field, cells, differs }) => [field, ...cells, differs])]
        .map((line) => `${line.map(csv).join(",")}\n`).join(""),
  },
  json: {
    name: "comparison.json",
    make: (ids, rows) =>
      `${JSON.stringify(rows.map(({ field, cells, differs }) => ({
        field, ...Object.fromEntries(ids.map((own, at) => [own, cells[at]])), differs,
      })), null, 1)}\n`,
  },
  markdown: {
    name: "comparison.md",
    make: (ids, rows) => {
      const body = lines(ids, rows).map((line) => `| ${line.map((text) => kept(flat(text), markdown)).join(" | ")} |`);
      const head = ["field", "", ...ids];
      return `| ${head.join(" | ")} |\n|${" --- |".repeat(head.length)}\n${body.join("\n")}\n`;
    },
  },
  latex: {
    name: "comparison.tex",
    make: (ids, rows) => {
      const width = (0.75 / ids.length).toFixed(2);
      const body = lines(ids, rows).map((line) => `${line.map((text) => kept(flat(text), latex)).join(" & ")} \\\\`);
      return [
        `\\begin{tabular}{ll${`p{${width}\\linewidth}`.repeat(ids.length)}}`, "\\toprule",
        `${["field", "", ...ids].map(latex).join(" & ")} \\\\`, "\\midrule", ...body,
        "\\bottomrule", "\\end{tabular}", "",
      ].join("\n");
    },
  },
};
