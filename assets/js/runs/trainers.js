/** Training from the page: start, stop, go on, and the log of a trainer while it prints. */

import { runAddress } from "../lib/address.js";
import { closeDialog, openDialog } from "../lib/dialog.js";
import { el, setText } from "../lib/dom.js";
import { follow } from "../lib/navigation.js";
import { appUrl, getJson, messageOf, postJson, statusOf } from "../lib/net.js";
import { notify, notifyError } from "../lib/toast.js";
import { tellChanged } from "./changed.js";

/**
 * @import { Log, NoBody, RowState, StartBody, Started } from "../contract.js"
 *
 * @typedef {{ id: string, state: RowState }} Trained a run, or a start that is no run yet
 */

const LOG_MS = 1200;
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

/** Whether pages of this server may start and stop runs. */
const mayTrain = () => document.querySelector('[data-training="yes"]') !== null;

/** @param {RowState} state */
export const isLaunch = (state) => state === "starting" || state === "failed";

/**
 * Post what starts a process. When every core is taken the server asks back: the
 * button then says so, and a second press is the answer.
 * @param {"/api/train" | `/api/run/${string}/resume`} path
 * @param {StartBody} body
 * @param {HTMLButtonElement} button
 * @returns {Promise<Started>}
 */
export async function postStart(path, body, button) {
  const sure = button.dataset.sure === "1";
  try {
    return await (await postJson(path, { ...body, sure })).json();
  } catch (error) {
    if (statusOf(error) === 409 && !sure) {
      button.dataset.sure = "1";
      button.textContent = "Start anyway";
    }
    throw error;
  }
}

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

/** What a trainer prints, followed for as long as it is shown. */
class TrainerLog {
  line = el("p", { class: "log-state", role: "status" });
  text = el("pre", { class: "log", tabindex: 0, "aria-label": "Output of the trainer" });
  tools = el("div", { class: "tools log-tools" });
  /** @type {RowState | null} */
  state = null;

  /** @param {string} id */
  constructor(id) {
    this.id = id;
    this.href = appUrl(runAddress(id));
  }

  async follow() {
    let wait = LOG_MS;
    try {
      const answer = await getJson(runPath(this.id, "log"), { cache: "no-store" });
      this.show(answer);
      if (!AT_WORK.includes(answer.state)) wait = 4 * LOG_MS;
    } catch (error) {
      if (statusOf(error)) setText(this.line, messageOf(error));
    }
    setTimeout(() => this.line.isConnected && this.follow(), wait);
  }

  /** @param {Log} answer */
  show(answer) {
    const { line, text } = this;
    setText(line, describe(answer));
    line.classList.toggle("broken", answer.state === "failed" || Boolean(answer.exit));
    const atEnd = text.scrollTop + text.clientHeight > text.scrollHeight - 24;
    const none = "Nothing was printed here: this run was not started from a page.";
    setText(text, answer.text || (answer.state === "starting" ? "" : none));
    if (atEnd) text.scrollTop = text.scrollHeight;
    if (answer.state !== this.state) this.offer(answer.state);
  }

  /** @param {RowState} state whose buttons stand below */
  offer(state) {
    this.state = state;
    const spacer = el("span", { class: "spacer" });
    this.tools.replaceChildren(...changingTools({ id: this.id, state }), spacer);
    if (isLaunch(state) || window.location.pathname === this.href) return;
    const open = el("a", { href: this.href, class: "tool primary" }, "Open the run");
    open.addEventListener("click", (event) => {
      if (follow(event, this.href)) closeDialog();
    });
    this.tools.append(open);
  }
}

/** @param {string} id of a run, or of a start that is no run yet */
export function showLog(id) {
  const log = new TrainerLog(id);
  openDialog(`Log of ${id}`, { wide: true, content: [log.line, log.text, log.tools] });
  log.follow();
}
