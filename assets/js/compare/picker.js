/* Choosing runs to compare: on the empty Compare page and in the list of runs. */
(function (g) {
  "use strict";

  const open = (ids) => g.go(g.url("/compare?" + g.query({ runs: ids.join(",") })));

  function button(most) {
    const node = g.el("button", { type: "button", class: "tool primary", id: "compare-go" }, "Compare");
    node.show = (ids) => {
      node.disabled = ids.length < 2 || ids.length > most;
      g.setText(node, ids.length > 1 ? `Compare ${ids.length}` : "Compare");
      node.title = `Choose two to ${most} runs`;
    };
    node.show([]);
    return node;
  }

  function fillPicker() {
    const page = g.byId("compare-empty");
    const box = g.byId("compare-picker");
    if (!page || !box || box.firstChild) return;
    const { runs, most } = JSON.parse(page.dataset.config);
    if (!runs.length) return;
    const chosen = [];
    const go = button(most);
    go.addEventListener("click", () => open(chosen));
    const labels = runs.map((run) =>
      g.el(
        "label",
        {},
        g.el("input", {
          type: "checkbox",
          value: run.id,
          onchange: (event) => {
            if (event.target.checked) chosen.push(run.id);
            else chosen.splice(chosen.indexOf(run.id), 1);
            go.show(chosen);
          },
        }),
        run.title,
        g.el("span", { class: "quiet" }, run.title === run.id ? "" : run.id),
      ),
    );
    box.replaceChildren(...labels, go);
  }

  const MOST = 6;
  let watched = null;

  /** The button beside the search field compares the rows that are ticked. */
  function fillRuns() {
    const head = document.querySelector("#runs-page .runs-head");
    if (!head) return;
    let go = g.byId("compare-go");
    if (!go) {
      go = button(MOST);
      go.hidden = true;
      head.insertBefore(go, g.byId("runs-search"));
      go.addEventListener("click", () => open(go.ids || []));
    }
    const { dash_ag_grid: grids } = window;
    let api = null;
    try {
      api = grids && grids.getApi("runs-grid");
    } catch (error) {
      /* the grid is not there yet */
    }
    if (!api || watched === api) return;
    watched = api;
    api.addEventListener("selectionChanged", () => {
      const node = g.byId("compare-go");
      if (!node) return;
      node.ids = api.getSelectedRows().filter((row) => !row.problem).map((row) => row.id);
      node.hidden = !node.ids.length;
      node.show(node.ids);
    });
  }

  new MutationObserver(() => {
    fillPicker();
    fillRuns();
  }).observe(document.documentElement, { childList: true, subtree: true });
})((window.grokdash = window.grokdash || {}));
