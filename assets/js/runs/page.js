/** The Runs page while it is open. */

import { byId, el } from "../lib/dom.js";
import { SEARCH_WANTED } from "../player/keys.js";
import { Facets } from "./facets.js";
import { grid, openGrid } from "./grid.js";
import { Launches } from "./launches.js";
import { openList } from "./list.js";

/**
 * @import { RunsConfig } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

/**
 * Open the Runs page.
 * @param {RunsConfig} config
 * @param {((api: any) => void)[]} parts that need its grid
 * @returns {OpenPage}
 */
export function openRunsPage(config, parts) {
  /** @type {OpenPage[]} */
  const open = [];
  let closed = false;
  buildSearch();
  openGrid().then((api) => {
    if (closed) return;
    open.push(openList(), new Launches(), new Facets(api, config));
    for (const part of parts) part(api);
  });
  return {
    close() {
      closed = true;
      for (const one of open) one.close();
    },
  };
}

function buildSearch() {
  const field = el("input", {
    type: "search",
    class: "field search",
    id: "runs-search-field",
    placeholder: "Search runs  /",
    "aria-label": "Search runs",
    oninput: () => grid()?.setGridOption("quickFilterText", field.value),
  });
  byId("runs-search")?.replaceChildren(field);
  if (sessionStorage.getItem(SEARCH_WANTED)) {
    sessionStorage.removeItem(SEARCH_WANTED);
    field.focus();
  }
}
