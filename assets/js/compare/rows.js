/* The rows of a comparison: for each view the panels that the mode asks for. */
(function (g) {
  "use strict";

  function button(action, label) {
    const attributes = { type: "button", "data-act": action, "aria-label": label, title: label };
    if (action === "save") return g.el("button", { ...attributes, class: "tool" }, "PNG");
    return g.el("button", { ...attributes, "data-icon": action, class: "tool tool-icon" });
  }

  function letters(slots) {
    return slots.map((slot) =>
      g.el("span", { class: `letter letter-${slot.index}` }, slot.letter),
    );
  }

  /** An empty panel; what draws in it comes later. */
  function frame(view, slots, actions, minus) {
    const id = `${view.id}-${slots.map((slot) => slot.letter).join("")}${minus ? "-difference" : ""}`;
    const marks = letters(slots);
    if (minus) marks.splice(1, 0, g.el("span", { class: "minus" }, "−"));
    const head = g.el(
      "div",
      { class: "panel-head" },
      g.el("h3", { id: "title-" + id, title: view.question }, ...marks, g.el("span", { class: "panel-title" }, view.title)),
      g.el("span", { class: "panel-epoch quiet" }),
      g.el("span", { class: "panel-badge", hidden: true }),
      g.el("span", { class: "spacer" }),
      ...actions.map(([action, label]) => button(action, label)),
    );
    const body = g.el(
      "div",
      { class: "panel-body" },
      g.el("div", { class: "panel-graph" }, g.el("div", { class: "compare-plot" })),
      g.el("canvas", { class: "scrub", "aria-hidden": "true" }),
      g.el("canvas", { class: "marks", "aria-hidden": "true" }),
    );
    return g.el(
      "figure",
      {
        class: `panel panel-${view.kind}`,
        id: "panel-" + id,
        role: "group",
        tabindex: "-1",
        "data-view": view.id,
        "data-epoch": "",
        "data-letters": slots.map((slot) => slot.letter).join(""),
        "aria-labelledby": "title-" + id,
        "aria-describedby": "sentence-" + id,
      },
      head,
      body,
      g.el("figcaption", { id: "sentence-" + id }),
    );
  }

  function column(slot, view) {
    const element = frame(view, [slot], [
      ["help", `What ${view.title} shows`],
      ["full", `${view.title} on the full screen`],
      ["menu", `Save or copy ${view.title}`],
    ]);
    const panel = new g.ColumnPanel(slot, element);
    slot.panels.push(panel);
    return panel;
  }

  function mixed(owner, slots, view, how) {
    const minus = how === "difference";
    const element = frame(
      view,
      slots,
      [
        ["help", `What ${view.title} shows`],
        ["full", `${view.title} on the full screen`],
        ["save", `Save ${view.title} as PNG`],
      ],
      minus,
    );
    const names = slots.map((slot) => slot.letter).join(minus ? " − " : ", ");
    return new g.MixedPanel(owner, element, slots, how, `${names} · ${view.title}`);
  }

  /** Why this row cannot be shown as asked; empty if it can. */
  function refusal(owner, choice) {
    if (owner.mode === "side") return "";
    if (owner.slots.length < 2) return "One run alone has nothing to be compared with.";
    return choice[owner.mode] || "";
  }

  function panelsOf(owner, view, why) {
    const { slots, mode } = owner;
    if (mode === "side" || why) return slots.map((slot) => column(slot, view));
    if (mode === "overlay") return [mixed(owner, slots, view, "overlay")];
    const rest = slots.slice(1).map((slot) => mixed(owner, [slots[0], slot], view, "difference"));
    return slots.length === 2
      ? [...slots.map((slot) => column(slot, view)), ...rest]
      : [column(slots[0], view), ...rest];
  }

  /** Build the row of one view; gives the panels made. */
  g.buildRow = function (owner, box, id) {
    const choice = owner.config.setup.views.find((one) => one.id === id);
    const view = owner.slots[0].manifest.views[id];
    if (!choice || !view) return [];
    const why = refusal(owner, choice);
    const panels = panelsOf(owner, view, why);
    const row = g.el("div", { class: "compare-row", "data-view": id });
    row.style.setProperty("--columns", panels.length > 4 ? 3 : panels.length);
    row.append(...panels.map((panel) => panel.element));
    if (why) box.append(g.el("p", { class: "compare-note" }, why));
    box.append(row);
    return panels;
  };
})((window.grokdash = window.grokdash || {}));
