/** Training from the page: starts that are no run yet, stop, go on, the live log. */

import { openDialog } from "../lib/dialog.js";
import { byId, el, setText } from "../lib/dom.js";
import { follow } from "../lib/navigation.js";
import { appUrl, getJson, messageOf, postJson, statusOf } from "../lib/net.js";
import { notify, notifyError } from "../lib/toast.js";

/**
 * @import { Log, RowState, StartBody, Started } from "../contract.js"
 * @import { Session } from "../player/session.js"
 */

/**
 * @typedef {{ id: string, state?: RowState }} Trained a run or a start that is none yet
 * @typedef {(button: HTMLButtonElement) => unknown} Press
 */

/** Told to the document when what is being started has changed. */
export const LAUNCHED = "grokdash:launched";

const LOG_MS = 1200;
/** @type {RowState[]} */
const AT_WORK = ["starting", "running"];

/**
 * @template {string} What
 * @param {string} id
 * @param {What} what
 * @returns {`/api/run/${string}/${What}`}
 */
const path = (id, what) => `/api/run/${encodeURIComponent(id)}/${what}`;

/** Whether pages of this server may start and stop runs. */
export const mayTrain = () => Boolean(document.querySelector('[data-training="yes"]'));

/** @param {{ state: RowState }} row */
export const isLaunch = (row) => row.state === "starting" || row.state === "failed";

/**
 * Post what starts a process. When every core is taken the server asks back: the
 * button then says so, and a second press is the answer.
 * @param {"/api/train" | `/api/run/${string}/resume`} where
 * @param {StartBody} body
 * @param {HTMLButtonElement} button
 * @returns {Promise<Started>}
 */
export async function postStart(where, body, button) {
  const sure = button.dataset.sure === "1";
  try {
    return await (await postJson(where, { ...body, sure })).json();
  } catch (error) {
    if (statusOf(error) === 409 && !sure) {
      button.dataset.sure = "1";
      button.textContent = "Start anyway";
    }
    throw error;
  }
}

/**
 * @param {string} id
 * @param {HTMLButtonElement} button
 */
async function stop(id, button) {
  try {
    await postJson(path(id, "stop"), {});
    button.disabled = true;
    button.textContent = "Stopping …";
    notify(`${id} stores a checkpoint and stops. During the closing analysis it finishes instead.`);
  } catch (error) {
    notifyError(error);
  }
}

/**
 * @param {string} id
 * @param {HTMLButtonElement} button
 */
async function goOn(id, button) {
  try {
    await postStart(path(id, "resume"), {}, button);
    showLog({ id });
  } catch (error) {
    notifyError(error);
  }
}

/** @param {string} id */
async function dismiss(id) {
  try {
    await postJson(path(id, "dismiss"), {});
    document.dispatchEvent(new CustomEvent(LAUNCHED));
  } catch (error) {
    notifyError(error);
  }
}

/**
 * @param {string} text
 * @param {string} name
 * @param {Press} action
 */
function tool(text, name, action) {
  const button = el("button", { type: "button", class: "tool framed", "data-train": name }, text);
  button.addEventListener("click", () => action(button));
  return button;
}

/**
 * The buttons that a run in this state has.
 * @param {Trained} run
 * @param {object} [where]
 * @param {() => void} [where.leave] closes what the buttons stand in
 * @param {boolean} [where.log] whether there is a button for the log
 */
export function trainingTools({ id, state }, { leave = () => {}, log = true } = {}) {
  /** @type {(text: string, name: string, action: Press) => HTMLButtonElement} */
  const leaving = (text, name, action) =>
    tool(text, name, (button) => {
      leave();
      return action(button);
    });
  const tools = [];
  if (mayTrain()) {
    if (state === "running") tools.push(tool("Stop", "stop", (button) => stop(id, button)));
    if (state === "interrupted")
      tools.push(leaving("Go on", "resume", (button) => goOn(id, button)));
    if (state === "failed") tools.push(leaving("Dismiss", "dismiss", () => dismiss(id)));
  }
  if (log && state !== "broken") tools.push(leaving("Log", "log", () => showLog({ id, state })));
  return tools;
}

/** @param {Log} answer */
function describe(answer) {
  if (answer.state === "failed") return `failed to start, exit code ${answer.exit}`;
  /** @type {string[]} */
  const words = [answer.state];
  if (answer.message) words.push(answer.message);
  if (answer.exit !== null && !AT_WORK.includes(answer.state))
    words.push(`exit code ${answer.exit}`);
  return words.join(" · ");
}

/**
 * What a trainer prints, followed until it ends.
 * @param {Trained} run
 */
export function showLog(run) {
  const line = el("p", { class: "log-state", role: "status" });
  const text = el("pre", { class: "log", tabindex: 0, "aria-label": "Output of the trainer" });
  const tools = el("div", { class: "tools log-tools" });
  const dialog = openDialog(`Log of ${run.id}`, line, text, tools);
  dialog.classList.add("wide");
  const href = appUrl(`/run/${encodeURIComponent(run.id)}`);
  const open = el("a", { href, class: "tool primary", hidden: true }, "Open the run");
  open.addEventListener("click", (event) => {
    if (follow(event, href)) dialog.close();
  });
  /** @type {RowState | null} */
  let shown = null;

  /** @param {Log} answer */
  function show(answer) {
    setText(line, describe(answer));
    line.classList.toggle("broken", answer.state === "failed" || Boolean(answer.exit));
    const atEnd = text.scrollTop + text.clientHeight > text.scrollHeight - 24;
    const none = "Nothing was printed here: this run was not started from a page.";
    setText(text, answer.text || (answer.state === "starting" ? "" : none));
    if (atEnd) text.scrollTop = text.scrollHeight;
    if (answer.state === shown) return;
    shown = answer.state;
    open.hidden = isLaunch(answer) || window.location.pathname === href;
    const spacer = el("span", { class: "spacer" });
    const leave = () => dialog.close();
    const now = { id: run.id, state: answer.state };
    tools.replaceChildren(...trainingTools(now, { leave, log: false }), spacer, open);
  }

  async function listen() {
    if (!dialog.isConnected) return;
    let wait = LOG_MS;
    try {
      const answer = await getJson(path(run.id, "log"), { cache: "no-store" });
      show(answer);
      if (!AT_WORK.includes(answer.state)) wait = 4 * LOG_MS;
    } catch (error) {
      if (statusOf(error)) setText(line, messageOf(error));
    }
    setTimeout(listen, wait);
  }
  listen();
  return dialog;
}

/**
 * On the pages of one run: its buttons, and a look whether it goes on again.
 * @param {Session} session
 */
export function showTraining(session) {
  const box = byId("run-training");
  if (!box) return;
  const { manifest, reader, stage } = session;
  /** @type {RowState | null} */
  let shown = null;

  function show() {
    const { state } = manifest.status;
    if (state === shown) return;
    shown = state;
    box?.replaceChildren(...trainingTools({ id: reader.id, state }));
  }
  show();
  stage.on("grown", show);
  if (reader.running) return;
  // A run that is not live is asked for again only once someone makes it go on.
  const look = setInterval(async () => {
    if (!document.querySelector("dialog .log")) return;
    const answer = await getJson(path(reader.id, "log"), { cache: "no-store" }).catch(() => null);
    if (answer?.state !== "running" || stage.closed) return;
    clearInterval(look);
    manifest.status.state = "running";
    show();
    stage.emit("restarted");
  }, 2 * LOG_MS);
  stage.signal.addEventListener("abort", () => clearInterval(look));
}
