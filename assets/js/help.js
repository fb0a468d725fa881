/* The "?" of a panel: its guide in a dialog. */
(function (g) {
  "use strict";

  const PARTS = [
    ["what", "Shows"],
    ["reading", "Reading"],
    ["before", "Before"],
    ["after", "After"],
    ["normal", "Normal"],
    ["wrong", "Wrong"],
    ["reference", "Source"],
  ];

  /** A dialog that removes itself when closed. */
  g.dialog = function (title, ...content) {
    const close = g.el("button", { type: "button", class: "tool" }, "Close");
    const head = g.el("div", { class: "dialog-head" }, g.el("h2", {}, title), g.el("span", { class: "spacer" }), close);
    const dialog = g.el("dialog", { "aria-label": title }, head, ...content);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    (document.fullscreenElement || document.body).append(dialog);
    dialog.showModal();
    return dialog;
  };

  g.showGuide = async function (viewId) {
    let guide;
    try {
      guide = await g.getJson("/api/guide/" + viewId);
    } catch (error) {
      g.toast(error.message, "problem");
      return;
    }
    const list = g.el("dl", { class: "guide-list" });
    for (const [name, label] of PARTS) {
      if (guide[name]) list.append(g.el("dt", {}, label), g.el("dd", {}, guide[name]));
    }
    g.dialog(
      guide.title,
      guide.question ? g.el("p", { class: "question" }, guide.question) : null,
      guide.formula ? g.el("p", { class: "formula" }, guide.formula) : null,
      list,
      g.el("p", {}, g.el("a", { href: g.url("/guide#" + viewId) }, "In the guide")),
    );
  };
})((window.grokdash = window.grokdash || {}));
