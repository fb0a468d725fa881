/** On the page of a sweep: how its process does, and the buttons that change that. */

import { byId, el, setText } from "../lib/dom.js";
import { getJson, postJson } from "../lib/net.js";
import { openLog, postStart } from "../lib/process-log.js";
import { notify, notifyError } from "../lib/toast.js";

/** @import { NoBody, SweepDriver } from "../contract.js" */

const LOOK_MS = 1500;
const IDLE_MS = 8000;
/** @type {NoBody} */
const NOTHING = {};

export class Driver {
  state = el("span", { role: "status" });
  tools = el("span", { class: "tools" });
  shown = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  /**
   * @param {string} sweep
   * @param {AbortSignal} signal
   */
  constructor(sweep, signal) {
    this.sweep = sweep;
    this.signal = signal;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    byId("sweep-driver")?.replaceChildren(this.state, this.tools);
    this.look();
  }

  /**
   * @template {string} What
   * @param {What} what
   * @returns {`/api/sweep/${string}/${What}`}
   */
  path(what) {
    return `/api/sweep/${encodeURIComponent(this.sweep)}/${what}`;
  }

  ask() {
    return getJson(this.path("driver"), { cache: "no-store" });
  }

  async look() {
    clearTimeout(this.timer);
    let wait = IDLE_MS;
    try {
      const answer = await this.ask();
      if (this.signal.aborted) return;
      this.show(answer);
      if (answer.driven) wait = LOOK_MS;
    } catch {
      /* the banner says so */
    }
    if (!this.signal.aborted) this.timer = setTimeout(() => this.look(), wait);
  }

  /** @param {SweepDriver} answer */
  show(answer) {
    const { state, message } = answer;
    setText(this.state, message ? `${state}: ${message}` : state);
    this.state.classList.toggle("broken", Boolean(message));
    const box = byId("sweep-driver");
    if (box) box.hidden = !answer.text && !answer.driven && !answer.can_go_on;
    const stand = standOf(answer);
    if (stand === this.shown) return;
    this.shown = stand;
    this.tools.replaceChildren(...this.changing(answer), this.log(answer));
  }

  /** @param {SweepDriver} answer */
  changing({ can_stop, can_go_on }) {
    const tools = [];
    if (can_stop) tools.push(this.tool("stop", "Stop", (button) => this.stop(button)));
    if (can_go_on) tools.push(this.tool("resume", "Go on", (button) => this.goOn(button)));
    return tools;
  }

  /** @param {SweepDriver} answer */
  log({ text }) {
    if (!text) return "";
    return this.tool("log", "Log", () => openLog(`Log of ${this.sweep}`, () => this.logged()));
  }

  /**
   * @param {string} name
   * @param {string} text
   * @param {(button: HTMLButtonElement) => Promise<void> | void} action
   */
  tool(name, text, action) {
    const button = el("button", { type: "button", class: "tool framed", "data-drive": name }, text);
    button.addEventListener("click", async () => {
      try {
        await action(button);
      } catch (error) {
        notifyError(error);
      }
    });
    return button;
  }

  /** @param {HTMLButtonElement} button */
  async stop(button) {
    await postJson(this.path("stop"), NOTHING);
    button.disabled = true;
    button.textContent = "Stopping …";
    notify("Every run at work stores a checkpoint and stops; none of it is lost.");
  }

  /** @param {HTMLButtonElement} button */
  async goOn(button) {
    await postStart(this.path("resume"), {}, button);
    await this.look();
    window.dash_clientside.set_props("sweep-tick", { disabled: false });
  }

  async logged() {
    const answer = await this.ask();
    return {
      line: answer.message ? `${answer.state}: ${answer.message}` : answer.state,
      bad: Boolean(answer.message),
      text: answer.text,
      stand: standOf(answer),
      atWork: answer.driven,
      tools: () => this.changing(answer),
    };
  }
}

/** @param {SweepDriver} answer */
const standOf = ({ can_stop, can_go_on, text }) => `${can_stop} ${can_go_on} ${Boolean(text)}`;
