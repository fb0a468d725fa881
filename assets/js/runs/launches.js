/** Starts that are no run yet stand above the rows of the list. */

import { byId } from "../lib/dom.js";
import { getJson } from "../lib/net.js";

/**
 * @import { RunRow } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

const WATCH_MS = 700;
const IDLE_MS = 10000;

/** @implements {OpenPage} */
export class Launches {
  shown = "";
  closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  /**
   * @param {GridApi} api of the list
   * @param {() => void} onChange called when a start has become a run, or failed
   */
  constructor(api, onChange) {
    this.api = api;
    this.onChange = onChange;
    this.look();
  }

  async look() {
    let wait = IDLE_MS;
    try {
      const launches = await getJson("/api/launches", { cache: "no-store" });
      if (this.closed) return;
      this.show(launches);
      if (launches.some((one) => one.state === "starting")) wait = WATCH_MS;
    } catch {
      /* the banner says so */
    }
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => this.look(), wait);
  }

  /** @param {RunRow[]} launches */
  show(launches) {
    const text = JSON.stringify(launches);
    if (text === this.shown) return;
    this.shown = text;
    document.querySelector(".runs-grid")?.classList.toggle("has-launches", launches.length > 0);
    byId("runs-empty")?.classList.toggle("covered", launches.length > 0);
    this.api.setGridOption("pinnedTopRowData", launches);
    this.onChange();
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
  }
}
