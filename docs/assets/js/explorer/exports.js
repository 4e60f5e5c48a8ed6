// What can be taken away from a view: tables and citations, made in the browser.

import { day } from "./text.js";

const COLUMNS = ["id", "title", "authors", "year", "submitted", "venue", "arxiv", "doi", "code"];
const FACETS = ["frameworks", "tasks", "conditions", "datasets", "architectures"];

function record(engine, row) {
  const { data } = engine;
  const facets = Object.fromEntries(
    FACETS.map((facet) => [facet, data[facet][row].map((at) => data.terms[facet].ids[at])]),
  );
  return {
    id: data.id[row],
    title: data.title[row],
    authors: data.authors[row],
    year: data.year[row],
    submitted: day(data.submitted[row]) || null,
    venue: data.venue[row] || null,
    arxiv: data.arxiv[row] || null,
    doi: data.doi[row] || null,
    code: data.code[row],
    ...facets,
    origin: data.beyond[row] ? "beyond" : "survey",
    summary: data.summary[row] || null,
  };
}

const cell = (value) => (Array.isArray(value) ? value.join(";") : value ?? "");
export const csv = (value) => (/[",\n\r]/.test(value) ? `"${String(value).replace(/"/g, '""')}"` : value);
const LATEX = {
  "\\": "\\textbackslash{}", "&": "\\&", "%": "\\%", $: "\\$", "#": "\\#", _: "\\_", "{": "\\{",
  "}": "\\}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
};
export const latex = (value) => String(value).replace(/[\\&%$#_{}~^]/g, (c) => LATEX[c]);
export const markdown = (value) => String(value).replace(/[\\|`*_<>[\]]/g, (c) => `\\${c}`);

function short(engine, row) {
  const { data } = engine;
  const names = (facet) => data[facet][row].map((at) => data.terms[facet].names[at]).join(", ");
  return [data.title[row], data.by[row], data.year[row], names("frameworks"), names("tasks")];
}

const HEAD = ["Paper", "Authors", "Year", "Frameworks", "Tasks"];

export const FORMATS = {
  csv: {
    name: "papers.csv",
    make(engine, rows) {
      const names = [...COLUMNS, ...FACETS, "origin", "summary"];
      const lines = rows.map((row) => {
        const own = record(engine, row);
        return names.map((name) => csv(cell(own[name]))).join(",");
      });
      return `${[names.join(","), ...lines].join("\n")}\n`;
    },
  },
  json: {
    name: "papers.json",
    make: (engine, rows) => `${JSON.stringify(rows.map((row) => record(engine, row)), null, 1)}\n`,
  },
  bibtex: {
    name: "papers.bib",
    make: (engine, rows) => rows.map((row) => engine.data.bibtex[row]).join("\n"),
  },
  markdown: {
    name: "papers.md",
    make(engine, rows) {
      const body = rows.map((row) => `| ${short(engine, row).map(markdown).join(" | ")} |`);
      return `| ${HEAD.join(" | ")} |\n| --- | --- | ---: | --- | --- |\n${body.join("\n")}\n`;
    },
  },
  latex: {
    name: "papers.tex",
    make(engine, rows) {
      const body = rows.map((row) => {
        const [title, , ...rest] = short(engine, row);
        return `${latex(title)}~\\cite{${engine.data.id[row]}} & ${rest.map(latex).join(" & ")} \\\\`;
      });
      const head = HEAD.filter((name) => name !== "Authors").join(" & ");
      return [
        "\\begin{tabular}{p{.45\\linewidth}rp{.2\\linewidth}p{.2\\linewidth}}",
        "\\toprule", `${head} \\\\`, "\\midrule", ...body, "\\bottomrule", "\\end{tabular}", "",
      ].join("\n");
    },
  },
};

/** The filter as a line that gives the same papers elsewhere. */
export const asPython = (filter) => `diffatlas.load().find(${JSON.stringify(filter)})`;
export const asShell = (filter) => `diffatlas find -- '${filter.replace(/'/g, "'\\''")}'`;

export function download(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
