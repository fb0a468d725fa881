/** What a process prints, and how it does, followed for as long as it is shown. */

import { openDialog } from "./dialog.js";
import { el, setText } from "./dom.js";
import { messageOf, postJson, statusOf } from "./net.js";

/**
 * @import { Answer, Body } from "../contract.js"
 *
 * How a process does: a line, whether that is bad, what it printed, and its buttons,
 * which are made anew when `stand` changes.
 * @typedef {object} Shown
 * @property {string} line
 * @property {boolean} bad
 * @property {string} text
 * @property {string} stand
 * @property {boolean} atWork
 * @property {() => Node[]} tools
 */

const LOG_MS = 1200;

class ProcessLog {
  line = el("p", { class: "log-state", role: "status" });
  text = el("pre", { class: "log", tabindex: 0, "aria-label": "Output of the process" });
  tools = el("div", { class: "tools log-tools" });
  stand = "";

  /** @param {() => Promise<Shown>} look */
  constructor(look) {
    this.look = look;
  }

  async follow() {
    let wait = LOG_MS;
    try {
      const shown = await this.look();
      this.show(shown);
      if (!shown.atWork) wait = 4 * LOG_MS;
    } catch (error) {
      if (statusOf(error)) setText(this.line, messageOf(error));
    }
    setTimeout(() => this.line.isConnected && this.follow(), wait);
  }

  /** @param {Shown} shown */
  show({ line, bad, text, stand, tools }) {
    setText(this.line, line);
    this.line.classList.toggle("broken", bad);
    const { scrollTop, clientHeight, scrollHeight } = this.text;
    setText(this.text, text);
    if (scrollTop + clientHeight > scrollHeight - 24) this.text.scrollTop = this.text.scrollHeight;
    if (stand === this.stand) return;
    this.stand = stand;
    this.tools.replaceChildren(...tools());
  }
}

/**
 * @param {string} title
 * @param {() => Promise<Shown>} look
 */
export function openLog(title, look) {
  const log = new ProcessLog(look);
  openDialog(title, { wide: true, content: [log.line, log.text, log.tools] });
  log.follow();
}

/**
 * Post what starts a process. When every core is taken the server asks back: the button
 * then says so, and a second press is the answer.
 * @template {string} Path
 * @param {Path} path
 * @param {Body<Path>} body
 * @param {HTMLButtonElement} button
 * @returns {Promise<Answer<Path>>}
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

/** Whether pages of this server may start and stop what trains. */
export const mayTrain = () => document.querySelector('[data-training="yes"]') !== null;
