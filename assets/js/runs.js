/* The list of runs: search, live rows, names, notes, deleting in two steps. */
(function (g) {
  "use strict";

  const POLL_MS = 2000;
  const IDLE_MS = 8000;

  let timer = null;
  let token = "";
  let known = new Map();
  let listening = null;

  const grid = () => {
    try {
      return window.dash_ag_grid && window.dash_ag_grid.getApi("runs-grid");
    } catch (error) {
      return null;
    }
  };

  function asRow(run) {
    return {
      ...run,
      title: run.title || run.id,
      state: run.problem ? "broken" : run.state,
      progress: run.epochs ? run.step / run.epochs : 0,
      seed: run.problem ? null : run.seed,
      weight_decay: run.problem ? null : run.weight_decay,
      p: run.p || null,
      lr: run.lr || null,
      train_fraction: run.train_fraction || null,
    };
  }

  function count(rows) {
    const running = rows.filter((row) => row.state === "running").length;
    const words = [`${rows.length} stored`];
    if (running) words.push(`${running} running`);
    g.setText(g.byId("runs-count"), rows.length ? words.join(", ") : "");
    const empty = g.byId("runs-empty");
    const node = document.querySelector(".runs-grid");
    if (node) node.classList.toggle("no-rows", !rows.length);
    if (empty) empty.hidden = rows.length > 0;
  }

  /** A click anywhere in a row opens the run. */
  function listen(api) {
    if (listening === api) return;
    listening = api;
    api.addEventListener("rowClicked", ({ data, event }) => {
      if (data.problem || event.target.closest("a, button, input, [col-id=ag-Grid-SelectionColumn]")) return;
      if (g.isLaunch(data)) g.showLog(data);
      else g.go(g.url("/run/" + encodeURIComponent(data.id)));
    });
  }

  /** Take in what changed since the last answer; say whether anything did. */
  function learn(answer) {
    if (answer.all) known = new Map();
    answer.rows.forEach((run) => known.set(run.id, asRow(run)));
    answer.gone.forEach((id) => known.delete(id));
    token = answer.token;
    return answer.all || answer.rows.length + answer.gone.length > 0;
  }

  function show(answer) {
    const api = grid();
    count([...known.values()]);
    if (!api) return;
    listen(api);
    const there = new Set();
    api.forEachNode((node) => there.add(node.data.id));
    const rows = answer.all ? [...known.values()] : answer.rows.map((run) => known.get(run.id));
    const gone = answer.all ? [...there].filter((id) => !known.has(id)) : answer.gone.filter((id) => there.has(id));
    api.applyTransaction({
      add: rows.filter((row) => !there.has(row.id)),
      update: rows.filter((row) => there.has(row.id)),
      remove: gone.map((id) => ({ id })),
    });
    api.refreshCells({ force: true, columns: ["updated", "title", "state", "progress"] });
  }

  async function refresh() {
    clearTimeout(timer);
    if (!g.byId("runs-page")) return;
    let wait = IDLE_MS;
    try {
      if (!grid()) wait = 50;
      else {
        const answer = await g.getJson("/api/runs/changes?since=" + token, { cache: "no-store" });
        if (learn(answer)) show(answer);
        if ([...known.values()].some((row) => row.state === "running")) wait = POLL_MS;
      }
    } catch (error) {
      /* the banner says so */
    }
    timer = setTimeout(refresh, wait);
  }
  g.refreshRuns = refresh;

  function buildSearch() {
    const place = g.byId("runs-search");
    if (!place || place.firstChild) return;
    const field = g.el("input", {
      type: "search",
      class: "field search",
      id: "runs-search-field",
      placeholder: "Search runs  /",
      "aria-label": "Search runs",
      oninput: (event) => {
        const api = grid();
        if (api) api.setGridOption("quickFilterText", event.target.value);
      },
    });
    place.append(field);
    if (sessionStorage.getItem("grokdash-focus-search")) {
      sessionStorage.removeItem("grokdash-focus-search");
      field.focus();
    }
  }

  async function save(run, form) {
    const tags = form.tags.value.split(",").map((tag) => tag.trim()).filter(Boolean);
    await g.postJson(`/api/run/${encodeURIComponent(run.id)}/notes`, {
      title: form.title.value.trim(),
      tags,
      notes: form.notes.value,
    });
  }

  function field(label, name, value, tag = "input") {
    const input = g.el(tag, { class: "field wide", name, id: "edit-" + name });
    input.value = value || "";
    return g.el("label", { class: "form-row", for: "edit-" + name }, g.el("span", {}, label), input);
  }

  /** Name, tags and note of a run; deleting asks for a second press. */
  g.editRun = function (run) {
    const form = g.el(
      "form",
      { class: "edit-form" },
      run.problem ? g.el("p", { class: "broken" }, run.problem) : null,
      field("Name", "title", run.title === run.id ? "" : run.title),
      field("Tags, by commas", "tags", (run.tags || []).join(", ")),
      field("Note", "notes", run.notes, "textarea"),
    );
    const remove = g.el("button", { type: "button", class: "tool danger" }, "Delete …");
    const keep = g.el("button", { type: "submit", class: "tool primary" }, "Save");
    form.append(g.el("div", { class: "tools" }, remove, g.el("span", { class: "spacer" }), keep));
    const dialog = g.dialog(run.id, form);
    const training = g.trainingTools(run, { leave: () => dialog.close() });
    form.before(g.el("div", { class: "tools log-tools edit-training" }, ...training));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await save(run, form.elements);
        dialog.close();
        refresh();
      } catch (error) {
        g.toast(error.message, "problem");
      }
    });
    remove.addEventListener("click", async () => {
      if (remove.dataset.sure !== "1") {
        remove.dataset.sure = "1";
        remove.textContent = `Delete ${run.id} and all its checkpoints for ever`;
        return;
      }
      try {
        await g.postJson(`/api/run/${encodeURIComponent(run.id)}/delete`, { confirm: run.id });
        dialog.close();
        refresh();
      } catch (error) {
        g.toast(error.message, "problem");
      }
    });
  };

  let page = null;
  new MutationObserver(() => {
    const now = g.byId("runs-page");
    if (now === page) return;
    page = now;
    if (!now) {
      clearTimeout(timer);
      return;
    }
    token = "";
    buildSearch();
    refresh();
  }).observe(document.documentElement, { childList: true, subtree: true });
})((window.grokdash = window.grokdash || {}));
