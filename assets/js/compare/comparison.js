/* The Compare page while it is open: columns, one playhead, rows, and the address. */
(function (g) {
  "use strict";

  const OWN = new Set(["runs", "align", "mode", "views", "at", "t", "perf", "e"]);

  /** All columns' frames as one store, spoken to in places instead of checkpoints. */
  class Frames {
    constructor(owner) {
      this.owner = owner;
    }

    get prefetchers() {
      return this.owner.slots.map((slot) => slot.prefetcher).filter(Boolean);
    }

    get stores() {
      const all = new Map();
      this.owner.slots.forEach((slot, i) => {
        for (const [id, store] of slot.prefetcher.stores) all.set(`${i}:${id}`, store);
      });
      return all;
    }

    get bytes() {
      return this.prefetchers.reduce((sum, one) => sum + one.bytes, 0);
    }

    set paused(until) {
      for (const one of this.prefetchers) one.paused = until;
    }

    active() {
      return this.owner.slots.flatMap((slot) =>
        slot.prefetcher.active().map((store) => ({
          settled: (place) => store.settled(slot.indexAt(place)),
          has: (place) => store.has(slot.indexAt(place)),
          get loaded() {
            return store.loaded;
          },
        })),
      );
    }

    begin() {
      for (const one of this.prefetchers) one.begin();
    }

    pump() {
      for (const one of this.prefetchers) one.pump();
    }

    stop() {
      for (const one of this.prefetchers) one.stop();
    }
  }

  class Comparison extends g.Session {
    constructor(page, root) {
      super({ run: "", views: [], host: page.chart, setup: page });
      this.root = root;
      this.run = "";
      this.runId = page.columns.map((one) => one.run + (one.pin === null ? "" : "@" + one.pin)).join("_");
      this.runsText = page.columns
        .map((one) => one.run + (one.pin === null ? "" : "@" + one.pin))
        .join(",");
      this.manifest = { steps: [0], views: {}, status: { state: "finished" }, markers: [] };
    }

    get place() {
      return Math.max(this.playhead.drawn >= 0 ? this.playhead.drawn : this.playhead.want, 0);
    }

    placeOf(coordinate) {
      return g.nearestIndex(this.steps, coordinate);
    }

    async start() {
      const query = Object.fromEntries(new URLSearchParams(window.location.search));
      const page = this.config.setup;
      this.mode = query.mode in page.modes ? query.mode : "side";
      this.align = query.align in page.aligns ? query.align : "epoch";
      this.chosen = this.readViews(query.views);
      this.shared = {};
      this.prefetcher = new Frames(this);
      this.playhead = new g.Playhead(this);
      this.settler = new g.Settler(this);
      this.playback = new g.Playback(this);
      this.slots = page.columns.map((column, i) => new g.Slot(this, column, i));
      const views = page.views.map((one) => one.id);
      const line = this.fetchLine();
      await Promise.all(this.slots.map((slot) => slot.load(views)));
      await line;
      if (this.closed) return;
      this.describe();
      this.readShared(query);
      this.timeline = new g.CompareTimeline(this);
      this.build();
      this.expose();
      for (const part of g.PARTS) part(this);
      this.on("settled", () => this.prefetcher.begin());
      g.buildCompareRail(this);
      this.timeline.grow();
      this.seekStart(query.at ?? query.e);
      this.emit("ready");
    }

    /** Views of the address that exist; unknown ones are told and left out. */
    readViews(text) {
      const page = this.config.setup;
      if (text === undefined) return [...page.defaults];
      const known = new Set(page.views.map((one) => one.id));
      const asked = text.split(",").filter(Boolean);
      const unknown = asked.filter((id) => !known.has(id));
      if (unknown.length) g.toast(`views: no view ${unknown.join(", ")}; left out`);
      const found = asked.filter((id) => known.has(id));
      return found.length || !asked.length ? found : [...page.defaults];
    }

    readShared(query) {
      const { selection } = this.slots[0].manifest;
      for (const [name, value] of Object.entries(query)) {
        if (!OWN.has(name) && name in selection) this.shared[name] = value;
      }
      for (const slot of this.slots) slot.choose(this.shared);
      this.selection = this.slots[0].selection;
    }

    async fetchLine() {
      const query = g.query({ runs: this.runsText, align: this.align });
      const line = await g.getJson("/api/compare/timeline?" + query, { signal: this.signal });
      this.align = line.align;
      this.manifest.steps = line.coordinates;
      this.slots.forEach((slot, i) => {
        slot.indices = line.columns[i].indices;
        slot.scale = line.columns[i].scale;
        slot.grok = line.columns[i].grok;
      });
      for (const notice of line.notices) g.toast(notice);
    }

    /** What parts of the player ask of a run, answered for all of them together. */
    describe() {
      const [first] = this.slots;
      const { version, limits, choices } = first.manifest;
      Object.assign(this.manifest, { version, limits, choices, views: first.manifest.views });
      this.manifest.title = this.config.setup.columns.map((one) => one.title).join(" / ");
      this.mark();
    }

    /** Where the runs grok, for the key that goes there; pressed again: the next run. */
    get groks() {
      return this.manifest.markers.map((mark) => mark.step);
    }

    mark() {
      this.manifest.markers = this.slots
        .filter((slot) => slot.moves && slot.grok !== null)
        .map((slot) => ({
          slot,
          label: "grokked",
          step: slot.grok * slot.scale,
          title: `${slot.letter} grokked at epoch ${g.formatEpoch(slot.grok)}`,
        }));
    }

    seekStart(text) {
      const last = this.steps.length - 1;
      const wanted = Number(text);
      const given = text !== undefined && text !== "" && Number.isFinite(wanted);
      if (text && !given) g.toast(`at: expected a number, got “${text}”`);
      this.playhead.want = given ? this.placeOf(wanted) : last;
      this.playhead.drawn = -1;
      this.playhead.invalidate();
      this.settler.soon(0);
      this.prefetcher.paused = performance.now() + 400;
      setTimeout(() => !this.closed && this.prefetcher.pump(), 420);
    }

    /** Make all panels anew, after another choice of views or mode. */
    build() {
      for (const panel of this.panels) {
        if (panel.plotNode && window.Plotly) window.Plotly.purge(panel.plotNode);
      }
      for (const slot of this.slots) slot.restart();
      const box = g.byId("compare-rows");
      box.replaceChildren();
      this.chart ||= this.makeChart();
      this.panels = [this.chart];
      for (const id of this.chosen) this.panels.push(...g.buildRow(this, box, id));
      if (!this.chosen.length) {
        box.append(g.el("p", { class: "compare-note" }, "Choose views on the left."));
      }
      this.watch();
    }

    makeChart() {
      const element = g.byId("panel-" + this.config.setup.chart);
      const panel = new g.MixedPanel(this, element, this.slots, "overlay", "Loss");
      panel.isHost = true;
      return panel;
    }

    watch() {
      if (this.observer) this.observer.disconnect();
      this.observer = new IntersectionObserver(
        (entries) => {
          for (const entry of entries) {
            const panel = this.panels.find((one) => one.element === entry.target);
            if (panel) this.setVisible(panel, entry.isIntersecting);
          }
        },
        { rootMargin: "120px" },
      );
      for (const panel of this.panels) this.observer.observe(panel.element);
    }

    /** Change what all runs share; null gives each run its own choice back. */
    select(changes) {
      const before = JSON.stringify(this.shared);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === "") delete this.shared[name];
        else if (name in this.selection) this.shared[name] = value;
      }
      if (JSON.stringify(this.shared) === before) return;
      const changed = new Set();
      this.prefetcher.paused = performance.now() + 300;
      for (const slot of this.slots) {
        const names = slot.choose(this.shared);
        names.forEach((name) => changed.add(name));
        const stale = [...slot.prefetcher.stores.values()]
          .filter((store) => this.readsAny(store.view, names))
          .map((store) => store.view.id);
        if (stale.length) slot.prefetcher.reset(stale);
      }
      this.selection = this.slots[0].selection;
      setTimeout(() => !this.closed && this.prefetcher.pump(), 320);
      this.emit("selected", [...changed]);
      this.playhead.invalidate();
      this.settler.soon(30);
    }

    setMode(mode) {
      this.mode = mode;
      this.rebuilt();
    }

    setViews(ids) {
      this.chosen = this.config.setup.views.map((one) => one.id).filter((id) => ids.includes(id));
      this.rebuilt();
    }

    rebuilt() {
      this.build();
      this.playhead.invalidate();
      this.settler.soon(0);
      this.emit("pinned");
    }

    /** Another alignment keeps the first moving run where it is. */
    async setAlign(align) {
      this.playback.pause();
      const slot = this.slots.find((one) => one.moves) || this.slots[0];
      const step = slot.stepAt(this.place);
      this.align = align;
      await this.fetchLine();
      if (this.closed) return;
      this.mark();
      this.timeline.grow();
      this.seekStart(String(step * slot.scale));
      this.emit("aligned");
    }

    pageState() {
      const state = { runs: this.runsText };
      const page = this.config.setup;
      if (this.align !== "epoch") state.align = this.align;
      if (this.mode !== "side") state.mode = this.mode;
      if (this.chosen.join() !== page.defaults.join()) state.views = this.chosen.join() || ",";
      const at = this.steps[this.playhead.want];
      if (this.steps.length > 1) state.at = Number(at.toPrecision(6));
      Object.assign(state, this.shared);
      const asked = new URLSearchParams(window.location.search);
      if (asked.has("t")) state.t = g.theme();
      if (asked.has("perf")) state.perf = asked.get("perf");
      return state;
    }

    expose() {
      super.expose();
      const session = this;
      Object.defineProperties(g.player, {
        settled: {
          get: () =>
            session.panels
              .filter((panel) => (panel.visible || panel.isHost) && !panel.missing)
              .every((panel) => panel.isSettled(session.playhead.want)),
        },
        epochs: {
          get: () => session.slots.map((slot) => slot.stepAt(session.place)),
        },
        selections: { get: () => session.slots.map((slot) => ({ ...slot.selection })) },
      });
    }

    close() {
      if (this.observer) this.observer.disconnect();
      super.close();
      for (const slot of this.slots || []) slot.close();
    }
  }

  /** Open the page that Python laid out, or another comparison on it. */
  let shown = null;
  let shownText = "";

  function look() {
    const root = g.byId("compare-page");
    const text = root ? root.dataset.config : "";
    if (root === shown && text === shownText) return;
    const ours = g.session instanceof Comparison;
    shown = root;
    shownText = text;
    if (!root) {
      if (ours) g.unmount();
      return;
    }
    g.unmount();
    const session = new Comparison(JSON.parse(text), root);
    g.session = session;
    session.start().catch((error) => {
      if (!g.isAbort(error)) g.toast(error.message, "problem");
    });
  }

  new MutationObserver(look).observe(document.documentElement, {
    attributeFilter: ["data-config"],
    childList: true,
    subtree: true,
  });

  g.Comparison = Comparison;
})((window.grokdash = window.grokdash || {}));
