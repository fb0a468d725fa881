/* Panels of a comparison: one run's picture, and pictures made of several runs. */
(function (g) {
  "use strict";

  /** Plotly draws into an element of ours; it comes with the first graph of the page. */
  async function plotInto(panel) {
    for (let tries = 0; tries < 600 && !panel.session.closed; tries++) {
      if (window.Plotly) return panel.plotNode;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return null;
  }

  /** A view of one run in its column. */
  class ColumnPanel extends g.Panel {
    constructor(slot, element) {
      super(slot, element);
      this.view = { ...this.view, title: `${slot.letter} · ${this.view.title}` };
      this.plotNode = element.querySelector(".compare-plot");
      this.epochNode = element.querySelector(".panel-epoch");
      if (this.scrubs) slot.store(this.view);
      if (this.view.missing) this.explain(this.view.missing);
    }

    get usesFrames() {
      return this.session.moves && super.usesFrames;
    }

    graph() {
      return plotInto(this);
    }

    draw(place) {
      super.draw(this.session.indexAt(place));
    }

    settle(coordinate, signal) {
      const { session } = this;
      return super.settle(session.stepAt(session.owner.placeOf(coordinate)), signal);
    }

    isSettled(place) {
      return this.plotted === this.key(this.session.stepAt(place)) && !this.scrubbing;
    }

    setEpoch(step, exact) {
      super.setEpoch(step, exact);
      const known = step !== null && step !== undefined;
      g.setText(this.epochNode, known ? "epoch " + g.formatEpoch(step) : "");
    }

    /** A click on a chart over epochs leads to the place of that epoch. */
    listen(gd) {
      if (!this.view.cursor) {
        super.listen(gd);
        return;
      }
      if (this.listening === gd) return;
      this.listening = gd;
      const { session } = this;
      const { owner } = session;
      gd.on("plotly_afterplot", () => this.realign());
      gd.on("plotly_click", (event) => {
        const epoch = event.points[0] && event.points[0].x;
        if (typeof epoch !== "number") return;
        owner.playback.pause();
        owner.playhead.seek(g.nearestIndex(owner.steps, epoch * session.scale), "chart");
      });
    }
  }

  /** What a mixed panel needs from one run: it asks for frames like a panel. */
  class Feeder {
    constructor(panel, slot) {
      this.panel = panel;
      this.slot = slot;
      this.id = panel.id;
      if (panel.scrubs) this.store = slot.store(panel.view);
    }

    get usesFrames() {
      const { panel, slot, store } = this;
      if (!store || !panel.visible || panel.missing) return false;
      return slot.moves || !store.settled(slot.playhead.want);
    }
  }

  /** A figure that the server makes of several runs. */
  class MixedPanel extends g.Panel {
    constructor(owner, element, slots, how, title) {
      super(owner, element);
      this.how = how;
      this.slots = slots;
      this.view = { ...this.view, title };
      this.plotNode = element.querySelector(".compare-plot");
      this.epochNode = element.querySelector(".panel-epoch");
      this.offsets = [];
      this.feeders = slots.map((slot) => new Feeder(this, slot));
      for (const feeder of this.feeders) {
        if (feeder.store) feeder.slot.panels.push(feeder);
        const why = feeder.slot.manifest.views[this.id].missing;
        if (why) this.explain(`${feeder.slot.letter}: ${why}`);
      }
    }

    get usesFrames() {
      return false;
    }

    graph() {
      return this.plotNode ? plotInto(this) : super.graph();
    }

    stepsAt(place) {
      return this.slots.map((slot) => slot.stepAt(place));
    }

    keyAt(place) {
      const { session } = this;
      const parts = [g.theme(), session.align];
      for (const slot of this.slots) parts.push(slot.selectionKey(this.view));
      if (this.perStep) parts.push(this.stepsAt(place).join());
      return parts.join("|");
    }

    isSettled(place) {
      return this.plotted === this.keyAt(place) && !this.scrubbing;
    }

    draw(place) {
      if (this.view.cursor) this.moveCursor();
      const steps = this.stepsAt(place);
      if (!this.perStep || this.plotted === this.keyAt(place)) {
        this.endScrub();
        this.showSteps(steps, true);
        return;
      }
      const frame = this.frameAt(place);
      if (!frame) return;
      this.overlay.draw(frame, this.session.selection.norm === "epoch");
      this.startScrub();
      this.showSteps(frame.steps, frame.steps.join() === steps.join());
      this.drawMarks();
    }

    /** The nearest frames in memory of all runs, made into one. */
    frameAt(place) {
      if (!this.scrubs || this.missing || !this.ready()) return null;
      const frames = [];
      for (const { slot, store } of this.feeders) {
        const near = store.nearest(slot.indexAt(place));
        if (near < 0) return null;
        frames.push(store.get(near));
      }
      const arrays =
        this.how === "difference" ? subtract(frames) : gather(frames, this.offsets);
      return arrays && { arrays, steps: frames.map((frame) => frame.step) };
    }

    showSteps(steps, exact) {
      const same = steps.every((step) => step === steps[0]);
      const words = (same ? steps.slice(0, 1) : steps).map(g.formatEpoch).join(" · ");
      g.setAttribute(this.element, "data-epoch", steps.join());
      g.setText(this.epochNode, this.perStep ? (same ? "epoch " : "") + words : "");
      g.setText(this.badge, exact ? "" : "≈ epoch " + words);
      this.badge.hidden = exact;
      this.element.classList.toggle("approximate", !exact);
    }

    setEpoch() {
      this.showSteps(this.stepsAt(this.session.place), true);
    }

    async settle(coordinate, signal) {
      const place = this.session.placeOf(coordinate);
      const key = this.keyAt(place);
      if (key === this.plotted && !this.scrubbing) {
        this.showSteps(this.stepsAt(place), true);
        return;
      }
      const token = ++this.token;
      const answer = await this.fetchMixed(place, signal);
      await g.nextTurn();
      if (!answer || token !== this.token || signal.aborted) return;
      this.offsets = answer.offsets || [];
      await this.plot(answer, key);
      if (answer.missing) this.plotted = key;
    }

    async fetchMixed(place, signal) {
      const { session } = this;
      const query = g.query({
        runs: session.runsText,
        align: session.align,
        pair: this.slots.map((slot) => slot.index).join(),
        e: session.slots.map((slot) => slot.stepAt(place)).join(),
        theme: g.theme(),
        ...session.shared,
      });
      try {
        return await g.getJson(`/api/compare/${this.how}/${this.id}?${query}`, { signal });
      } catch (error) {
        if (!g.isAbort(error) && !g.isNetwork(error)) this.explain(error.message);
        return null;
      }
    }

    /** One line per run in every subplot, where its checkpoint lies on the axis. */
    moveCursor() {
      const { gd, session } = this;
      if (!gd || !gd._fullLayout || !this.plotted) return;
      const wanted = [];
      for (const plot of g.subplots(gd)) {
        for (const slot of this.slots) wanted.push([plot, slot]);
      }
      while (this.lines.length < wanted.length) {
        const line = g.el("div", { class: "epoch-cursor", "aria-hidden": "true" });
        this.body.append(line);
        this.lines.push(line);
      }
      this.lines.forEach((line, i) => {
        line.hidden = i >= wanted.length;
        if (line.hidden) return;
        const [{ xa, ya }, slot] = wanted[i];
        const x = xa.c2p(slot.stepAt(session.place) * slot.scale);
        line.hidden = !Number.isFinite(x) || x < -1 || x > xa._length + 1;
        line.style.background = slot.colours[g.theme()];
        line.style.height = ya._length + "px";
        line.style.transform = `translate(${xa._offset + (x || 0)}px, ${ya._offset}px)`;
      });
    }
  }

  /** First frame minus second; null if their shapes differ. */
  function subtract([first, second]) {
    const arrays = {};
    for (const key of Object.keys(first.arrays)) {
      const one = first.arrays[key];
      const other = second.arrays[key];
      if (!other || String(one.shape) !== String(other.shape)) return null;
      const a = g.frameValues(one);
      const b = g.frameValues(other);
      const data = new Float32Array(a.length);
      let bound = 0;
      for (let i = 0; i < a.length; i++) {
        data[i] = a[i] - b[i];
        if (Math.abs(data[i]) > bound) bound = Math.abs(data[i]);
      }
      arrays[key] = { dtype: "f4", shape: one.shape, data, lo: -bound, hi: bound };
    }
    return arrays;
  }

  /** The arrays of all frames, each under the number of its trace in the figure. */
  function gather(frames, offsets) {
    const arrays = {};
    frames.forEach((frame, i) => {
      for (const [key, array] of Object.entries(frame.arrays)) {
        const [trace, ...attribute] = key.split(".");
        if (attribute[0] === "marker") continue;
        arrays[`${Number(trace) + (offsets[i] || 0)}.${attribute.join(".")}`] = array;
      }
    });
    return arrays;
  }

  g.ColumnPanel = ColumnPanel;
  g.MixedPanel = MixedPanel;
})((window.grokdash = window.grokdash || {}));
