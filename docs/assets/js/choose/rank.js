// Which framework should I use? The same rule as diffatlas.catalog.choosing.rank, on the same values.

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
    const option = question?.options.find(
      ({ id, aliases = [] }) => id === value || aliases.includes(value),
    );
    if (option) answers[name] = option.id;
    else if (question && value) unknown.push(`${name}: no option is called “${value}”`);
    else if (!question) unknown.push(`there is no question “${name}”`);
  }
  return { answers, unknown };
}
