/** The pictures of the guide: views of a stored run, drawn when they come into sight. */

import { drawFigure, removeFigure } from "../canvas/plotly.js";
import { el } from "../lib/dom.js";
import { getJson, isAbort, messageOf } from "../lib/net.js";
import { currentTheme, onTheme } from "../lib/theme.js";

/** How far from the window a picture is drawn already. */
const NEAR = "400px";

/** How long a picture is waited for of which a part is still being computed. */
const AGAIN_MS = 1500;

/**
 * Draw one picture; in its place it is told why not.
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 */
async function draw(place, signal) {
  /** @type {`/api/run/${string}/figure/${string}`} */
  const path = `/api/run/${/** @type {`${string}/figure/${string}`} */ (place.dataset.figure)}`;
  try {
    const { figure, pending } = await getJson(`${path}&theme=${currentTheme()}`, { signal });
    let plot = /** @type {HTMLElement | null} */ (place.firstElementChild);
    if (!plot?.classList.contains("small-plot")) {
      plot = el("span", { class: "small-plot" });
      place.replaceChildren(plot);
    }
    await drawFigure(plot, figure);
    place.dataset.drawn = currentTheme();
    if (pending) setTimeout(() => signal.aborted || draw(place, signal), AGAIN_MS);
  } catch (error) {
    if (!isAbort(error)) place.replaceChildren(messageOf(error));
  }
}

/**
 * Draw the pictures of a page as they come into sight, and anew in another theme.
 * @param {AbortSignal} signal ends it; what has been drawn goes
 */
export function drawPictures(signal) {
  const places = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-figure]")]);
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        draw(/** @type {HTMLElement} */ (target), signal);
      }
    },
    { rootMargin: NEAR },
  );
  for (const place of places) seen.observe(place);
  onTheme(() => {
    for (const place of places) if (place.dataset.drawn) draw(place, signal);
  }, signal);
  signal.addEventListener("abort", () => {
    seen.disconnect();
    for (const place of places) {
      const plot = place.firstElementChild;
      if (plot instanceof HTMLElement) removeFigure(plot);
      place.replaceChildren();
      delete place.dataset.drawn;
    }
  });
}
