// Entities side by side, field by field: the same rows as diffatlas.catalog.tables.compare gives.

const LEFT_OUT = new Set(["id", "kind", "provenance", "aliases"]);

const isMapping = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
export const isEmpty = (value) =>
  value === null || value === undefined || value === "" ||
  (typeof value === "object" && !Object.keys(value).length);

/** A field's value as one text: lists parted by ", ", mappings as "key: value". */
export function cellText(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(cellText).join(value.some(isMapping) ? "; " : ", ");
  if (!isMapping(value)) return String(value).trim();
  const target = value.to || value.paper;
  if (target && Object.keys(value).every((key) => ["to", "paper", "how"].includes(key)))
    return `${target}: ${value.how ?? ""}`.trim().replace(/:$/, "");
  return Object.entries(value).map(([key, item]) => `${key}: ${cellText(item)}`).join("; ");
}

function flatten(record) {
  const flat = new Map();
  for (const [key, value] of Object.entries(record)) {
    if (LEFT_OUT.has(key) || isEmpty(value)) continue;
    if (isMapping(value)) for (const [inner, item] of Object.entries(value)) flat.set(`${key}.${inner}`, item);
    else flat.set(key, value);
  }
  return flat;
}

const comparable = (value) =>
  Array.isArray(value) ? value.map(cellText).sort().join("\n") : cellText(value);

/** [{field, values, cells, differs}] in the catalog's order of fields; `values` are as the catalog has them. */
export function compare(records, order) {
  const flat = records.map(flatten);
  const fields = [...new Set(flat.flatMap((row) => [...row.keys()]))];
  const place = (field) => {
    const at = order.indexOf(field.split(".")[0]);
    return at < 0 ? order.length : at;
  };
  fields.sort((a, b) => place(a) - place(b));
  return fields.map((field) => {
    const values = flat.map((row) => row.get(field));
    return {
      field,
      values,
      cells: values.map(cellText),
      differs: new Set(values.map(comparable)).size > 1,
    };
  });
}
