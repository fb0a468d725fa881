/* The controls in the rail: one per part of the selection that the page's views use. */
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
    ref: "compare",
    norm: "range",
    x: "x axis",
    y: "y axis",
    basis: "basis",
    colour: "colour",
    matrix: "matrix",
    order: "order",
    keys: "key set",
  };
  const WORDS = {
    norm: { run: "run", epoch: "epoch" },
    basis: { canonical: "canonical", additive: "additive" },
    colour: { ka: "k·a", token: "a" },
  };
  const ORDER = Object.keys(NAMES);
  const LOOKS = new Set(["norm", "x", "y", "basis", "colour", "order", "keys"]);

  function usedNames(session) {
    const used = new Set();
    for (const { view, perStep } of session.panels) {
      for (const name of [...view.reads, ...(view.styles || [])]) used.add(name);
      for (const name of Object.values(view.picks || {})) used.add(name);
      if (perStep) used.add("norm");
    }
    used.delete("step");
    return ORDER.filter((name) => used.has(name) && name in session.selection);
  }

  function stepper(session, name) {
    const [low, high] = session.manifest.limits[name];
    if (low === high) return null;
    const field = g.el("input", {
      type: "number",
      class: "field",
      min: low,
      max: high,
      step: 1,
      id: "select-" + name,
      onchange: (event) => {
        if (event.target.value !== "") session.select({ [name]: event.target.value });
        show();
      },
      oninput: (event) => {
        const value = Number(event.target.value);
        const inside = event.target.value !== "" && value >= low && value <= high;
        if (inside && Number.isInteger(value)) session.select({ [name]: value });
      },
    });
    const show = () => {
      if (field.value !== String(session.selection[name])) {
        field.value = session.selection[name];
      }
      const colour = name === "k" && (session.manifest.key_colours || {})[field.value];
      field.style.boxShadow = colour ? `inset 3px 0 0 ${colour}` : "";
    };
    return { field, show };
  }

  function chooser(session, name) {
    const words = session.manifest.choices[name];
    const field = g.el(
      "select",
      {
        class: "field",
        id: "select-" + name,
        onchange: (event) => session.select({ [name]: event.target.value }),
      },
      ...words.map((word) =>
        g.el("option", { value: word }, (WORDS[name] || {})[word] || word),
      ),
    );
    return { field, show: () => (field.value = session.selection[name]) };
  }

  function keySet(session) {
    const field = g.el("input", {
      type: "text",
      class: "field",
      id: "select-keys",
      placeholder: (session.manifest.keys || []).join(" ") || "none yet",
      title: "Frequencies kept or removed in restricted and excluded loss",
      onchange: (event) =>
        session.select({ keys: event.target.value.trim().split(/[\s,;-]+/).join("-") }),
    });
    return {
      field,
      show: () => (field.value = String(session.selection.keys || "").replaceAll("-", " ")),
    };
  }

  function control(session, name) {
    if (name === "keys") return keySet(session);
    if (session.manifest.limits[name]) return stepper(session, name);
    if ((session.manifest.choices || {})[name]) return chooser(session, name);
    return null;
  }

  /** Buttons for the key frequencies, each in its colour. */
  function keyButtons(session) {
    const row = g.el("div", { class: "key-row", role: "group", "aria-label": "Key frequencies" });
    const show = () => {
      const { keys = [], key_colours: colours = {}, keys_final: final } = session.manifest;
      row.title = final === false ? "Provisional: training goes on" : "Key frequencies";
      row.replaceChildren(
        ...keys.map((k) => {
          const button = g.el(
            "button",
            {
              type: "button",
              class: "key",
              "aria-pressed": String(session.selection.k === k),
              "aria-label": "Frequency " + k,
              onclick: () => session.select({ k }),
            },
            String(k),
          );
          button.style.setProperty("--key", colours[k] || "currentColor");
          return button;
        }),
      );
    };
    return { row, show };
  }

  (g.PARTS = g.PARTS || []).push(function (session) {
    const box = g.byId("selection");
    if (!box) return;
    const shows = [];
    const rows = [];
    const looks = [];
    const names = usedNames(session);
    for (const name of names) {
      const made = control(session, name);
      if (!made) continue;
      shows.push(made.show);
      const words = g.el("span", {}, NAMES[name]);
      const row = g.el("label", { class: "choice", for: "select-" + name }, words, made.field);
      (LOOKS.has(name) ? looks : rows).push(row);
      if (name === "k") {
        const buttons = keyButtons(session);
        shows.push(buttons.show);
        rows.push(buttons.row);
      }
    }
    box.replaceChildren(...rows);
    if (looks.length) {
      const more = g.el("details", { class: "looks", open: g.recall("looks") === "1" });
      more.append(g.el("summary", {}, "Display"), ...looks);
      more.addEventListener("toggle", () => g.remember("looks", more.open ? "1" : "0"));
      box.append(more);
    }
    const show = () => shows.forEach((one) => one());
    show();
    session.on("selected", show);
    session.on("grown", show);
  });
})((window.grokdash = window.grokdash || {}));
