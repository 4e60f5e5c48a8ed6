// Elements made of ours and of catalog text, which enters as text alone.

export const node = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

/** An element of a drawing. */
export const shape = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

/**
 * Put `children` into `place`. What had the focus there has it again, by its data-key, or what is
 * `wanted` by its key instead; `otherwise` is for what is gone.
 */
export function redraw(place, children, otherwise, wanted) {
  const { activeElement } = document;
  const inside = place.contains(activeElement);
  place.replaceChildren(...children);
  if (!inside) return;
  const key = CSS.escape(wanted ?? activeElement.dataset.key ?? "");
  (place.querySelector(`[data-key="${key}"]`) ?? otherwise)?.focus();
}

/** A link to a change of the view; followed in place, opened elsewhere like any other link. */
export function goes(explorer, change, text, attributes = {}) {
  const link = node("a", { ...attributes, href: explorer.address(change) }, text);
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation(); // the page's own navigation would fetch the page anew
    explorer.go(change);
  });
  return link;
}
