// The guided choice: eight questions, any of them open, and the ranked list that follows from them.
// The address holds the answers, so a choice is a link and the back button works.

import { node } from "../explorer/dom.js";
import { parse, rank } from "./rank.js";

const BEST = 5; // shown at once; the others unfold

export async function mount(place, signal) {
  const response = await fetch(place.dataset.guide, { signal });
  if (!response.ok) throw new Error(`cannot load ${place.dataset.guide}: ${response.status}`);
  if (signal.aborted) return;
  new Choice(place, await response.json()).start(signal);
}

class Choice {
  constructor(place, { questions, candidates, sources }) {
    Object.assign(this, { place, questions, candidates, sources });
    this.known = new Map(candidates.map((candidate) => [candidate.id, candidate]));
    this.fields = new Map(questions.map((question) => [question.id, this.field(question)]));
    this.count = node("p", { class: "count", role: "status" });
    this.found = node("div", { id: "choice" });
    const clear = node("button", { type: "button" }, "Start again");
    clear.addEventListener("click", () => this.answer({}));
    const form = node("form", { class: "questions", "aria-label": "Questions" },
      ...[...this.fields.values()].map(({ box }) => box));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => this.answer(this.chosen()));
    place.replaceChildren(form, node("div", { class: "actions" }, clear), this.count, this.found);
  }

  start(signal) {
    this.place.addEventListener("return", () => this.read(), { signal });
    this.read();
  }

  field({ id, asks, options }) {
    const select = node("select", { name: id }, node("option", { value: "" }, "no matter"),
      ...options.map((option) => node("option", { value: option.id }, option.label)));
    return { select, box: node("label", {}, node("b", {}, asks), select) };
  }

  chosen() {
    const answers = [...this.fields].map(([id, { select }]) => [id, select.value]);
    return Object.fromEntries(answers.filter(([, value]) => value));
  }

  answer(answers) {
    const address = new URL(location.href);
    address.search = new URLSearchParams(answers);
    history.pushState(null, "", address);
    this.read();
  }

  read() {
    const { answers, unknown } = parse(this.questions, location.search);
    for (const [id, { select }] of this.fields) select.value = answers[id] ?? "";
    this.draw(answers, unknown);
  }

  draw(answers, unknown) {
    const warning = unknown.length
      ? [node("p", { class: "note", role: "alert" },
          `Left out of this link: ${unknown.join("; ")}. Choose an option above instead.`)]
      : [];
    if (!Object.keys(answers).length) {
      this.count.textContent = "Answer one question or more; what you leave open has no influence.";
      this.found.replaceChildren(...warning, ...this.overview());
      return;
    }
    const ranked = rank(this.candidates, answers);
    const fitting = ranked.filter((entry) => entry.rank);
    const out = ranked.filter((entry) => !entry.rank);
    this.count.textContent = `${fitting.length} of ${ranked.length} fit` +
      (fitting.length ? `, first ${this.known.get(fitting[0].id).name}.` : ": set a question back to “no matter”.");
    const [best, rest] = [fitting.slice(0, BEST), fitting.slice(BEST)];
    this.found.replaceChildren(
      ...warning,
      ...this.commands(answers),
      node("ol", { class: "ranked" }, ...best.map((entry) => this.entry(entry))),
      ...folded(`${rest.length} more that fit`, rest.length, () =>
        node("ol", { class: "ranked", start: BEST + 1 }, ...rest.map((entry) => this.entry(entry)))),
      ...folded(`${out.length} left out, and why`, out.length, () =>
        node("ul", { class: "notes" }, ...out.map(({ id, reasons }) =>
          node("li", {}, this.link(`frameworks/${id}`), ": ", ...this.reason(reasons[0]))))),
    );
  }

  overview() {
    const cards = this.candidates.map(({ id, use, count: papers }) =>
      node("section", {}, node("h2", {}, this.link(`frameworks/${id}`)), node("p", {}, use),
        node("p", {}, node("small", {}, `${count(papers)} of the catalog`))));
    return [node("div", { class: "cards" }, ...cards)];
  }

  entry({ id, score, papers, reasons }) {
    const { use, papers: read, command, baseline } = this.known.get(id);
    const works = read.map((own) => this.link(`papers/${own}`));
    return node("li", {},
      node("h2", {}, this.link(`frameworks/${id}`),
        node("small", {}, ` ${score > 0 ? "+" : ""}${score} · ${count(papers)}`)),
      node("p", {}, use),
      node("ul", { class: "reasons" }, ...reasons.map((reason) => this.weighed(reason))),
      ...(works.length ? [node("p", {}, "Read: ", ...between(works, ", "))] : []),
      ...(command ? [node("p", {}, "Run the nearest baseline, ", this.link(`baselines/${baseline}`), ": ", node("code", {}, command))] : []));
  }

  weighed(reason) {
    const { weight } = reason;
    const sign = weight ? `${weight > 0 ? "+" : "−"}${Math.abs(weight)}` : "·";
    const kind = weight > 0 ? "for" : weight < 0 ? "against" : "told";
    return node("li", { class: kind }, node("b", {}, sign), node("span", {}, ...this.reason(reason)));
  }

  reason({ because, sources }) {
    return [because, " ", node("small", {}, ...between(sources.map((source) => this.link(source)), ", "))];
  }

  link(source) {
    return node("a", { href: `${this.place.dataset.root}${source}/` }, this.sources[source]);
  }

  /** The same choice in the shell and in Python. */
  commands(answers) {
    const flags = Object.entries(answers).map(([id, option]) => `--${id} ${option}`);
    const named = Object.entries(answers).map(([id, option]) => `${id}="${option}"`);
    return [node("p", { class: "same" }, "The same choice: ",
      node("code", {}, `diffatlas choose ${flags.join(" ")}`), " or ",
      node("code", {}, `atlas.choose(${named.join(", ")})`))];
  }
}

const count = (papers) => `${papers} ${papers === 1 ? "paper" : "papers"}`;
const between = (nodes, text) => nodes.flatMap((own, at) => (at ? [text, own] : [own]));

function folded(summary, count, body) {
  return count ? [node("details", {}, node("summary", {}, summary), body())] : [];
}
