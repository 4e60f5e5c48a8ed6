// Which framework should I use? The same rule as diffatlas.catalog.choosing.rank, on the same values.

import { normalize, strip } from "../explorer/text.js";

/** Every candidate, best first, those that are left out (rank null) last, each with its reasons. */
export function rank(candidates, answers) {
  const fires = ({ when }) =>
    Object.entries(when).every(([question, options]) => options.includes(answers[question]));
  const found = candidates.map(({ id, rules, counts, count }) => {
    const reasons = rules
      .filter(fires)
      .map(({ weight = null, because, sources }) => ({ weight, because, sources }));
    const out = reasons.filter(({ weight }) => weight === null);
    const points = reasons.filter(({ weight }) => weight).sort((a, b) => b.weight - a.weight);
    const told = reasons.filter(({ weight }) => weight === 0);
    return {
      id,
      score: points.reduce((sum, { weight }) => sum + weight, 0),
      papers: counts[answers.task] ?? count,
      reasons: out.length ? out : [...points, ...told],
      excluded: out.length > 0,
    };
  });
  found.sort(
    (a, b) =>
      a.excluded - b.excluded || b.score - a.score || b.papers - a.papers || (a.id < b.id ? -1 : 1),
  );
  return found.map(({ excluded, ...entry }, at) => ({ ...entry, rank: excluded ? null : at + 1 }));
}

/** The answers that an address holds; what is no question or no option is left out and told. */
export function parse(questions, search) {
  const [answers, unknown] = [{}, []];
  for (const [name, value] of new URLSearchParams(search)) {
    const question = questions.find(({ id }) => id === name);
    const option = question && optionOf(question, value);
    if (option) answers[name] = option;
    else if (question && value) unknown.push(`${name}: no option is called “${value}”`);
    else if (!question) unknown.push(`there is no question “${name}”`);
  }
  return { answers, unknown };
}

// By its id or an alias, a number by its range, a term by the option that covers it: as
// diffatlas.catalog.choosing.answered.
function optionOf({ options, spellings = {} }, value) {
  const typed = strip(value).toLowerCase();
  const named = ({ id, aliases = [] }) => [id, ...aliases].some((own) => own.toLowerCase() === typed);
  const reached = ({ least = Infinity }) => /^[0-9]+$/.test(typed) && least <= Number(typed);
  const option = options.find(named) ?? options.filter(reached).at(-1);
  if (option) return option.id;
  const spelt = normalize(typed);
  return Object.hasOwn(spellings, spelt) ? spellings[spelt] : undefined;
}
