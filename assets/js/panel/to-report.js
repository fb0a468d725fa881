/** Adding a picture to the report that is open in this browser. */

import { reportAddress } from "../lib/address.js";
import { appUrl, postJson, statusOf } from "../lib/net.js";
import { recall, remember } from "../lib/storage.js";
import { notify, notifyError } from "../lib/toast.js";

/**
 * @import { AddBody, Added, Named } from "../contract.js"
 * @import { Savable } from "./export.js"
 */

/** The report that pictures are added to; kept by this browser. */
const OPEN = "report";
/** What other tabs of this browser hear of a report that has changed. */
const CHANGED = "report-changed";
const FIRST = "Report";
const GONE = 404;

/** @returns {string | null} the name of the report that pictures are added to */
export const openReport = () => recall(OPEN);

/** @param {string | null} name */
export const setOpenReport = (name) => remember(OPEN, name);

/**
 * Tell other tabs that a report has changed.
 * @param {string} name
 */
export const tellChanged = (name) => remember(CHANGED, `${name} ${Date.now()}`);

/**
 * Called with the name of a report that another tab has changed.
 * @param {(name: string) => void} listener
 * @param {AbortSignal} signal
 */
export function onChanged(listener, signal) {
  const heard = (/** @type {StorageEvent} */ { key, newValue }) => {
    if (key === `grokdash-${CHANGED}` && newValue) listener(newValue.split(" ")[0]);
  };
  window.addEventListener("storage", heard, { signal });
}

/**
 * Begin a report and open it.
 * @param {string} title
 * @returns {Promise<string>} its name
 */
export async function beginReport(title) {
  /** @type {Named} */
  const { name } = await (await postJson("/api/reports/new", { title })).json();
  setOpenReport(name);
  return name;
}

/**
 * @param {string} name
 * @param {AddBody} asked
 * @returns {Promise<Added>}
 */
async function add(name, asked) {
  /** @type {`/api/report/${string}/add`} */
  const path = `/api/report/${encodeURIComponent(name)}/add`;
  return (await postJson(path, asked)).json();
}

/**
 * Add to the open report; where it was deleted, or there is none, to a new one.
 * @param {AddBody} asked
 */
async function addToOpen(asked) {
  const open = openReport();
  if (open) {
    try {
      return await add(open, asked);
    } catch (error) {
      if (statusOf(error) !== GONE || !(await isGone(open))) throw error;
    }
  }
  return add(await beginReport(FIRST), asked);
}

/** @param {string} name of a report, which may be what is not there, or the picture is */
async function isGone(name) {
  const path = `/api/report/${encodeURIComponent(name)}`;
  const { status } = await fetch(appUrl(path), { cache: "no-store" });
  return status === GONE;
}

/** @param {Savable} what */
export async function addToReport(what) {
  try {
    const { name, title, count } = await addToOpen(what.asked());
    tellChanged(name);
    const place = count === 1 ? "the first item" : `item ${count}`;
    const link = { words: "Open it", href: appUrl(reportAddress(name)) };
    notify(`Added to “${title}” as ${place}.`, undefined, link);
  } catch (error) {
    notifyError(error);
  }
}
