/* Short notices in a corner. */
(function (g) {
  "use strict";

  const STAY_MS = 6000;

  g.toast = function (text, kind) {
    const box = g.byId("toasts");
    if (!box) return;
    for (const old of box.children) if (old.dataset.text === text) old.remove();
    const toast = g.el(
      "div",
      { class: "toast-note" + (kind ? " toast-" + kind : ""), "data-text": text },
      g.el("span", {}, text),
      g.el(
        "button",
        {
          type: "button",
          class: "tool tool-icon",
          "data-icon": "close",
          "aria-label": "Dismiss",
          onclick: () => toast.remove(),
        },
      ),
    );
    box.append(toast);
    setTimeout(() => toast.remove(), kind === "problem" ? 3 * STAY_MS : STAY_MS);
  };

  (g.PARTS = g.PARTS || []).push(function (session) {
    session.on("problem", (error, view) => g.toast(`${view.title}: ${error.message}`, "problem"));
  });
})((window.grokdash = window.grokdash || {}));
