/**
 * The dialog of the page: a Modal that Python lays out in the frame, filled while it is
 * open. It takes the focus, closes by Esc, its cross and a press beside it, and gives the
 * focus back.
 */

import { byId, el } from "./dom.js";

const BODY = "dialog-body";

/** Whether any dialog is open; shortcuts are off then. */
export const isDialogOpen = () => document.querySelector(".modal") !== null;

export function closeDialog() {
  window.dash_clientside.set_props("dialog", { is_open: false });
}

/**
 * Call with the body of the dialog once it is there.
 * @param {(body: HTMLElement) => void} use
 */
function whenOpen(use) {
  const body = byId(BODY);
  if (body) {
    use(body);
    return;
  }
  const observer = new MutationObserver(() => {
    const there = byId(BODY);
    if (!there) return;
    observer.disconnect();
    use(there);
  });
  observer.observe(document.body, { childList: true, subtree: true });
}

/**
 * Open the dialog, or show something else in it; the first field marked `data-focus` gets
 * the focus. What was shown leaves the document when it closes.
 * @param {string} title
 * @param {{ wide?: boolean, content: (Node | null)[] }} what
 */
export function openDialog(title, { wide = false, content }) {
  const shown = el("div", {}, ...content);
  window.dash_clientside.set_props("dialog-title", { children: title });
  window.dash_clientside.set_props("dialog", { is_open: true, size: wide ? "lg" : null });
  whenOpen((body) => {
    body.replaceChildren(shown);
    const field = shown.querySelector("[data-focus]");
    if (field instanceof HTMLElement) field.focus();
  });
}
