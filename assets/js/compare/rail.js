/* Controls of the Compare page: runs, alignment, mode, views, what all runs share. */
(function (g) {
  "use strict";

  const NAMES = {
    k: "freq k",
    layer: "layer",
    h: "head",
    n: "neuron",
    a: "a",
    b: "b",
    c: "class c",
    s: "position",
    norm: "range",
    x: "x axis",
    y: "y axis",
    basis: "basis",
    colour: "colour",
    matrix: "matrix",
    order: "order",
  };

  const part = (run, pin) => (pin === null || pin === "" ? run : `${run}@${pin}`);

  /** Open the same page with other runs; everything else stays. */
  function reopen(session, parts) {
    const { at, ...state } = session.pageState();
    const same = parts.length && session.align === "epoch";
    g.go(g.url("/compare?" + g.query({ ...state, runs: parts.join(","), at: same ? at : "" })));
  }

  function runRow(session, slot, i) {
    const columns = session.config.setup.columns;
    const column = columns[i];
    const parts = () => columns.map((one) => part(one.run, one.pin));
    const pin = g.el("input", {
      type: "text",
      inputmode: "numeric",
      class: "field pin",
      placeholder: "moves",
      "aria-label": `Epoch at which ${column.letter} stays; empty moves along`,
      title: "Epoch at which this column stays; empty: it moves along",
      onchange: (event) => {
        const next = parts();
        next[i] = part(column.run, event.target.value.replace(/[\s\u202f,_]/g, ""));
        reopen(session, next);
      },
    });
    pin.value = column.pin === null ? "" : column.pin;
    const drop = g.el("button", {
      type: "button",
      class: "tool tool-icon",
      "data-icon": "close",
      "aria-label": `Leave ${column.letter} out`,
      title: `Leave ${column.letter} out`,
      onclick: () => reopen(session, parts().filter((_one, j) => j !== i)),
    });
    const link = g.el(
      "a",
      { href: g.url("/run/" + encodeURIComponent(column.run)), title: column.run },
      column.title,
    );
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      g.go(link.getAttribute("href") + "?" + g.query({ e: slot.stepAt(session.place) }));
    });
    const letter = g.el("span", { class: `letter letter-${i}` }, column.letter);
    return g.el("div", { class: "compare-run" }, letter, link, pin, drop);
  }

  function adder(session) {
    const { columns, runs, most } = session.config.setup;
    if (columns.length >= most) return null;
    const field = g.el(
      "select",
      {
        class: "field wide",
        "aria-label": "Add a run",
        onchange: (event) => {
          if (!event.target.value) return;
          const parts = columns.map((one) => part(one.run, one.pin));
          reopen(session, [...parts, event.target.value]);
        },
      },
      g.el("option", { value: "" }, "add a run …"),
      ...runs.map((run) => g.el("option", { value: run.id }, run.title)),
    );
    return field;
  }

  function chooser(label, words, value, change) {
    const id = "compare-" + label.split(" ")[0];
    const field = g.el(
      "select",
      { class: "field", id, onchange: (event) => change(event.target.value) },
      ...Object.entries(words).map(([one, text]) => g.el("option", { value: one }, text)),
    );
    field.value = value;
    const row = g.el("label", { class: "choice", for: id }, g.el("span", {}, label), field);
    return { row, field };
  }

  function viewList(session) {
    const box = g.byId("compare-views");
    const groups = new Map();
    for (const view of session.config.setup.views) {
      if (!groups.has(view.subject)) groups.set(view.subject, []);
      groups.get(view.subject).push(view);
    }
    const read = () =>
      [...box.querySelectorAll("input:checked")].map((field) => field.value);
    const nodes = [...groups].map(([subject, views]) =>
      g.el(
        "fieldset",
        {},
        g.el("legend", {}, subject),
        ...views.map((view) =>
          g.el(
            "label",
            {},
            g.el("input", {
              type: "checkbox",
              value: view.id,
              checked: session.chosen.includes(view.id),
              onchange: () => {
                session.setViews(read());
                showSelection(session);
              },
            }),
            view.title,
          ),
        ),
      ),
    );
    box.replaceChildren(...nodes);
  }

  function usedNames(session) {
    const used = new Set(["norm"]);
    const views = session.slots[0].manifest.views;
    for (const id of [...session.chosen, session.config.setup.chart]) {
      const view = views[id];
      if (!view) continue;
      for (const name of [...view.reads, ...(view.styles || [])]) used.add(name);
      for (const name of Object.values(view.picks || {})) used.add(name);
    }
    return Object.keys(NAMES).filter((name) => used.has(name));
  }

  /** A number or a word that all runs share; empty leaves each run its own. */
  function shared(session, name) {
    const limits = session.manifest.limits[name];
    const words = session.manifest.choices[name];
    if (limits && limits[0] === limits[1]) return null;
    if (!limits && !words) return null;
    const id = "select-" + name;
    const change = (event) => session.select({ [name]: event.target.value || null });
    const field = limits
      ? g.el("input", {
          type: "number",
          class: "field",
          id,
          min: limits[0],
          max: Math.max(...session.slots.map((slot) => slot.manifest.limits[name][1])),
          oninput: change,
        })
      : g.el(
          "select",
          { class: "field", id, onchange: change },
          ...words.map((word) => g.el("option", { value: word }, word)),
        );
    const show = () => {
      const own = session.slots.map((slot) => slot.selection[name]);
      if (!limits) field.value = own[0];
      else {
        const text = String(session.shared[name] ?? "");
        if (field.value !== text) field.value = text;
        field.placeholder = [...new Set(own)].join(" · ");
        field.title = "Empty: each run its own (" + field.placeholder + ")";
      }
    };
    show();
    session.on("selected", show);
    return g.el("label", { class: "choice", for: id }, g.el("span", {}, NAMES[name]), field);
  }

  function showSelection(session) {
    const rows = usedNames(session).map((name) => shared(session, name));
    g.byId("compare-selection").replaceChildren(...rows.filter(Boolean));
  }

  function showLook(session) {
    const { modes, aligns } = session.config.setup;
    const align = chooser("align by", aligns, session.align, (value) =>
      session.setAlign(value).catch((error) => g.toast(error.message, "problem")),
    );
    session.on("aligned", () => (align.field.value = session.align));
    const mode = chooser("show", modes, session.mode, (value) => session.setMode(value));
    g.byId("compare-choices").replaceChildren(align.row, mode.row);
  }

  g.buildCompareRail = function (session) {
    const runs = session.slots.map((slot, i) => runRow(session, slot, i));
    const add = adder(session);
    const copy = g.el(
      "button",
      { type: "button", class: "tool", "data-act": "copy-link", title: "Copy a link to this picture (L)" },
      "Copy link",
    );
    g.byId("compare-runs").replaceChildren(...runs, ...(add ? [add] : []), copy);
    showLook(session);
    showSelection(session);
    viewList(session);
  };
})((window.grokdash = window.grokdash || {}));
