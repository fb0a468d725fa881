/** The Runs page while it is open. */

import { byId, el } from "../lib/dom.js";
import { SEARCH_WANTED } from "../player/keys.js";
import { onChanged } from "./changed.js";
import { fitColumns } from "./columns.js";
import { Facets } from "./facets.js";
import { Launches } from "./launches.js";
import { RunList } from "./list.js";

/**
 * @import { RunsConfig } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

const GRID = "runs-grid";

/** How soon to look for the grid again after React has made another one. */
const AGAIN_MS = 50;

/**
 * Open the Runs page.
 * @param {RunsConfig} config
 * @param {((api: GridApi) => void)[]} parts that need its grid
 * @returns {OpenPage}
 */
export function openRunsPage(config, parts) {
  const page = new RunsPage(config, parts);
  page.open();
  return page;
}

/** @implements {OpenPage} */
class RunsPage {
  controller = new AbortController();
  search = searchField();
  /** @type {GridApi | null} */
  api = null;
  /** @type {OpenPage[]} */
  opened = [];
  /** Looks again at what may have changed. */
  look = () => {};

  /**
   * @param {RunsConfig} config
   * @param {((api: GridApi) => void)[]} parts
   */
  constructor(config, parts) {
    this.config = config;
    this.parts = parts;
    const { signal } = this.controller;
    onChanged(() => this.look(), signal);
    this.search.addEventListener("input", () => this.find(), { signal });
  }

  async open() {
    const { signal } = this.controller;
    if (signal.aborted) return;
    const api = await window.dash_ag_grid?.getApiAsync(GRID);
    if (!api || signal.aborted) return;
    if (api.isDestroyed()) {
      this.again();
      return;
    }
    this.api = api;
    api.addEventListener("gridPreDestroyed", () => this.again());
    fitColumns(api);
    const list = new RunList(api);
    const launches = new Launches(api, () => list.refresh());
    this.opened = [list, launches, new Facets(api, this.config)];
    this.look = () => {
      list.refresh();
      launches.look();
    };
    if (this.search.value) this.find();
    for (const part of this.parts) part(api);
  }

  /** React may take a grid down and make another while the page is laid out. */
  again() {
    this.letGo();
    setTimeout(() => this.open(), AGAIN_MS);
  }

  find() {
    this.api?.setGridOption("quickFilterText", this.search.value);
  }

  letGo() {
    this.api = null;
    this.look = () => {};
    for (const one of this.opened) one.close();
    this.opened = [];
  }

  close() {
    this.controller.abort();
    this.letGo();
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
