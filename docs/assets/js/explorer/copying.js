// Text for the clipboard.

import { node } from "./dom.js";

const SAID = 1500; // milliseconds

/** Copy a text; where the browser allows it to no script (plain http), show it beside the button. */
export async function copy(button, name, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = node("input", { class: "by-hand", type: "text", readOnly: true, value: text, "aria-label": `${name}: the text` });
    // It stays while one is in another window. It lies above the page: were it to move the button of a
    // next click when it goes, that click would miss.
    box.addEventListener("blur", () => document.activeElement === box || box.remove());
    button.after(box);
    box.focus();
    box.select();
    return;
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = name), SAID);
}
