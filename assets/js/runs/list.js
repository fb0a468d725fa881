/** The rows of the list of runs: what changed since the last answer, again and again. */

import { runAddress } from "../lib/address.js";
import { byId, closest, setText } from "../lib/dom.js";
import { navigate } from "../lib/navigation.js";
import { appUrl, getJson } from "../lib/net.js";
import { isLaunch, showLog } from "./trainers.js";

/**
 * @import { Changes, RunRow } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

const POLL_MS = 2000;
const IDLE_MS = 8000;

/** @implements {OpenPage} */
export class RunList {
  /** @type {Map<string, RunRow>} */
  known = new Map();
  token = "";
  closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  /** @param {GridApi} api of the list */
  constructor(api) {
    this.api = api;
    api.addEventListener("rowClicked", openRow);
    api.addEventListener("modelUpdated", () => this.count());
    this.refresh();
  }

  /** Look whether anything has changed. */
  async refresh() {
    let wait = IDLE_MS;
    try {
      const cache = this.token ? "no-store" : "no-cache"; // all rows may be there still
      const answer = await getJson(`/api/runs/changes?since=${this.token}`, { cache });
      if (this.closed) return;
      if (this.learn(answer)) this.show(answer);
      if ([...this.known.values()].some((row) => row.state === "running")) wait = POLL_MS;
    } catch {
      /* the banner says so */
    }
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => this.refresh(), wait);
  }

  /**
   * Take in what changed since the last answer; say whether anything did.
   * @param {Changes} answer
   */
  learn(answer) {
    if (answer.all) this.known = new Map();
    for (const run of answer.rows) this.known.set(run.id, run);
    for (const id of answer.gone) this.known.delete(id);
    this.token = answer.token;
    return answer.all || answer.rows.length + answer.gone.length > 0;
  }

  /** @param {Changes} answer */
  show(answer) {
    const { api, known } = this;
    /** @type {Set<string>} */
    const there = new Set();
    api.forEachNode(({ data }) => there.add(data.id));
    const rows = answer.all ? [...known.values()] : answer.rows;
    const gone = answer.all
      ? [...there].filter((id) => !known.has(id))
      : answer.gone.filter((id) => there.has(id));
    api.applyTransaction({
      add: rows.filter((row) => !there.has(row.id)),
      update: rows.filter((row) => there.has(row.id)),
      remove: gone.map((id) => ({ id })),
    });
    api.refreshCells({ force: true, columns: ["updated", "title", "state", "progress"] });
    this.count();
  }

  /** Say how many runs there are, and of how many the filters leave how many. */
  count() {
    const rows = [...this.known.values()];
    const shown = this.api.getDisplayedRowCount();
    const running = rows.filter((row) => row.state === "running").length;
    const words = [shown < rows.length ? `${shown} of ${rows.length} stored` : `${shown} stored`];
    if (running) words.push(`${running} running`);
    if (this.token) setText(byId("runs-count"), rows.length ? words.join(", ") : "");
    document.querySelector(".runs-grid")?.classList.toggle("no-rows", !rows.length);
    const empty = byId("runs-empty");
    if (empty) empty.hidden = rows.length > 0;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
  }
}

/**
 * A click anywhere in a row opens the run.
 * @param {{ data: RunRow, event: Event }} clicked
 */
function openRow({ data, event }) {
  if (data.problem || closest(event.target, "a, button, input, [col-id=ag-Grid-SelectionColumn]"))
    return;
  if (isLaunch(data.state)) showLog(data.id);
  else navigate(appUrl(runAddress(data.id)));
}
