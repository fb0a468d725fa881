/** Staying at the newest checkpoint of what grows, until the hand goes elsewhere. */

import { setAttribute } from "../lib/dom.js";

/** @import { Stage } from "./stage.js" */

const HAND_MS = 50;

export class Follower {
  following = false;

  /**
   * @param {Stage} stage
   * @param {object} grown
   * @param {() => boolean} grown.running whether anything grows
   * @param {() => boolean} grown.underHand whether the slider was moved just now
   */
  constructor(stage, { running, underHand }) {
    this.stage = stage;
    this.running = running;
    this.underHand = underHand;
    stage.on("hand", () => this.letGo());
    stage.on("follow", () => this.set(!this.following, true));
  }

  show() {
    const button = this.stage.root.querySelector('[data-act="follow"]');
    if (!(button instanceof HTMLElement)) return;
    button.hidden = !this.running();
    setAttribute(button, "aria-pressed", String(this.following));
  }

  /**
   * @param {boolean} following
   * @param {boolean} [jump] to the newest checkpoint at once
   */
  set(following, jump = false) {
    this.following = following && this.running();
    this.show();
    if (this.following && jump) this.toEnd();
  }

  /** The hand has moved the playhead away from the end: it no longer follows. */
  letGo() {
    if (!this.following) return;
    const away = () => this.stage.playhead.kept < this.stage.steps.length - 1;
    if (away()) this.set(false);
    else setTimeout(() => this.following && away() && this.set(false), HAND_MS);
  }

  toEnd() {
    if (!this.underHand()) this.stage.playhead.follow(this.stage.steps.length - 1);
  }
}
