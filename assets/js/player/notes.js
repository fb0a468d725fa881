/**
 * Notes on the loss chart: a lane of dots below it, one at every epoch that matters. What
 * one says is read above the chart while it is pointed at, so nothing covers the curves.
 */

import { subplots } from "../canvas/plotly.js";
import { closest, el, setAttribute, setText } from "../lib/dom.js";
import { formatEpoch } from "../lib/numbers.js";
import { recall, remember } from "../lib/storage.js";

/**
 * @import { Moment } from "../contract.js"
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Session } from "./session.js"
 */

const SETTING = "notes";
/** Dots never lie closer together than this, in pixels: each can be hit by a finger. */
const GAP = 24;

/**
 * Places for dots as near to where they belong as they fit in order beside each other.
 * @param {number[]} wanted ascending
 * @param {number} gap
 * @param {number} end the last place that there is
 */
export function spread(wanted, gap, end) {
  const places = [...wanted];
  for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i], places[i - 1] + gap);
  let most = end;
  for (let i = places.length - 1; i >= 0; i--) {
    places[i] = Math.min(places[i], most);
    most = places[i] - gap;
  }
  return places;
}

class Notes {
  lane = el("div", { class: "notes-lane", role: "group", "aria-label": "Notes on the curve" });
  words = el("p", { class: "note-words", "aria-hidden": "true", hidden: true });
  toggle = el(
    "button",
    { type: "button", class: "tool notes-toggle", title: "Notes on the curve, on or off" },
    "Notes",
  );
  /** @type {Moment[]} */
  moments = [];
  /** What the notes that are shown were made from. */
  told = "";

  /**
   * @param {Session} session
   * @param {StagePanel} panel above the scrub bar
   */
  constructor(session, panel) {
    this.session = session;
    this.panel = panel;
    const { element } = panel;
    element.querySelector(".panel-body")?.after(this.lane);
    element.querySelector('.panel-head [data-act="help"]')?.before(this.toggle);
    element.append(this.words);
    this.switch(recall(SETTING) !== "off");
    this.listen();
  }

  listen() {
    const { lane, session, toggle } = this;
    const { stage } = session;
    toggle.addEventListener("click", () => {
      const on = !this.on;
      remember(SETTING, on ? null : "off");
      this.switch(on);
    });
    for (const kind of ["pointerover", "focusin"]) lane.addEventListener(kind, (e) => this.show(e));
    for (const kind of ["pointerout", "focusout"]) lane.addEventListener(kind, () => this.hide());
    lane.addEventListener("click", (event) => {
      const epoch = closest(event.target, ".note")?.dataset.epoch;
      if (epoch !== undefined) stage.goTo(session.placeOf(Number(epoch)), "mark");
    });
    stage.on("escape", () => this.hide());
    stage.on("plotted", (/** @type {StagePanel} */ panel) => panel === this.panel && this.place());
    stage.on("graph", (/** @type {StagePanel} */ panel, /** @type {PlotElement} */ gd) => {
      if (panel === this.panel) gd.on("plotly_afterplot", () => this.place());
    });
    stage.on("settled", () => this.ask());
  }

  get on() {
    return this.panel.element.classList.contains("noted");
  }

  /** @param {boolean} on */
  switch(on) {
    this.panel.element.classList.toggle("noted", on);
    setAttribute(this.toggle, "aria-pressed", String(on));
    this.hide();
    if (on) this.place();
  }

  /** Ask for the notes, again only when the run has come to something new. */
  async ask() {
    const { manifest, reader, stage } = this.session;
    const { keys, markers, status } = manifest;
    const told = JSON.stringify([keys, markers, status.state]);
    if (!this.on || told === this.told) return;
    this.told = told;
    try {
      this.moments = await reader.source.moments(stage.signal);
      this.fill();
    } catch {
      this.told = ""; // the banner says that the server is gone; the next rest asks again
    }
  }

  fill() {
    const dots = this.moments.flatMap(({ epoch, text }) => [
      el("span", { class: "note-stem", "aria-hidden": "true" }),
      el("button", {
        type: "button",
        class: "note",
        "data-epoch": epoch,
        "aria-label": `Epoch ${formatEpoch(epoch)}: ${text}`,
      }),
    ]);
    this.lane.replaceChildren(...dots);
    this.place();
  }

  /** Put every dot below its epoch on the axis; what is not on the axis is not shown. */
  place() {
    const { gd } = this.panel.picture;
    const notes = /** @type {HTMLElement[]} */ ([...this.lane.querySelectorAll(".note")]);
    if (!gd || !this.on || !notes.length) return;
    const { xa } = subplots(gd)[0];
    const found = notes.map((note, i) => ({
      note,
      x: xa._offset + xa.c2p(this.panel.onAxis(this.moments[i].epoch)),
    }));
    for (const { note, x } of found) note.hidden = !Number.isFinite(x);
    const shown = found.filter(({ note }) => !note.hidden);
    const end = xa._offset + xa._length;
    const places = spread(
      shown.map(({ x }) => x),
      GAP,
      end,
    );
    shown.forEach(({ note, x }, i) => {
      note.style.left = `${places[i]}px`;
      const stem = note.previousElementSibling;
      if (stem instanceof HTMLElement) stem.style.left = `${x}px`;
    });
  }

  /** @param {Event} event */
  show({ target }) {
    const note = closest(target, ".note");
    if (!note) return;
    setText(this.words, note.getAttribute("aria-label") || "");
    this.words.hidden = false;
  }

  hide() {
    this.words.hidden = true;
  }
}

/** @param {Session} session of Explore */
export function noteMoments(session) {
  const panel = session.panels.find((one) => one.isHost);
  if (panel && session.config.page === "explore") new Notes(session, panel);
}
