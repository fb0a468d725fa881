/* Training from the page: starts that are no run yet, stop, go on, the live log. */
(function (g) {
  "use strict";

  const WATCH_MS = 700;
  const IDLE_MS = 10000;
  const LOG_MS = 1200;
  const AT_WORK = ["starting", "running"];

  const path = (id, what) => `/api/run/${encodeURIComponent(id)}/${what}`;

  /** Whether pages of this server may start and stop runs. */
  g.mayTrain = () => Boolean(document.querySelector('[data-training="yes"]'));

  g.isLaunch = (row) => row.state === "starting" || row.state === "failed";

  /**
   * Post what starts a process. When every core is taken the server asks back: the
   * button then says so, and a second press is the answer.
   */
  g.postStart = async function (where, body, button) {
    const sure = button.dataset.sure === "1";
    try {
      return await (await g.postJson(where, { ...body, sure })).json();
    } catch (error) {
      if (error.status === 409 && !sure) {
        button.dataset.sure = "1";
        button.textContent = "Start anyway";
      }
      throw error;
    }
  };

  async function stop(id, button) {
    try {
      await g.postJson(path(id, "stop"), {});
      button.disabled = true;
      button.textContent = "Stopping …";
      g.toast(`${id} stores a checkpoint and stops. During the closing analysis it finishes instead.`);
    } catch (error) {
      g.toast(error.message, "problem");
    }
  }

  async function goOn(id, button) {
    try {
      await g.postStart(path(id, "resume"), {}, button);
      g.showLog({ id });
    } catch (error) {
      g.toast(error.message, "problem");
    }
  }

  async function dismiss(id) {
    try {
      await g.postJson(path(id, "dismiss"), {});
      watch();
    } catch (error) {
      g.toast(error.message, "problem");
    }
  }

  function tool(text, action, name) {
    const button = g.el("button", { type: "button", class: "tool framed", "data-train": name }, text);
    button.addEventListener("click", () => action(button));
    return button;
  }

  /** The buttons that a run in this state has; leave says that the log is open. */
  g.trainingTools = function (run, { leave = null, log = true } = {}) {
    const then = (action) => (button) => {
      if (leave) leave();
      return action(run.id, button);
    };
    const tools = [];
    if (g.mayTrain() && run.state === "running") tools.push(tool("Stop", (button) => stop(run.id, button), "stop"));
    if (g.mayTrain() && run.state === "interrupted") tools.push(tool("Go on", then(goOn), "resume"));
    if (g.mayTrain() && run.state === "failed") tools.push(tool("Dismiss", then(dismiss), "dismiss"));
    if (log && run.state !== "broken") tools.push(tool("Log", then(() => g.showLog(run)), "log"));
    return tools;
  };

  function describe(answer) {
    if (answer.state === "failed") return `failed to start, exit code ${answer.exit}`;
    const words = [answer.state];
    if (answer.message) words.push(answer.message);
    if (answer.exit !== null && !AT_WORK.includes(answer.state)) words.push(`exit code ${answer.exit}`);
    return words.join(" · ");
  }

  /** What a trainer prints, followed until it ends. */
  g.showLog = function (run) {
    const line = g.el("p", { class: "log-state", role: "status" });
    const text = g.el("pre", { class: "log", tabindex: 0, "aria-label": "Output of the trainer" });
    const tools = g.el("div", { class: "tools log-tools" });
    const dialog = g.dialog(`Log of ${run.id}`, line, text, tools);
    dialog.classList.add("wide");
    const href = g.url("/run/" + encodeURIComponent(run.id));
    const open = g.el("a", { href, class: "tool primary", hidden: true }, "Open the run");
    open.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      dialog.close();
      g.go(href);
    });
    let state = null;

    function show(answer) {
      g.setText(line, describe(answer));
      line.classList.toggle("broken", answer.state === "failed" || Boolean(answer.exit));
      const atEnd = text.scrollTop + text.clientHeight > text.scrollHeight - 24;
      const none = "Nothing was printed here: this run was not started from a page.";
      g.setText(text, answer.text || (answer.state === "starting" ? "" : none));
      if (atEnd) text.scrollTop = text.scrollHeight;
      if (answer.state === state) return;
      state = answer.state;
      open.hidden = g.isLaunch(answer) || window.location.pathname === href;
      const spacer = g.el("span", { class: "spacer" });
      const leave = () => dialog.close();
      tools.replaceChildren(...g.trainingTools({ ...run, state }, { leave, log: false }), spacer, open);
    }

    async function follow() {
      if (!dialog.isConnected) return;
      let wait = LOG_MS;
      try {
        const answer = await g.getJson(path(run.id, "log"), { cache: "no-store" });
        show(answer);
        if (!AT_WORK.includes(answer.state)) wait = 4 * LOG_MS;
      } catch (error) {
        if (error.status) g.setText(line, error.message);
      }
      setTimeout(follow, wait);
    }
    follow();
    return dialog;
  };

  /* Starts that are no run yet stand above the rows of the list. */

  let timer = null;
  let page = null;
  let shown = "";

  const grid = () => {
    try {
      return window.dash_ag_grid && window.dash_ag_grid.getApi("runs-grid");
    } catch (error) {
      return null;
    }
  };

  function asRow(launch) {
    return { ...launch, title: launch.id, tags: [], notes: "", problem: "", step: 0, sparkline: [], progress: 0 };
  }

  async function watch() {
    clearTimeout(timer);
    if (!g.byId("runs-page")) return;
    let wait = IDLE_MS;
    try {
      const launches = await g.getJson("/api/launches", { cache: "no-store" });
      const api = grid();
      if (!api) wait = 200;
      else if (JSON.stringify(launches) !== shown) {
        shown = JSON.stringify(launches);
        document.querySelector(".runs-grid").classList.toggle("has-launches", launches.length > 0);
        g.byId("runs-empty").classList.toggle("covered", launches.length > 0);
        api.setGridOption("pinnedTopRowData", launches.map(asRow));
        if (g.refreshRuns) g.refreshRuns();
      }
      if (launches.some((one) => one.state === "starting")) wait = Math.min(wait, WATCH_MS);
    } catch (error) {
      /* the banner says so */
    }
    timer = setTimeout(watch, wait);
  }
  g.watchLaunches = watch;

  new MutationObserver(() => {
    const now = g.byId("runs-page");
    if (now === page) return;
    page = now;
    shown = "";
    if (now) watch();
  }).observe(document.documentElement, { childList: true, subtree: true });

  /* On the pages of one run. */

  (g.PARTS = g.PARTS || []).push(function (session) {
    const box = g.byId("run-training");
    if (!box) return;
    let state = null;

    function show() {
      const now = session.manifest.status.state;
      if (now === state) return;
      state = now;
      box.replaceChildren(...g.trainingTools({ id: session.run, state }));
    }
    show();
    session.on("grown", show);
    if (session.running) return;
    // A run that is not live is asked for again only once someone makes it go on.
    const look = setInterval(async () => {
      if (!document.querySelector("dialog .log")) return;
      const answer = await g.getJson(path(session.run, "log"), { cache: "no-store" }).catch(() => null);
      if (!answer || answer.state !== "running" || session.closed) return;
      clearInterval(look);
      Object.assign(session.manifest.status, { state: "running" });
      session.live.show();
      show();
      session.live.poll();
    }, 2 * LOG_MS);
    session.signal.addEventListener("abort", () => clearInterval(look));
  });
})((window.grokdash = window.grokdash || {}));
