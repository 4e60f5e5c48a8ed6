// What the pages need beyond HTML: sorting of plain tables, copying, and buttons for the icons of the
// header. Everything that it touches can be read without it.
//
// Where the site knows its address, the theme replaces the content instead of loading a page
// (navigation.instant): `mountPage` then runs once for every page shown, and what listens beyond the
// content ends with the page's signal.

function load(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`cannot load ${url}`));
    document.head.append(script);
  });
}

// What scrolls can be reached by keys, and nothing else. Fonts decide how wide a formula is.
async function makeReachable() {
  const formulas = document.querySelectorAll("div.formula");
  if (!formulas.length) return;
  await document.fonts.ready;
  const wide = [...formulas].filter((element) => element.scrollWidth > element.clientWidth);
  for (const element of wide) element.tabIndex = 0;
}

// Sortable tables: each group of rows keeps its head row and is sorted within itself; groups follow
// their first row. What is not told comes last, whichever way the others go.
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(a, b, sign) {
  if (!a || !b) return Number(!a) - Number(!b);
  const [x, y] = [a, b].map((text) => Number(text.replace(/^[≤≥]\s*/, "").replaceAll(",", "")));
  return sign * (Number.isNaN(x) || Number.isNaN(y) ? collator.compare(a, b) : x - y);
}

function sortBy(table, column, head) {
  const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
  const told = (row) => row?.cells[column]?.textContent.trim() ?? "";
  const firsts = [...table.tBodies].map((body) => {
    const rows = [...body.rows].filter((row) => !row.classList.contains("group"));
    const keyed = rows.map((row) => [told(row), row]).sort((a, b) => compare(a[0], b[0], sign));
    body.append(...keyed.map(([, row]) => row));
    return [keyed[0]?.[0] ?? "", body];
  });
  if (table.dataset.sortable !== "groups") return;
  table.append(...firsts.sort((a, b) => compare(a[0], b[0], sign)).map(([, body]) => body));
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    if (head.querySelector("a")) {
      // A link cannot stand in a button: the button stands after it, with the arrow alone.
      button.setAttribute("aria-label", `Sort by ${head.textContent.trim()}`);
    } else {
      button.append(...head.childNodes);
    }
    button.addEventListener("click", () => sortBy(table, column, head));
    head.append(button);
  });
}

// The icons of the header are labels of hidden boxes, which work without scripts but not by keys:
// with scripts they become buttons.
function makeButtons() {
  for (const label of document.querySelectorAll(".md-header label.md-header__button")) {
    const button = document.createElement("button");
    for (const { name, value } of label.attributes) button.setAttribute(name, value);
    button.type = "button";
    button.setAttribute("aria-label", label.title);
    button.append(...label.childNodes);
    button.addEventListener("click", () => {
      document.getElementById(label.htmlFor).click();
      if (label.htmlFor === "__search") document.querySelector(".md-search__input").focus();
      // Choosing a scheme hides this button and shows the other one.
      setTimeout(() => button.hidden && button.form?.querySelector("button:not([hidden])")?.focus());
    });
    label.replaceWith(button);
  }
}

// Code can be copied.
function makeCopyable(code) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.innerText);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code); // where browsers let no script copy (plain http)
      button.textContent = "Selected: copy it by keys";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  code.parentElement.parentElement.classList.add("copyable");
  code.parentElement.before(button);
}

// "Suggest a correction" knows the page's entry; beside a value, field and value are filled in too.
function makeCorrectable(link) {
  const { entry } = link.dataset;
  for (const row of document.querySelectorAll("dl.facts > div")) {
    const [field, value] = [row.querySelector("dt"), row.querySelector("dd")];
    const shown = value.innerText.trim().replace(/\s*\n\s*/g, "; ");
    const url = new URL(link.href);
    url.searchParams.set("title", `Correction: ${entry}, ${field.textContent.trim()}`);
    url.searchParams.set(
      "body",
      `Entry: ${entry}\nField: ${field.textContent.trim()}\nValue: ${shown}\n\nWhat is right, and where a reader can see it:\n`,
    );
    const fix = document.createElement("a");
    fix.className = "fix";
    fix.rel = "noopener";
    fix.href = url;
    fix.textContent = "✎";
    fix.title = "Suggest a correction of this value";
    fix.setAttribute("aria-label", `${fix.title}: ${field.textContent.trim()}`);
    value.append(" ", fix);
  }
}

// Facts whose sources stand on the page are marked.
async function markSources() {
  const table = document.querySelector("table.facts-by-source");
  if (table) (await import(new URL("sources.js", import.meta.url))).mark(table);
}

async function scrollTimelines() {
  const places = document.querySelectorAll("figure.timeline > .scroll");
  if (!places.length) return;
  const { startAtNewest } = await import(new URL("newest.js", import.meta.url));
  places.forEach(startAtNewest);
}

// The header stays when the content is replaced: its tabs follow the page's section.
function markSection() {
  const section = document.querySelector("[data-section]")?.dataset.section ?? "";
  const here = location.origin + location.pathname;
  for (const tab of document.querySelectorAll(".da-tabs a")) {
    tab.removeAttribute("aria-current");
    if (tab.dataset.tab && section.startsWith(tab.dataset.tab))
      tab.setAttribute("aria-current", tab.href === here ? "page" : "true");
  }
}

// What a person works with comes with its own scripts, and only where it is: by the id of its place.
// "return" tells it that back or forward changed the address.
const WORKS = { explorer: "explorer/main.js", choose: "choose/main.js", compare: "compare/main.js" };

async function start(id, signal) {
  const place = document.querySelector(`div#${id}[data-root]`); // a heading may have the same id
  if (!place) return;
  const { mount } = await import(new URL(WORKS[id], import.meta.url));
  if (signal.aborted) return;
  place.dataset.at = location.pathname; // from now on it hears of "return" (theme.js)
  await mount(place, signal);
}

// The search of the header knows titles; the explorer knows authors and summaries too.
document.addEventListener("input", ({ target }) => {
  if (!target.matches(".md-search__input")) return;
  const link = document.querySelector(".da-search-further a");
  const asked = target.value.trim();
  const plain = /^[\p{L}\p{N}\s]*$/u.test(asked); // else a phrase: signs would be grammar
  const url = new URL(link.href);
  url.search = asked && new URLSearchParams({ filter: plain ? asked : JSON.stringify(asked) });
  link.href = url;
});

// What scripts add may hold formulas too; they say so.
document.addEventListener("formulas", () => makeReachable().catch(complain));

let leave = new AbortController();

// A page that is left while it still loads is no error.
const complain = (error) => error.name === "AbortError" || console.error(error);

/** Promises that what works in the page stands, or has failed. */
function mountPage() {
  leave.abort();
  leave = new AbortController();
  const works = Object.keys(WORKS).map((id) => start(id, leave.signal).catch(complain));
  document.querySelectorAll("p.suggest a[data-entry]").forEach(makeCorrectable);
  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  document.querySelectorAll(".highlight pre > code, #cite pre > code").forEach(makeCopyable);
  markSources().catch(complain);
  scrollTimelines().catch(complain);
  markSection();
  makeButtons();
  makeReachable().catch(complain);
  return Promise.all(works);
}

const PATIENCE = 2000; // milliseconds that the theme waits at most for what works in the page

// The page that was loaded does not wait for the theme's script, which comes afterwards.
async function begin() {
  const standing = mountPage();
  const theme = document.getElementById("theme");
  if (theme) {
    await Promise.race([standing, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    await load(theme.dataset.src);
    document.dispatchEvent(new Event("DOMContentLoaded")); // it is written to run before that
  }
  // Its stream of pages starts with the one that was loaded.
  let first = true;
  window.document$?.subscribe(() => (first ? (first = false) : mountPage()));
}

begin().catch(complain);
