// What Material keeps in inline scripts, as a file, so that a content-security policy can forbid inline
// ones: its storage, whose keys begin with the site's path, and the colour scheme that was chosen. It
// is loaded where the page begins, and not as a module, because the scheme must be set before the
// first paint.
window.__md_scope = new URL("../../", document.currentScript.src);

window.__md_get = (key, storage = localStorage, scope = __md_scope) =>
  JSON.parse(storage.getItem(`${scope.pathname}.${key}`));

window.__md_set = (key, value, storage = localStorage, scope = __md_scope) => {
  try {
    storage.setItem(`${scope.pathname}.${key}`, JSON.stringify(value));
  } catch {
    // A browser that stores nothing forgets the choice.
  }
};

for (const [name, value] of Object.entries(__md_get("__palette")?.color ?? {}))
  document.body.setAttribute(`data-md-color-${name}`, value);

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
