/** The phases of training as a labelled strip above the loss chart. */

import { subplots } from "../canvas/plotly.js";
import { el, setText } from "../lib/dom.js";
import { clamp } from "../lib/numbers.js";

/**
 * @import { Phase } from "../contract.js"
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Session } from "./session.js"
 */

const NOTE = "phase-note";
const PADDING = 8;
const NOTE_WIDTH = 320;

/**
 * The longest of some names that fits into so many pixels; "" if none does.
 * @param {string[]} names from long to short
 * @param {number} width
 * @param {(text: string) => number} measure
 */
export const fitting = (names, width, measure) =>
  names.find((name) => measure(name) + PADDING <= width) ?? "";

class PhaseStrip {
  note = el("div", { class: "phase-note", id: NOTE, role: "tooltip", hidden: true });
  context = /** @type {CanvasRenderingContext2D} */ (el("canvas", null).getContext("2d"));

  /**
   * @param {Session} session
   * @param {StagePanel} host
   * @param {HTMLElement} box in it, which Python lays out
   */
  constructor(session, host, box) {
    this.session = session;
    this.host = host;
    this.box = box;
    const { stage } = session;
    host.picture.body.append(this.note);
    stage.on("graph", (/** @type {StagePanel} */ panel, /** @type {PlotElement} */ gd) => {
      if (panel === host) gd.on("plotly_afterplot", () => this.draw());
    });
    stage.on("plotted", (/** @type {StagePanel} */ panel) => panel === host && this.draw());
    stage.on("grown", () => this.draw());
    stage.on("escape", () => this.hush());
  }

  draw() {
    const { gd } = this.host.picture;
    const phases = this.session.manifest.phases;
    /* Where the figure has its legend, as on the full screen, it names the phases itself. */
    this.box.hidden = !gd || gd._fullLayout.showlegend || !phases.length;
    if (!gd || this.box.hidden) return;
    const { xa, ya } = subplots(gd)[0];
    this.box.style.left = `${xa._offset}px`;
    this.box.style.width = `${xa._length}px`;
    this.box.style.height = `${ya._offset - 1}px`;
    this.context.font = getComputedStyle(this.box).font;
    const at = (/** @type {number} */ epoch) => {
      const x = xa.c2p(this.host.onAxis(epoch));
      return Number.isFinite(x) ? clamp(x, 0, xa._length) : 0;
    };
    const cells = phases.map((phase, i) => this.cell(phase, i, at(phase.start), at(phase.end)));
    this.hush();
    this.box.replaceChildren(...cells);
  }

  /**
   * @param {Phase} phase
   * @param {number} index
   * @param {number} left
   * @param {number} right
   */
  cell({ about, short, title }, index, left, right) {
    const width = Math.max(right - left, 0);
    const names = [title, short, String(index + 1)];
    const text = fitting(names, width, (name) => this.context.measureText(name).width);
    const show = () => this.tell(about, left);
    const cell = el(
      "button",
      {
        type: "button",
        class: "phase-cell",
        "aria-label": title,
        "aria-describedby": NOTE,
        onpointerenter: show,
        onfocus: show,
        onclick: show,
        onpointerleave: () => this.hush(),
        onblur: () => this.hush(),
      },
      text,
    );
    cell.style.left = `${left}px`;
    cell.style.width = `${width}px`;
    return cell;
  }

  /**
   * @param {string} about
   * @param {number} left of the phase
   */
  tell(about, left) {
    const { box, note } = this;
    setText(note, about);
    note.hidden = false;
    const most = Math.max(box.offsetLeft + box.offsetWidth - NOTE_WIDTH, 0);
    note.style.left = `${Math.min(box.offsetLeft + left, most)}px`;
    note.style.top = `${box.offsetTop + box.offsetHeight + 4}px`;
  }

  hush() {
    this.note.hidden = true;
  }
}

/** @param {Session} session */
export function showPhases(session) {
  const { host } = session.stage;
  const box = host?.element.querySelector(".phase-strip");
  if (host && box instanceof HTMLElement) new PhaseStrip(session, host, box);
}
