/** A dialog that removes itself when closed. */

import { el } from "./dom.js";

/**
 * @param {string} title
 * @param {...(Node | null)} content
 */
export function openDialog(title, ...content) {
  const close = el("button", { type: "button", class: "tool" }, "Close");
  const head = el(
    "div",
    { class: "dialog-head" },
    el("h2", {}, title),
    el("span", { class: "spacer" }),
    close,
  );
  const dialog = el("dialog", { "aria-label": title }, head, ...content);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  (document.fullscreenElement || document.body).append(dialog);
  dialog.showModal();
  return dialog;
}
