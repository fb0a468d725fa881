/** The Runs page while it is open. */

import { byId, el } from "../lib/dom.js";
import { SEARCH_WANTED } from "../player/keys.js";
import { onChanged } from "./changed.js";
import { Facets } from "./facets.js";
import { Launches } from "./launches.js";
import { RunList } from "./list.js";

/**
 * @import { RunsConfig } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

const GRID = "runs-grid";

/**
 * Open the Runs page.
 * @param {RunsConfig} config
 * @param {((api: GridApi) => void)[]} parts that need its grid
 * @returns {OpenPage}
 */
export function openRunsPage(config, parts) {
  const page = new RunsPage(config);
  page.open(parts);
  return page;
}

/** @implements {OpenPage} */
class RunsPage {
  controller = new AbortController();
  search = searchField();
  /** @type {OpenPage[]} */
  opened = [];

  /** @param {RunsConfig} config */
  constructor(config) {
    this.config = config;
  }

  /** @param {((api: GridApi) => void)[]} parts */
  async open(parts) {
    const { search } = this;
    const { signal } = this.controller;
    const api = await window.dash_ag_grid?.getApiAsync(GRID);
    if (!api || signal.aborted) return;
    const list = new RunList(api);
    const launches = new Launches(api, () => list.refresh());
    this.opened = [list, launches, new Facets(api, this.config)];
    onChanged(() => {
      list.refresh();
      launches.look();
    }, signal);
    const find = () => api.setGridOption("quickFilterText", search.value);
    search.addEventListener("input", find);
    if (search.value) find();
    for (const part of parts) part(api);
  }

  close() {
    this.controller.abort();
    for (const one of this.opened) one.close();
  }
}

function searchField() {
  const field = el("input", {
    type: "search",
    class: "field search",
    id: "runs-search-field",
    placeholder: "Search runs  /",
    "aria-label": "Search runs",
  });
  byId("runs-search")?.replaceChildren(field);
  if (sessionStorage.getItem(SEARCH_WANTED)) {
    sessionStorage.removeItem(SEARCH_WANTED);
    field.focus();
  }
  return field;
}
