// The words that were looked for, marked where they stand.

import { normalize } from "./text.js";

/** `text` as nodes, the phrases that were looked for in <mark>. */
export function marked(text, phrases) {
  if (!phrases.length) return [text];
  const parts = text.split(/([\p{L}\p{N}]+)/u);
  const places = parts.flatMap((part, at) => (at % 2 ? [at] : []));
  const words = places.map((at) => normalize(parts[at]));
  const hits = new Set();
  for (const phrase of phrases) {
    const wanted = phrase.split(" ");
    words.forEach((_, start) => {
      const fits = wanted.every((word, k) => (k < wanted.length - 1 ? words[start + k] === word : words[start + k]?.startsWith(word)));
      if (fits) wanted.forEach((__, k) => hits.add(places[start + k]));
    });
  }
  return parts.map((part, at) => {
    if (!hits.has(at)) return part;
    const mark = document.createElement("mark");
    mark.textContent = part;
    return mark;
  });
}
