/** Short notices in a corner. */

import { byId, el } from "./dom.js";
import { messageOf } from "./net.js";

const STAY_MS = 6000;

/**
 * @param {string} text
 * @param {"problem"} [kind]
 */
export function notify(text, kind) {
  const box = byId("toasts");
  if (!box) return;
  for (const old of [...box.children]) {
    if (old instanceof HTMLElement && old.dataset.text === text) old.remove();
  }
  const toast = el(
    "div",
    { class: `toast-note${kind ? ` toast-${kind}` : ""}`, "data-text": text },
    el("span", {}, text),
    el("button", {
      type: "button",
      class: "tool tool-icon",
      "data-icon": "close",
      "aria-label": "Dismiss",
      onclick: () => toast.remove(),
    }),
  );
  box.append(toast);
  setTimeout(() => toast.remove(), kind === "problem" ? 3 * STAY_MS : STAY_MS);
}

/** @param {unknown} error told in its own words */
export const notifyError = (error) => notify(messageOf(error), "problem");
