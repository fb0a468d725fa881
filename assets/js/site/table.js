/** Tables whose rows are filtered and sorted in the page. */

/**
 * @typedef {object} Row
 * @property {string} text all its words, in small letters
 * @property {Record<string, string>} facets by name
 * @property {Record<string, string | number | null>} values by column; null is not known
 *
 * @typedef {object} Wanted what the address of a list says
 * @property {string} query words that must all be there
 * @property {Record<string, string>} facets that must be so; empty ones may be anything
 * @property {string} column by which it is sorted; empty as written
 * @property {boolean} falling
 */

/**
 * Whether a row is to be shown.
 * @param {Row} row
 * @param {Pick<Wanted, "query" | "facets">} wanted
 */
export function fits({ text, facets }, wanted) {
  const words = wanted.query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => text.includes(word))) return false;
  return Object.entries(wanted.facets).every(([name, value]) => !value || facets[name] === value);
}

const collator = new Intl.Collator("en", { numeric: true });

/**
 * Places of rows in their new order; rows that are alike keep theirs, and those of which
 * nothing is known come last in both directions.
 * @param {(string | number | null)[]} values
 * @param {boolean} falling
 */
export function order(values, falling) {
  const sign = falling ? -1 : 1;
  return [...values.keys()].sort((i, j) => {
    const [a, b] = [values[i], values[j]];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * collator.compare(String(a), String(b));
  });
}

/**
 * What the address of a list wants.
 * @param {Record<string, string>} query
 * @param {string[]} facets that there are
 * @returns {Wanted}
 */
export function wantedOf({ q = "", sort = "", ...rest }, facets) {
  const falling = sort.startsWith("-");
  return {
    query: q,
    facets: Object.fromEntries(facets.map((name) => [name, rest[name] || ""])),
    column: falling ? sort.slice(1) : sort,
    falling,
  };
}

/**
 * The address that wants this.
 * @param {Wanted} wanted
 * @returns {Record<string, string>}
 */
export const queryOf = ({ query, facets, column, falling }) => ({
  q: query,
  ...facets,
  sort: column && (falling ? `-${column}` : column),
});

/**
 * A cell as it is sorted.
 * @param {string | undefined} written
 * @returns {string | number | null}
 */
export function sortKey(written) {
  if (written === undefined || written === "") return null;
  const number = Number(written);
  return Number.isNaN(number) ? written : number;
}
