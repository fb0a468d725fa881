/** Which parts of the selection the views of a page use, and so which controls it gets. */

/** @import { ViewAbout } from "../contract.js" */

/**
 * @param {Pick<ViewAbout, "reads" | "styles" | "picks">[]} views
 * @returns {Set<string>} names, "step" left out
 */
export function usedNames(views) {
  const used = new Set(["norm"]);
  for (const { reads, styles, picks } of views) {
    for (const name of [...reads, ...styles, ...Object.values(picks)]) used.add(name);
  }
  used.delete("step");
  return used;
}

/**
 * What somebody has picked: what is not picked where nobody has.
 * @param {Record<string, unknown>} selection
 * @param {Record<string, unknown>} defaults
 * @returns {Record<string, unknown>}
 */
export function pickedSelection(selection, defaults) {
  const picked = Object.entries(selection).filter(([name, value]) => value !== defaults[name]);
  return Object.fromEntries(picked);
}

/**
 * The part of a selection that a link to these views must carry: the numbers that they use,
 * which may be others where a run has grown, and whatever was picked on any page.
 * @param {Pick<ViewAbout, "reads" | "styles" | "picks">[]} views
 * @param {Record<string, unknown>} selection
 * @param {Record<string, unknown>} defaults
 * @returns {Record<string, unknown>}
 */
export function linkedSelection(views, selection, defaults) {
  const numbers = [...usedNames(views)].filter((name) => typeof selection[name] === "number");
  const used = Object.fromEntries(numbers.map((name) => [name, selection[name]]));
  return { ...used, ...pickedSelection(selection, defaults) };
}
