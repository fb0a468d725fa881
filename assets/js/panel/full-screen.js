/**
 * One panel on the whole screen, over the scrub bar alone. The page is on the screen and the
 * panel over all of it: dialogs, menus and notices then stay above the panel.
 */

import { isDialogOpen } from "../lib/dialog.js";

/** What lies behind the panel, and can be neither seen nor reached. */
const BEHIND = ".skip, .bar, .rail, .compare-table, figure.panel:not(.zoomed)";

/** @type {AbortController | null} listens for as long as a panel is on the whole screen */
let open = null;

/**
 * Show a panel on the whole screen, or put it back.
 * @param {{ element: HTMLElement }} panel
 */
export function fullScreen({ element }) {
  if (open) return leave();
  open = new AbortController();
  const { signal } = open;
  const back = document.activeElement;
  const close = () => open?.abort();
  signal.addEventListener("abort", () => {
    open = null;
    cover(element, false);
    if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
  });
  const left = () => document.fullscreenElement || close();
  document.addEventListener("fullscreenchange", left, { signal });
  /* Of Esc the page hears where the browser gives no screen, or leaves the key to it. */
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && !isDialogOpen()) leave();
  };
  document.addEventListener("keydown", pressed, { signal });
  window.addEventListener("popstate", close, { signal });
  cover(element, true);
  /* The focus leaves the button, which space would press again. */
  element.focus({ preventScroll: true });
  document.documentElement.requestFullscreen().catch(() => {
    /* the panel then covers the window */
  });
}

function leave() {
  open?.abort();
  if (document.fullscreenElement) document.exitFullscreen();
}

/**
 * @param {HTMLElement} element
 * @param {boolean} whole whether it covers the page
 */
function cover(element, whole) {
  element.classList.toggle("zoomed", whole);
  document.documentElement.classList.toggle("covered", whole);
  for (const node of document.querySelectorAll(BEHIND)) node.toggleAttribute("inert", whole);
}
