/** Training from the page: start, stop, go on, and the log of a trainer while it prints. */

import { runAddress } from "../lib/address.js";
import { closeDialog } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { follow } from "../lib/navigation.js";
import { appUrl, getJson, postJson } from "../lib/net.js";
import { mayTrain, openLog, postStart } from "../lib/process-log.js";
import { notify, notifyError } from "../lib/toast.js";
import { tellChanged } from "./changed.js";

/**
 * @import { Log, NoBody, RowState } from "../contract.js"
 *
 * @typedef {{ id: string, state: RowState }} Trained a run, or a start that is no run yet
 */

/** @type {RowState[]} */
const AT_WORK = ["starting", "running"];
/** @type {NoBody} */
const NOTHING = {};

/**
 * @template {string} What
 * @param {string} id of a run
 * @param {What} what
 * @returns {`/api/run/${string}/${What}`}
 */
export const runPath = (id, what) => `/api/run/${encodeURIComponent(id)}/${what}`;

/** @param {RowState} state */
export const isLaunch = (state) => state === "starting" || state === "failed";

/** @typedef {(id: string, button: HTMLButtonElement) => Promise<void> | void} Action */

/** @type {Action} */
async function stop(id, button) {
  await postJson(runPath(id, "stop"), NOTHING);
  button.disabled = true;
  button.textContent = "Stopping …";
  notify(`${id} stores a checkpoint and stops. During the closing analysis it finishes instead.`);
}

/** @type {Action} */
async function goOn(id, button) {
  await postStart(runPath(id, "resume"), {}, button);
  showLog(id);
}

/** @type {Action} */
async function dismiss(id) {
  await postJson(runPath(id, "dismiss"), NOTHING);
  closeDialog();
  tellChanged();
}

/** @type {{ name: string, text: string, state: RowState, action: Action }[]} */
const TOOLS = [
  { name: "stop", text: "Stop", state: "running", action: stop },
  { name: "resume", text: "Go on", state: "interrupted", action: goOn },
  { name: "dismiss", text: "Dismiss", state: "failed", action: dismiss },
];

/**
 * @param {string} id
 * @param {{ name: string, text: string, action: Action }} what
 */
function tool(id, { name, text, action }) {
  const attributes = { type: "button", class: "tool framed", "data-train": name };
  const button = el("button", attributes, text);
  button.addEventListener("click", async () => {
    try {
      await action(id, button);
    } catch (error) {
      notifyError(error);
    }
  });
  return button;
}

/** @param {Trained} run */
const changingTools = ({ id, state }) =>
  TOOLS.filter((one) => mayTrain() && one.state === state).map((one) => tool(id, one));

/**
 * The buttons that a run in this state has.
 * @param {Trained} run
 */
export function trainingTools(run) {
  const tools = changingTools(run);
  if (run.state !== "broken")
    tools.push(tool(run.id, { name: "log", text: "Log", action: showLog }));
  return tools;
}

/** @param {Log} answer */
function describe({ state, label, message, exit }) {
  if (state === "failed") return `failed to start, exit code ${exit}`;
  const ended = exit !== null && !AT_WORK.includes(state) ? `exit code ${exit}` : "";
  return [label, message, ended].filter(Boolean).join(" · ");
}

/**
 * @param {string} id
 * @param {Log} answer
 */
function shownOf(id, answer) {
  const { state, exit } = answer;
  const none = "Nothing was printed here: this run was not started from a page.";
  return {
    line: describe(answer),
    bad: state === "failed" || Boolean(exit),
    text: answer.text || (state === "starting" ? "" : none),
    stand: state,
    atWork: AT_WORK.includes(state),
    tools: () => [...changingTools({ id, state }), ...wayTo(id, state)],
  };
}

/**
 * @param {string} id
 * @param {RowState} state
 */
function wayTo(id, state) {
  const href = appUrl(runAddress(id));
  const spacer = el("span", { class: "spacer" });
  if (isLaunch(state) || window.location.pathname === href) return [spacer];
  const open = el("a", { href, class: "tool primary" }, "Open the run");
  open.addEventListener("click", (event) => {
    if (follow(event, href)) closeDialog();
  });
  return [spacer, open];
}

/** @param {string} id of a run, or of a start that is no run yet */
export function showLog(id) {
  openLog(`Log of ${id}`, async () =>
    shownOf(id, await getJson(runPath(id, "log"), { cache: "no-store" })),
  );
}
