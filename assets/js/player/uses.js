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
 * The part of a selection that a link to these views must carry: defaults are left out.
 * @param {Pick<ViewAbout, "reads" | "styles" | "picks">[]} views
 * @param {Record<string, unknown>} selection
 * @param {Record<string, string[]>} choices words to choose from; the first is the default
 * @returns {Record<string, unknown>}
 */
export function linkedSelection(views, selection, choices) {
  const names = [...usedNames(views)].filter(
    (name) => name in selection && !(name in choices && selection[name] === choices[name][0]),
  );
  return Object.fromEntries(names.map((name) => [name, selection[name]]));
}
