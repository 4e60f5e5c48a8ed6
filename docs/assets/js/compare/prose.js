// A Markdown field of the catalog as nodes: paragraphs, lists, tables, formulas, emphasis and code.
// Whatever else it holds shows as it was written; nothing of it becomes markup.

import { node } from "../explorer/dom.js";

/** LaTeX -> MathML as the pages have it, `{inline, block}`; main.js fetches it where there is math. */
export const formulas = { inline: {}, block: {} };

// What the site's own generator wrote, read as XML: it becomes elements without any HTML.
function drawn(latex, kind) {
  const made = formulas[kind][latex.trim()];
  if (!made) return node("code", {}, kind === "block" ? `$$${latex}$$` : `$${latex}$`);
  const named = made.replace("<math", '<math xmlns="http://www.w3.org/1998/Math/MathML"');
  return document.importNode(new DOMParser().parseFromString(named, "application/xml").documentElement, true);
}

const INLINE = /\$\$([\s\S]+?)\$\$|\$([^$\s](?:[^$]*[^$\s])?)\$(?!\d)|`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*/g;

export function inline(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(text.slice(end, found.index));
    const [, block, formula, code, strong, emphasis] = found;
    if (block) parts.push(node("div", { class: "formula" }, drawn(block, "block")));
    else if (formula) parts.push(drawn(formula, "inline"));
    else if (code) parts.push(node("code", {}, code));
    else if (strong) parts.push(node("strong", {}, strong));
    else parts.push(node("em", {}, emphasis));
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
}

// A bar parts cells unless it is escaped or stands in a formula or in code.
const PIECE = /\$[^$\s](?:[^$]*[^$\s])?\$|`[^`]*`|\\\||[^]/g;
const RULE = /^\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?\s*)?$/;

function split(line) {
  const parts = [""];
  for (const [piece] of line.trim().replace(/^\||(?<!\\)\|$/g, "").matchAll(PIECE)) {
    if (piece === "|") parts.push("");
    else parts[parts.length - 1] += piece === "\\|" ? "|" : piece;
  }
  return parts.map((part) => part.trim());
}

function table([head, , ...rows]) {
  const row = (tag, line, attributes) => node("tr", {}, ...split(line).map((cell) => node(tag, attributes, ...inline(cell))));
  return node("section", { class: "scroll", tabIndex: 0, "aria-label": "Table" },
    node("table", {}, node("thead", {}, row("th", head, { scope: "col" })), node("tbody", {}, ...rows.map((line) => row("td", line, {})))));
}

export function prose(text) {
  return text.split(/\n\s*\n/).map((block) => {
    const lines = block.trim().split("\n");
    if (lines.length > 2 && RULE.test(lines[1])) return table(lines);
    for (const [list, mark] of [["ul", /^\s*[-*] /m], ["ol", /^\s*\d+\. /m]]) {
      const items = block.split(mark);
      if (items.length > 1 && !items[0].trim())
        return node(list, {}, ...items.slice(1).map((item) => node("li", {}, ...inline(item.trim()))));
    }
    return node("p", {}, ...inline(block.trim()));
  });
}
