/* One panel: a Plotly figure, a canvas over it, and the epoch it really shows. */
(function (g) {
  "use strict";

  const PENDING_MS = 1500;

  const CONFIG = {
    responsive: true,
    displaylogo: false,
    displayModeBar: false,
    doubleClick: "reset",
    showSendToCloud: false,
    plotlyServerURL: "",
  };

  class Panel {
    constructor(session, element) {
      this.session = session;
      this.element = element;
      this.id = element.dataset.view;
      this.view = session.manifest.views[this.id];
      this.body = element.querySelector(".panel-body");
      this.canvas = element.querySelector("canvas.scrub");
      this.marks = element.querySelector("canvas.marks");
      this.badge = element.querySelector(".panel-badge");
      this.caption = element.querySelector("figcaption");
      this.visible = null; // until the page has been looked at
      this.pinned = null;
      this.plotted = "";
      this.step = null;
      this.scrubbing = false;
      this.token = 0;
      this.lines = [];
    }

    get gd() {
      return this.element.querySelector(".js-plotly-plot");
    }

    get perStep() {
      return this.view.reads.includes("step");
    }

    get scrubs() {
      return this.perStep && Object.keys(this.view.scrub || {}).length > 0;
    }

    get usesFrames() {
      return this.scrubs && this.visible && this.pinned === null && !this.missing;
    }

    /** What the figure on screen depends on; equal keys mean nothing to fetch. */
    key(step) {
      const { session } = this;
      const parts = [g.theme(), session.selectionKey(this.view)];
      if (this.perStep) parts.push(this.pinned ?? step);
      else parts.push(session.steps.length, session.manifest.status.state);
      return parts.join("|");
    }

    /** Show an index while scrubbing: newest frame in memory, honest about which. */
    draw(index) {
      const { session } = this;
      const step = session.steps[index];
      if (this.pinned !== null) return;
      if (this.view.cursor) this.moveCursor(step);
      if (!this.perStep) {
        this.setEpoch(step, true);
        return;
      }
      if (!this.scrubs || this.missing) {
        this.setEpoch(this.step, this.step === step);
        return;
      }
      if (this.plotted === this.key(step)) {
        this.endScrub();
        this.setEpoch(step, true);
        return;
      }
      const store = session.prefetcher.store(this.id);
      const near = store.nearest(index);
      if (near < 0 || !this.ready()) {
        this.setEpoch(this.step, this.step === step);
        return;
      }
      const frame = store.get(near);
      this.overlay.draw(frame, false, this.rangesOf(frame));
      this.startScrub();
      this.frameStep = frame.step;
      this.setEpoch(frame.step, frame.step === step);
      this.drawMarks();
    }

    /** With "range: epoch", the ranges of this frame; else those of the figure. */
    rangesOf(frame) {
      const moves = (this.view.styles || []).includes("norm");
      if (this.session.selection.norm !== "epoch" || !moves || !this.answer) {
        this.endRanges();
        return null;
      }
      return (this.ranges ||= new g.EpochRanges(this)).follow(frame);
    }

    ready() {
      const gd = this.gd;
      if (!gd || !gd._fullLayout || !gd._fullLayout._plots || !this.plotted) return false;
      if (!this.overlay || this.overlay.gd !== gd) {
        this.overlay = new g.Overlay(gd, this.canvas);
      }
      return this.overlay.ready;
    }

    startScrub() {
      if (this.scrubbing) return;
      this.scrubbing = true;
      this.element.classList.add("scrubbing");
    }

    endScrub() {
      if (!this.scrubbing) return;
      this.scrubbing = false;
      this.element.classList.remove("scrubbing");
      this.endRanges();
      if (this.overlay) this.overlay.clear();
    }

    /** Put back the numbers beside the ticks before Plotly looks at them again. */
    endRanges() {
      if (this.ranges) this.ranges.end();
    }

    setEpoch(step, exact) {
      this.step = step;
      g.setAttribute(this.element, "data-epoch", step === null ? "" : String(step));
      if (this.pinned !== null) return;
      const text = exact || step === null ? "" : "≈ epoch " + g.formatEpoch(step);
      if (this.badgeText === text) return;
      this.badgeText = text;
      g.setText(this.badge, text);
      this.badge.hidden = !text;
      this.element.classList.toggle("approximate", Boolean(text));
    }

    /** Replace the canvas by the exact figure of one epoch. */
    async settle(step, signal) {
      const wanted = this.pinned ?? step;
      const key = this.key(step);
      if (key === this.plotted && !this.scrubbing) {
        this.setEpoch(wanted, true);
        if (!this.perStep && this.worded !== wanted) await this.say(wanted, signal);
        return;
      }
      const token = ++this.token;
      const answer = await this.fetchFigure(wanted, signal);
      await g.nextTurn();
      if (!answer || token !== this.token || signal.aborted) return;
      await this.plot(answer, key);
    }

    /** The picture shows all of training; its sentence is about one epoch. */
    async say(step, signal) {
      const answer = await this.fetchFigure(step, signal, { words: 1 });
      if (!answer || signal.aborted) return;
      this.describe(answer);
    }

    describe(answer) {
      this.worded = answer.step;
      g.setText(this.caption, answer.sentence || "");
      this.caption.title = answer.sentence || "";
    }

    async fetchFigure(step, signal, more = {}) {
      const { session } = this;
      const query = g.query({
        e: step,
        theme: g.theme(),
        v: session.fingerprint,
        ...session.selection,
        have: this.perStep ? null : session.steps.length,
        ...more,
      });
      try {
        return await g.getJson(`/api/run/${session.run}/figure/${this.id}?${query}`, {
          signal,
        });
      } catch (error) {
        if (g.isAbort(error) || g.isNetwork(error)) return null;
        this.explain(error.message);
        return null;
      }
    }

    async plot(answer, key) {
      const gd = await this.graph();
      if (!gd || this.session.closed) return;
      if (answer.missing) {
        this.explain(answer.missing);
        return;
      }
      this.explain("");
      const figure = answer.figure;
      g.adaptLayout(figure.layout, this.element);
      this.sentRanges = rangesIn(figure.layout);
      this.endRanges();
      await window.Plotly.react(gd, figure.data, figure.layout, CONFIG);
      this.answer = answer;
      this.plotted = key;
      this.listen(gd);
      this.describe(answer);
      this.endScrub();
      const shown = this.perStep ? answer.step : this.session.playhead.step;
      const label = this.pinned ?? this.session.playhead.step;
      this.setEpoch(shown, shown === label);
      this.element.classList.add("drawn");
      if (this.view.cursor) this.moveCursor(this.session.playhead.step);
      this.drawMarks();
      this.session.emit("plotted", this);
      if (answer.pending) this.askAgain();
    }

    /** Some numbers are still being computed: look again, while anyone looks. */
    askAgain() {
      this.plotted = null;
      clearTimeout(this.again);
      this.again = setTimeout(() => {
        if (this.visible && !this.session.closed) this.session.settler.one(this);
      }, PENDING_MS);
    }

    /** The Plotly element, once Dash has made it. */
    async graph() {
      for (let tries = 0; tries < 600 && !this.session.closed; tries++) {
        if (this.gd && window.Plotly) return this.gd;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      return null;
    }

    listen(gd) {
      if (this.listening === gd) return;
      this.listening = gd;
      gd.on("plotly_afterplot", () => this.realign());
      gd.on("plotly_relayout", () => this.realign());
      this.session.emit("graph", this, gd);
    }

    realign() {
      if (this.view.cursor) this.moveCursor(this.session.playhead.step);
      if (this.scrubbing) this.session.playhead.invalidate();
      this.drawMarks();
    }

    /** Say in the panel why there is no picture. */
    explain(message) {
      this.missing = Boolean(message);
      let note = this.element.querySelector(".panel-missing");
      if (!message) {
        if (note) note.remove();
        return;
      }
      if (!note) {
        note = g.el("p", { class: "panel-missing" });
        this.body.append(note);
      }
      g.setText(note, message);
      this.endScrub();
    }

    /** A vertical line at an epoch in every subplot, moved without any redraw. */
    moveCursor(step) {
      const gd = this.gd;
      if (!gd || !gd._fullLayout || !this.plotted) return;
      const plots = g.subplots(gd);
      while (this.lines.length < plots.length) {
        const line = g.el("div", { class: "epoch-cursor", "aria-hidden": "true" });
        this.body.append(line);
        this.lines.push(line);
      }
      this.lines.forEach((line, i) => {
        const plot = plots[i];
        if (!plot) {
          line.hidden = true;
          return;
        }
        const { xa, ya } = plot;
        let x = xa.c2p(step);
        if (!Number.isFinite(x)) x = 0;
        line.hidden = x < -1 || x > xa._length + 1;
        line.style.height = ya._length + "px";
        line.style.transform = `translate(${xa._offset + x}px, ${ya._offset}px)`;
      });
    }

    drawMarks() {
      if (g.drawMarks && this.ready()) g.drawMarks(this);
    }

    pin(step) {
      this.pinned = step;
      this.element.classList.toggle("pinned", step !== null);
      const button = this.element.querySelector('[data-act="pin"]');
      g.setAttribute(button, "aria-pressed", String(step !== null));
      this.badgeText = null;
      if (step === null) {
        this.badge.hidden = true;
        g.setText(this.badge, "");
      } else {
        this.badge.hidden = false;
        g.setText(this.badge, "pinned · epoch " + g.formatEpoch(step));
      }
    }
  }

  /** The ranges of the axes as the server gave them, before any zoom. */
  function rangesIn(layout) {
    const axes = Object.entries(layout).filter(([name, axis]) => /^[xy]axis/.test(name) && axis.range);
    return Object.fromEntries(axes.map(([name, axis]) => [name, axis.range.map(Number)]));
  }

  /** Let the browser paint before the next piece of work. */
  g.nextTurn = () =>
    new Promise((resolve) => {
      if (document.hidden) setTimeout(resolve, 0);
      else requestAnimationFrame(() => setTimeout(resolve, 0));
    });

  g.PLOT_CONFIG = CONFIG;
  g.Panel = Panel;
})((window.grokdash = window.grokdash || {}));
