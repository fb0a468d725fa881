/** The thumb of Dash's slider: what it is called, and where it is before Dash knows. */

import { setAttribute } from "../lib/dom.js";

/** @import { Scale } from "./timeline.js" */

export class Thumb {
  /** @type {Element | null} */
  #node = null;
  #width = 0;
  /** The place that it is called after. */
  #named = 0;

  /** @param {Pick<Scale, "thumb" | "value">} words what it is called */
  constructor(words) {
    this.words = words;
  }

  /**
   * Dash gives it no name, and may bring it, or another, after the first picture.
   * @param {HTMLElement} track around the slider
   * @param {AbortSignal} signal
   */
  watch(track, signal) {
    const changes = new MutationObserver(() => {
      if (!this.#node?.isConnected) this.name(this.#named);
    });
    changes.observe(track, { childList: true, subtree: true });
    signal.addEventListener("abort", () => changes.disconnect());
  }

  /** @param {number} step */
  name(step) {
    if (!this.#node?.isConnected) {
      this.#node = document.querySelector("#scrubber [role=slider]");
      this.#width = this.#node?.clientWidth ?? 0;
    }
    this.#named = step;
    if (!this.#node) return;
    setAttribute(this.#node, "aria-label", this.words.thumb);
    setAttribute(this.#node, "aria-valuetext", this.words.value(step));
  }

  /**
   * Move it alone, to where Dash would move it; Dash takes as long for a value of its
   * slider as all panels take to draw.
   * @param {number} share of the line
   */
  slide(share) {
    const holder = this.#node?.parentElement;
    if (!holder || !this.#width) return;
    const inside = (this.#width * (1 - 2 * share)) / 2; // at the ends it stays on the track
    holder.style.left = `calc(${100 * share}% + ${inside}px)`;
  }
}
