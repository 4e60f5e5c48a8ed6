// How texts are compared: the rules of diffatlas/catalog/text.py, kept in step by a test.

const LETTERS = { ß: "ss", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ı: "i" };
const SPELT = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");
const MARKS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+/g;
const GAPS = /[^\p{L}\p{N}]+/gu;
const ASCII = /^[\x00-\x7f]*$/;

/** Lower-case words parted by single spaces; empty if there is no letter or digit. */
export function normalize(text) {
  let folded = text;
  if (!ASCII.test(folded)) {
    // Lower case first and last: capitals can decompose, and İ has a mark only in lower case.
    folded = folded.normalize("NFKD").toLowerCase().normalize("NFKD").replace(MARKS, "");
    folded = folded.replace(SPELT, (letter) => LETTERS[letter]);
  }
  return folded.toLowerCase().replace(GAPS, " ").trim();
}

/** `text` without what Python's str.strip takes from its ends. */
export function strip(text) {
  return text.replace(/^(?:[^\S\ufeff]|[\x1c-\x1f\x85])+|(?:[^\S\ufeff]|[\x1c-\x1f\x85])+$/g, "");
}

/** A function that tells whether a normalized phrase begins at the beginning of a word of a row. */
export function textIndex(rows) {
  const folded = rows.map((texts) => texts.map((text) => ` ${normalize(text)}`).join("\n"));
  return (phrase) => {
    const needle = ` ${phrase}`;
    return folded.map((row) => row.includes(needle));
  };
}

/** Up to three of `known` that look most like `word`, best first. */
export function nearest(word, known, most = 3) {
  const wanted = word.toLowerCase().slice(0, 80);
  const scored = [];
  for (const own of known) {
    const name = own.toLowerCase();
    const far = distance(wanted, name);
    if (far <= Math.max(1, Math.min(wanted.length, name.length) * 0.4)) scored.push([far, own]);
    else if (wanted.length >= 3 && name.includes(wanted)) scored.push([50 + name.length, own]);
  }
  return scored.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1)).slice(0, most).map((s) => s[1]);
}

function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** 20200619 -> "2020-06-19"; "" where there is no day. */
export function day(number) {
  const text = String(number);
  return number ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : "";
}
