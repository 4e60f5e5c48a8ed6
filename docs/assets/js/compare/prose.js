// A Markdown field of the catalog as nodes: paragraphs, lists, formulas, emphasis and code. Whatever
// else it holds shows as it was written; nothing of it becomes markup.

import { node } from "../explorer/dom.js";

const INLINE = /\$\$([\s\S]+?)\$\$|\$([^$\s](?:[^$]*[^$\s])?)\$(?!\d)|`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*/g;

export function inline(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(text.slice(end, found.index));
    const [, block, formula, code, strong, emphasis] = found;
    if (block) parts.push(node("div", { class: "arithmatex" }, `\\[${block}\\]`));
    else if (formula) parts.push(node("span", { class: "arithmatex" }, `\\(${formula}\\)`));
    else if (code) parts.push(node("code", {}, code));
    else if (strong) parts.push(node("strong", {}, strong));
    else parts.push(node("em", {}, emphasis));
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
}

export function prose(text) {
  return text.split(/\n\s*\n/).map((block) => {
    const items = block.split(/^\s*[-*] /m);
    if (items.length > 1 && !items[0].trim())
      return node("ul", {}, ...items.slice(1).map((item) => node("li", {}, ...inline(item.trim()))));
    return node("p", {}, ...inline(block.trim()));
  });
}
