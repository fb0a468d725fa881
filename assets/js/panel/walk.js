/**
 * By keys over the points of a picture: Enter goes into the panel that has the focus,
 * arrows move from point to point, Enter picks, Esc leaves. What is reached is said.
 */

import { nextPlace } from "../canvas/points.js";
import { hoverPlace, leavePlaces, placesOf } from "../canvas/plotly.js";
import { byId, setText } from "../lib/dom.js";
import { readPoint } from "./picks.js";

/**
 * @import { Direction, Place } from "../canvas/points.js"
 * @import { PanelStage, StagePanel } from "./panel.js"
 *
 * @typedef {PanelStage & { panels: StagePanel[], signal: AbortSignal, goTo(place: number, source: string): void }} WalkedStage
 */

/** @type {Record<string, Direction>} */
const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** Points passed at once with Shift. */
const STRIDE = 10;

class Walk {
  ended = false;
  /** What was said last. */
  text = "";
  /** @type {any} the point as events of Plotly have it */
  point = null;

  /**
   * @param {WalkedStage} stage
   * @param {StagePanel} panel
   * @param {Place[]} places
   */
  constructor(stage, panel, places) {
    this.stage = stage;
    this.panel = panel;
    this.places = places;
    this.at = this.start();
    panel.element.classList.add("walked");
    /** Done when the point that was reached last is shown. */
    this.shown = this.show("Arrows move, Enter picks, Esc leaves. ");
  }

  get gd() {
    return /** @type {PlotElement} */ (this.panel.picture.gd);
  }

  /** The point in the middle of the picture. */
  start() {
    const mean = (/** @type {"x" | "y"} */ axis) =>
      this.places.reduce((sum, place) => sum + place[axis], 0) / this.places.length;
    const [x, y] = [mean("x"), mean("y")];
    const far = (/** @type {Place} */ place) => Math.hypot(place.x - x, place.y - y);
    return this.places.reduce((best, place) => (far(place) < far(best) ? place : best));
  }

  /** @param {string} [before] said first */
  async show(before = "") {
    const { at } = this;
    const { text, point } = await hoverPlace(this.gd, at);
    if (this.ended || at !== this.at) return;
    this.point = point;
    this.stage.hovered = point ? readPoint(this.panel.view, point) : null;
    for (const panel of this.stage.panels) if (panel.visible) panel.drawMarks();
    this.text = text;
    setText(byId("live-region"), before + text);
  }

  /**
   * @param {Direction} direction
   * @param {number} count
   */
  move(direction, count) {
    for (let i = 0; i < count; i++) this.at = nextPlace(this.places, this.at, direction);
    this.shown = this.show();
  }

  /** Pick what the arrows have reached, and not what is shown while that is looked up. */
  async pick() {
    await this.shown;
    const { panel, point, stage } = this;
    if (!point || this.ended) return;
    if (panel.view.cursor) stage.goTo(panel.placeOf(Number(point.x)), "key");
    else stage.select(readPoint(panel.view, point));
    setText(byId("live-region"), `picked: ${this.text}`);
  }

  end() {
    this.ended = true;
    this.panel.element.classList.remove("walked");
    this.stage.hovered = null;
    if (this.panel.picture.gd) leavePlaces(this.gd);
    for (const panel of this.stage.panels) if (panel.visible) panel.drawMarks();
    setText(byId("live-region"), `left ${this.panel.title}`);
  }
}

/** @param {WalkedStage} stage */
export function walkByKeys(stage) {
  /** @type {Walk | null} */
  let walk = null;

  function leave() {
    walk?.end();
    walk = null;
  }

  /** @param {EventTarget | null} target */
  function enter(target) {
    const panel = stage.panels.find(({ element }) => element === target);
    const places = panel?.picture.gd && !panel.picture.scrubbing ? placesOf(panel.picture.gd) : [];
    if (panel && places.length) walk = new Walk(stage, panel, places);
    return walk !== null;
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key is ours
   */
  function take({ key, shiftKey, target }) {
    if (!walk || walk.panel.element !== target) return key === "Enter" && enter(target);
    if (key in ARROWS) walk.move(ARROWS[key], shiftKey ? STRIDE : 1);
    else if (key === "Enter") walk.pick();
    else if (key === "Escape") leave();
    else return false;
    return true;
  }

  const listen = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !take(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const { signal } = stage;
  document.addEventListener("keydown", listen, { capture: true, signal });
  document.addEventListener("focusout", ({ target }) => target === walk?.panel.element && leave(), {
    signal,
  });
}
