// What must run before Material's own script and before the first paint, so it is loaded where the page
// begins and is no module.

// What Material keeps in inline scripts, which the content-security policy forbids: its storage, whose
// keys begin with the site's path, and the colour scheme that was chosen.
window.__md_scope = new URL("../../", document.currentScript.src);

// A browser may refuse it, by an error as soon as it is named: then a choice lasts as long as the page.
const lasting = (() => {
  try {
    localStorage.getItem("");
    return localStorage;
  } catch {
    const held = new Map();
    return { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => held.set(key, value) };
  }
})();

window.__md_get = (key, storage = lasting, scope = __md_scope) => {
  try {
    return JSON.parse(storage.getItem(`${scope.pathname}.${key}`));
  } catch {
    return null; // it holds what is not ours
  }
};

window.__md_set = (key, value, storage = lasting, scope = __md_scope) => {
  try {
    storage.setItem(`${scope.pathname}.${key}`, JSON.stringify(value));
  } catch {
    // A browser that stores nothing forgets the choice.
  }
};

for (const [name, value] of Object.entries(__md_get("__palette")?.color ?? {}))
  document.body.setAttribute(`data-md-color-${name}`, value);

// The theme's script would change this and make the browser work out every style again.
document.documentElement.classList.replace("no-js", "js");

// Material's instant navigation takes every link for one of HTML: it assigns `href`, which links of SVG
// only let read, and would stop with an error. Assigning does nothing; a click on one loads its page.
Object.defineProperty(SVGAElement.prototype, "href", {
  ...Object.getOwnPropertyDescriptor(SVGAElement.prototype, "href"),
  set() {},
});
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest?.("svg a")) event.stopPropagation();
  },
  true,
);

// Material asks for the search index, by far the largest file, on every first visit. It can wait for
// somebody who turns to the search.
const wanted = new Promise((resolve) => {
  const turnedTo = (event) => event.target.closest?.(".md-search, [for=__search], #__search") && resolve();
  for (const type of ["focusin", "pointerover", "change"]) document.addEventListener(type, turnedTo);
});
const { open, send } = XMLHttpRequest.prototype;
const waiting = new WeakSet();
XMLHttpRequest.prototype.open = function (method, url, ...rest) {
  if (String(url).endsWith("/search/search_index.json")) waiting.add(this);
  return open.call(this, method, url, ...rest);
};
XMLHttpRequest.prototype.send = function (body) {
  if (waiting.has(this)) wanted.then(() => send.call(this, body));
  else send.call(this, body);
};

// Back and forward between views of one page: Material takes the first for a page that it does not show
// yet and would fetch it and replace the content. What works in the page (atlas.js) reads the address
// itself; Material still hears of other pages, and of places in this one.
addEventListener("popstate", (event) => {
  const place = document.querySelector("div[data-at]");
  if (place?.dataset.at !== location.pathname) return;
  if (!location.hash) event.stopImmediatePropagation();
  place.dispatchEvent(new Event("return"));
});
