/* One opened page of a run: owns the panels and ties the parts of the player together. */
(function (g) {
  "use strict";

  /** What the next page of the same run starts from, within this tab. */
  let carried = null;

  class Session {
    constructor(config) {
      this.config = config;
      this.run = encodeURIComponent(config.run);
      this.runId = config.run;
      this.cursorHost = config.host;
      this.controller = new AbortController();
      this.signal = this.controller.signal;
      this.closed = false;
      this.handlers = {};
      this.panels = [];
      this.root = g.byId("run-page");
    }

    on(name, handler) {
      (this.handlers[name] ||= []).push(handler);
    }

    emit(name, ...values) {
      for (const handler of this.handlers[name] || []) handler(...values);
    }

    get steps() {
      return this.manifest.steps;
    }

    get fingerprint() {
      return this.manifest.fingerprint;
    }

    get running() {
      return this.manifest.status.state === "running";
    }

    /** Load the manifest, then start every part. */
    async start() {
      const wanted = this.wantedState();
      this.manifest = await this.readManifest(wanted);
      if (this.closed) return;
      this.selection = { ...this.manifest.selection };
      this.prefetcher = new g.Prefetcher(this);
      this.playhead = new g.Playhead(this);
      this.settler = new g.Settler(this);
      this.playback = new g.Playback(this);
      this.timeline = new g.Timeline(this);
      this.findPanels();
      this.expose();
      for (const part of g.PARTS) part(this);
      for (const notice of this.manifest.notices || []) g.toast(notice);
      this.watchVisibility();
      if (this.steps.length) this.begin(wanted);
      else this.timeline.waiting();
    }

    /** Put the playhead where the address says, or at the end. */
    begin(wanted) {
      const last = this.steps.length - 1;
      const epoch = Number(wanted.e);
      const given = wanted.e !== undefined && wanted.e !== "" && Number.isFinite(epoch);
      const index = given ? g.nearestIndex(this.steps, epoch) : last;
      this.timeline.grow();
      this.playhead.want = index;
      this.followAtStart = this.running && index === last;
      this.restorePins(wanted.pin);
      this.playhead.invalidate();
      this.settler.soon(0);
      this.prefetcher.paused = performance.now() + 400;
      setTimeout(() => !this.closed && this.prefetcher.pump(), 420);
      this.emit("ready");
    }

    wantedState() {
      const query = Object.fromEntries(new URLSearchParams(window.location.search));
      const same = carried && carried.run === this.runId;
      return same && query.e === undefined ? { ...carried.state, ...query } : query;
    }

    async readManifest(wanted) {
      const given = this.config.manifest;
      const asked = JSON.stringify({ ...wanted, run_id: undefined });
      if (given && asked === JSON.stringify({ ...this.config.query })) {
        return structuredClone(given);
      }
      const { pin, t, ...rest } = wanted;
      const query = g.query({ views: this.config.views.join(","), ...rest });
      return g.getJson(`/api/run/${this.run}/manifest?${query}`, { signal: this.signal });
    }

    findPanels() {
      for (const id of this.config.views) {
        const element = g.byId("panel-" + id);
        if (!element || !this.manifest.views[id]) continue;
        const panel = new g.Panel(this, element);
        panel.isHost = id === this.cursorHost;
        this.panels.push(panel);
        if (panel.scrubs) this.prefetcher.add(panel.view);
        if (panel.view.missing) panel.explain(panel.view.missing);
      }
    }

    panel(id) {
      return this.panels.find((panel) => panel.id === id);
    }

    watchVisibility() {
      const observer = new IntersectionObserver(
        (entries) => {
          for (const entry of entries) {
            const panel = this.panels.find((one) => one.element === entry.target);
            if (panel) this.setVisible(panel, entry.isIntersecting);
          }
        },
        { rootMargin: "120px" },
      );
      for (const panel of this.panels) observer.observe(panel.element);
      this.signal.addEventListener("abort", () => observer.disconnect());
    }

    setVisible(panel, visible) {
      if (panel.visible === visible) return;
      panel.visible = visible;
      if (!visible || !this.steps.length) return;
      this.prefetcher.pump();
      if (panel.plotted) this.playhead.invalidate();
      this.settler.soon(panel.plotted ? 120 : 0);
    }

    /** Change part of the selection: {k: 14}. Panels that read it are made anew. */
    select(changes) {
      const before = this.selection;
      const next = { ...before };
      const changed = [];
      for (const [name, value] of Object.entries(changes)) {
        if (!(name in before)) continue;
        const clamped = this.clampChoice(name, value);
        if (clamped !== undefined && clamped !== before[name]) {
          next[name] = clamped;
          changed.push(name);
        }
      }
      if (!changed.length) return;
      this.selection = next;
      const stale = this.panels
        .filter((panel) => panel.scrubs && this.readsAny(panel.view, changed))
        .map((panel) => panel.id);
      if (stale.length) {
        this.prefetcher.paused = performance.now() + 300;
        this.prefetcher.reset(stale);
        setTimeout(() => !this.closed && this.prefetcher.pump(), 320);
      }
      this.emit("selected", changed);
      this.playhead.invalidate();
      this.settler.soon(30);
    }

    readsAny(view, names) {
      return names.some((name) => name !== "norm" && view.reads.includes(name));
    }

    clampChoice(name, value) {
      const limits = this.manifest.limits[name];
      if (limits) {
        const number = Math.round(Number(value));
        return Number.isFinite(number) ? g.clamp(number, limits[0], limits[1]) : undefined;
      }
      const words = (this.manifest.choices || {})[name];
      return !words || words.includes(value) ? value : undefined;
    }

    /** The part of the selection that the arrays of a view depend on. */
    arraySelection(view) {
      const part = {};
      for (const name of view.reads) {
        if (name !== "step" && name !== "norm" && name in this.selection) {
          part[name] = this.selection[name];
        }
      }
      return part;
    }

    selectionKey(view) {
      const names = [...view.reads, ...(view.styles || []), "norm"];
      return names.map((name) => `${name}=${this.selection[name] ?? ""}`).join("&");
    }

    restorePins(text) {
      for (const part of String(text || "").split(",")) {
        const [id, epoch] = part.split(":");
        const panel = this.panel(id);
        if (panel && panel.perStep && Number.isFinite(Number(epoch)) && epoch) {
          const at = g.nearestIndex(this.steps, Number(epoch));
          panel.pin(this.steps[at]);
        }
      }
    }

    expose() {
      const session = this;
      const { playhead, playback } = this;
      g.player = {
        get length() {
          return session.steps.length;
        },
        get want() {
          return playhead.want;
        },
        get drawn() {
          return playhead.drawn;
        },
        get epoch() {
          return session.steps[playhead.drawn];
        },
        get playing() {
          return playhead.playing;
        },
        get steps() {
          return session.steps;
        },
        get selection() {
          return { ...session.selection };
        },
        get settled() {
          const key = (panel) => panel.key(session.steps[playhead.want]);
          return session.panels.every(
            (panel) =>
              panel.visible !== null &&
              (!panel.visible ||
                panel.missing ||
                (panel.plotted === key(panel) && !panel.scrubbing)),
          );
        },
        get loaded() {
          return [...session.prefetcher.stores.values()].map((store) => store.loaded);
        },
        seek: (index) => playhead.seek(index, "api"),
        seekEpoch: (epoch) => playhead.seek(g.nearestIndex(session.steps, epoch), "api"),
        play: () => playback.play(),
        pause: () => playback.pause(),
        select: (changes) => session.select(changes),
        onDraw: (listener) => playhead.listeners.push(listener),
        perf: playhead.perf,
      };
    }

    close() {
      if (this.manifest && this.playhead && this.steps.length) {
        carried = { run: this.runId, state: g.pageState(this) };
      }
      this.closed = true;
      this.controller.abort();
      if (this.playhead) this.playhead.stop();
      if (this.settler) this.settler.cancel();
      if (this.prefetcher) this.prefetcher.stop();
      g.setText(g.byId("status-line"), "");
      g.player = undefined;
    }
  }

  /** Parts that start with a session; each file adds its own. */
  g.PARTS = g.PARTS || [];
  g.session = null;
  g.Session = Session;

  g.unmount = function () {
    if (g.session) g.session.close();
    g.session = null;
  };

  g.mount = function (config) {
    g.unmount();
    const nothing = window.dash_clientside.no_update;
    if (!config || !config.run) return nothing;
    const begin = () => {
      if (!g.byId("run-page")) return;
      const session = new Session(config);
      g.session = session;
      session.start().catch((error) => {
        if (!g.isAbort(error)) g.toast(error.message, "problem");
      });
    };
    if (g.byId("run-page")) begin();
    else setTimeout(begin, 0);
    return nothing;
  };

  g.scrub = function (index) {
    if (g.session && g.session.timeline) g.session.timeline.fromSlider(index);
    return window.dash_clientside.no_update;
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { grokdash: g });
})((window.grokdash = window.grokdash || {}));
