/** The pictures that several runs have of one view: one range, so that they compare. */

/** @import { Figure } from "../contract.js" */

/**
 * @param {number[][]} ranges
 * @returns {[number, number]}
 */
const around = (ranges) => [
  Math.min(...ranges.map(([low]) => low)),
  Math.max(...ranges.map(([, high]) => high)),
];

/** @param {any} range */
const isRange = (range) => Array.isArray(range) && range.length === 2 && range[0] < range[1];

/**
 * Give what lies under the same name in all of several objects the same two limits.
 * @param {Record<string, any>[]} objects
 * @param {(one: any) => any} limits
 * @param {(one: any, range: [number, number]) => void} set
 */
function share(objects, limits, set) {
  const found = objects.map(limits);
  if (!found.every(isRange)) return;
  const range = around(found);
  for (const one of objects) set(one, range);
}

/**
 * @param {any} one a trace, or a colour axis
 * @param {string} low
 * @param {string} high
 */
const between = (one, low, high) =>
  typeof one?.[low] === "number" && typeof one?.[high] === "number" ? [one[low], one[high]] : null;

/**
 * Give figures of one view the ranges of all of them. Maps keep their axes, whose cells
 * are tokens or neurons of one run; their colours are shared.
 * @param {Figure[]} figures
 */
export function shareRanges(figures) {
  const [first] = figures;
  if (figures.length < 2) return;
  const layouts = figures.map(({ layout }) => layout);
  const maps = first.data.some((trace) => trace.type === "heatmap");
  for (const name of Object.keys(first.layout)) {
    const parts = layouts.map((layout) => layout[name]);
    if (/^[xy]axis\d*$/.test(name) && !maps && isAlike(parts, "type"))
      share(
        parts,
        (axis) => axis?.range,
        (axis, range) => {
          axis.range = range;
        },
      );
    if (/^coloraxis\d*$/.test(name)) shareColours(parts, "cmin", "cmax");
  }
  if (figures.some(({ data }) => data.length !== first.data.length)) return;
  first.data.forEach((_trace, i) => {
    shareColours(
      figures.map(({ data }) => data[i]),
      "zmin",
      "zmax",
    );
  });
}

/**
 * @param {any[]} parts
 * @param {string} name
 */
const isAlike = (parts, name) => parts.every((part) => part?.[name] === parts[0]?.[name]);

/**
 * @param {any[]} parts
 * @param {string} low
 * @param {string} high
 */
function shareColours(parts, low, high) {
  share(
    parts,
    (one) => between(one, low, high),
    (one, range) => {
      [one[low], one[high]] = range;
    },
  );
}
