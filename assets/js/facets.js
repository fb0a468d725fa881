/* Facets of the list of runs: what there is, how often, and a filter by it. */
(function (g) {
  "use strict";

  const MEMORISED = 0.99;

  /** What came of a run, as far as the list knows it. */
  g.outcomeOf = function (row) {
    if (row.problem || row.state === "diverged") return row.problem ? "broken" : "diverged";
    if (row.grok_state === "collapsed") return "collapses";
    if (row.grok_end !== null && row.grok_end !== undefined) return "generalises";
    if (row.state !== "finished") return "not yet";
    return row.train_accuracy >= MEMORISED ? "memorises only" : "neither";
  };

  const FACETS = [
    ["operation", "Rule", (row) => [row.operation]],
    ["p", "p", (row) => [row.p]],
    ["state", "State", (row) => [row.state]],
    ["outcome", "Outcome", (row) => [g.outcomeOf(row)]],
    ["tag", "Tags", (row) => row.tags || []],
  ];

  let chosen = new Map();
  let attached = null;
  let soon = null;

  const grid = () => {
    try {
      return window.dash_ag_grid && window.dash_ag_grid.getApi("runs-grid");
    } catch (error) {
      return null;
    }
  };

  const values = (row, facet) =>
    facet[2](row)
      .filter((one) => one !== null && one !== undefined && one !== "")
      .map(String);

  function passes(row, except) {
    return FACETS.every((facet) => {
      const wanted = chosen.get(facet[0]);
      return facet === except || !wanted || values(row, facet).some((one) => wanted.has(one));
    });
  }

  function readAddress() {
    const query = new URLSearchParams(window.location.search);
    chosen = new Map();
    for (const [name] of FACETS) if (query.has(name)) chosen.set(name, new Set(query.getAll(name)));
  }

  function writeAddress() {
    const query = new URLSearchParams(window.location.search);
    for (const [name] of FACETS) {
      query.delete(name);
      for (const one of chosen.get(name) || []) query.append(name, one);
    }
    const text = query.toString();
    window.history.replaceState(window.history.state, "", window.location.pathname + (text ? "?" + text : ""));
  }

  function choose(name, value, on) {
    const wanted = new Set(chosen.get(name));
    if (on) wanted.add(value);
    else wanted.delete(value);
    if (wanted.size) chosen.set(name, wanted);
    else chosen.delete(name);
    apply();
  }

  function apply() {
    writeAddress();
    const api = grid();
    if (api) api.onFilterChanged();
    draw();
  }

  function count(facet) {
    const counts = new Map([...(chosen.get(facet[0]) || [])].map((one) => [one, 0]));
    grid().forEachNode(({ data }) => {
      if (!passes(data, facet)) return;
      for (const one of values(data, facet)) counts.set(one, (counts.get(one) || 0) + 1);
    });
    return [...counts].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
  }

  function option(facet, value, number) {
    const box = g.el("input", { type: "checkbox", value });
    box.checked = Boolean(chosen.get(facet[0]) && chosen.get(facet[0]).has(value));
    box.addEventListener("change", () => choose(facet[0], value, box.checked));
    return g.el("label", { class: "facet-value" }, box, g.el("span", {}, value), g.el("span", { class: "quiet" }, number));
  }

  function drawFacet(place, facet) {
    let node = place.querySelector(`[data-facet="${facet[0]}"]`);
    if (!node) {
      node = g.el("details", { class: "facet", "data-facet": facet[0] }, g.el("summary"), g.el("div", { class: "facet-values" }));
      place.append(node);
    }
    const counts = count(facet);
    const number = (chosen.get(facet[0]) || { size: 0 }).size;
    node.hidden = !counts.length;
    node.classList.toggle("chosen", number > 0);
    g.setText(node.firstChild, number ? `${facet[1]} · ${number}` : facet[1]);
    const key = JSON.stringify([counts, [...(chosen.get(facet[0]) || [])]]);
    if (node.dataset.key === key) return;
    node.dataset.key = key;
    const focused = node.contains(document.activeElement) && document.activeElement.value;
    node.lastChild.replaceChildren(...counts.map(([value, n]) => option(facet, value, n)));
    const again = [...node.querySelectorAll("input")].find((one) => one.value === focused);
    if (again) again.focus();
  }

  function draw() {
    const place = g.byId("runs-facets");
    if (!place || !grid()) return;
    for (const facet of FACETS) drawFacet(place, facet);
    let clear = place.querySelector(".facet-clear");
    if (!clear) {
      clear = g.el("button", { type: "button", class: "tool facet-clear" }, "Show all");
      clear.addEventListener("click", () => {
        chosen = new Map();
        apply();
      });
    }
    clear.hidden = !chosen.size;
    place.append(clear);
  }

  function attach() {
    const place = g.byId("runs-facets");
    const api = place && grid();
    if (!api) {
      if (place) setTimeout(attach, 100);
      return;
    }
    if (attached === api) return;
    attached = api;
    readAddress();
    api.setGridOption("isExternalFilterPresent", () => chosen.size > 0);
    api.setGridOption("doesExternalFilterPass", (node) => passes(node.data));
    api.addEventListener("modelUpdated", () => {
      clearTimeout(soon);
      soon = setTimeout(draw, 50);
    });
    api.onFilterChanged();
    draw();
  }

  function closeOthers(target) {
    for (const one of document.querySelectorAll(".facet[open]")) if (!one.contains(target)) one.open = false;
  }
  document.addEventListener("pointerdown", (event) => closeOthers(event.target));
  document.addEventListener("focusin", (event) => closeOthers(event.target));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector(".facet[open]");
    if (!open) return;
    open.open = false;
    open.firstChild.focus();
  });

  let page = null;
  new MutationObserver(() => {
    const now = g.byId("runs-facets");
    if (now === page) return;
    page = now;
    if (now) attach();
  }).observe(document.documentElement, { childList: true, subtree: true });
})((window.grokdash = window.grokdash || {}));
