/** The guide: places within a page, its pictures, and the search of the reference. */

import { closest } from "../lib/dom.js";
import { placeOf, showPlace } from "../lib/place.js";
import { drawPictures } from "./pictures.js";
import { listenToSearch } from "./search.js";

/**
 * Links to a place on this page go there; Dash would only change the address.
 * @param {MouseEvent} event
 */
function follow(event) {
  const link = /** @type {HTMLAnchorElement | null} */ (closest(event.target, "a[href*='#']"));
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const { pathname, hash } = new URL(link.href);
  const target = pathname === window.location.pathname ? placeOf(hash) : null;
  if (!target) return;
  event.preventDefault();
  event.stopPropagation();
  window.location.hash = hash;
  target.scrollIntoView();
}

/** Open the guide: what the address names is brought into sight. */
export function openGuide() {
  const ending = new AbortController();
  const { signal } = ending;
  document.addEventListener("click", follow, { capture: true, signal });
  listenToSearch(signal);
  drawPictures(signal);
  showPlace();
  return { close: () => ending.abort() };
}
