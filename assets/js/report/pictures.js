/** The frozen pictures of a report: drawn as they come into sight, then all others. */

import { drawFigure, removeFigure } from "../canvas/plotly.js";
import { el } from "../lib/dom.js";
import { getJson, isAbort, messageOf } from "../lib/net.js";
import { currentTheme, onTheme } from "../lib/theme.js";

/** How far from the window a picture is drawn already. */
const NEAR = "600px";

/**
 * A place of a picture: what is drawn there, and until when that takes.
 *
 * @typedef {{ plot: HTMLElement, digest: string, theme: string, drawing: Promise<void> }} Drawn
 */

export class Pictures {
  /** @type {Map<Element, Drawn>} */
  places = new Map();

  /**
   * @param {string} name of the report
   * @param {AbortSignal} signal
   */
  constructor(name, signal) {
    this.name = name;
    this.signal = signal;
    this.seen = new IntersectionObserver((entries) => this.look(entries), { rootMargin: NEAR });
    onTheme(() => this.all(), signal);
    signal.addEventListener("abort", () => {
      this.seen.disconnect();
      for (const { plot } of this.places.values()) removeFigure(plot);
    });
  }

  /**
   * Make a place for a picture.
   * @param {string} digest of the frozen figure
   * @param {number} height
   * @param {string} label
   */
  place(digest, height, label) {
    const plot = el("div", { class: "report-plot", role: "img", "aria-label": label });
    const place = el("div", { class: "report-picture", style: `--height: ${height}px` }, plot);
    this.places.set(place, { plot, digest, theme: "", drawing: Promise.resolve() });
    this.seen.observe(place);
    return place;
  }

  /** @param {IntersectionObserverEntry[]} entries */
  look(entries) {
    for (const { isIntersecting, target } of entries) if (isIntersecting) this.draw(target);
  }

  /** Draw every picture that stands on the page, in the theme of now. */
  async all() {
    for (const place of [...this.places.keys()]) if (place.isConnected) await this.draw(place);
  }

  /** @param {Element} place */
  async draw(place) {
    const known = this.places.get(place);
    if (!known || this.signal.aborted) return;
    if (known.theme !== currentTheme()) {
      known.theme = currentTheme();
      known.drawing = this.drawn(known);
    }
    await known.drawing;
  }

  /** @param {Drawn} known */
  async drawn(known) {
    const { theme } = known;
    /** @type {`/api/report/${string}/figure/${string}`} */
    const path = `/api/report/${encodeURIComponent(this.name)}/figure/${known.digest}`;
    try {
      const { signal } = this;
      const figure = await getJson(`${path}?theme=${theme}`, { signal });
      await drawFigure(known.plot, figure);
    } catch (error) {
      if (!isAbort(error)) known.plot.replaceChildren(messageOf(error));
    }
  }
}
