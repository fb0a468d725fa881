/* The scrub bar: slider, label of the drawn epoch, phases, prefetched band, jump box. */
(function (g) {
  "use strict";

  const SLIDER_MS = 80;
  const HAND_MS = 400;

  class Timeline {
    constructor(session) {
      this.session = session;
      this.label = g.byId("epoch-label");
      this.total = g.byId("epoch-total");
      this.strip = g.byId("timeline");
      this.slider = g.byId("scrubber");
      this.pushed = null;
      this.handUntil = 0;
      this.pushedAt = 0;
      this.build();
      session.on("loaded", () => this.bandSoon());
      session.on("playing", (playing) => this.showPlaying(playing));
      session.on("speed", () => this.showSpeed());
      session.on("settled", (step) => this.announce(step));
      session.on("selected", () => this.bandSoon());
    }

    build() {
      this.strip.replaceChildren();
      this.band = g.el("canvas", { class: "band" });
      this.marks = g.el("div", { class: "timeline-marks" });
      this.strip.append(this.band, this.marks);
      const jump = g.el("input", {
        type: "text",
        inputmode: "numeric",
        class: "field jump",
        id: "jump",
        placeholder: "go to",
        "aria-label": "Go to epoch",
        title: "Go to epoch",
        onchange: (event) => this.jump(event.target),
      });
      g.byId("jump-slot").replaceChildren(jump);
      this.speedBox = g.el(
        "select",
        {
          class: "field",
          "aria-label": "Speed of playback",
          title: "Speed (, and .)",
          onchange: (event) => this.session.playback.setSpeed(Number(event.target.value)),
        },
        ...g.SPEEDS.map((speed) => g.el("option", { value: speed }, speed + "×")),
      );
      g.byId("speed-slot").replaceChildren(this.speedBox);
      this.showSpeed();
      new ResizeObserver(() => this.bandSoon()).observe(this.strip);
    }

    jump(field) {
      const epoch = Number(field.value.replace(/[\s\u202f,_]/g, ""));
      if (field.value && Number.isFinite(epoch)) {
        const { session } = this;
        session.playback.pause();
        session.playhead.seek(g.nearestIndex(session.steps, epoch), "jump");
      } else if (field.value) {
        g.toast(`Go to: expected an epoch, got “${field.value}”.`);
      }
      field.value = "";
      field.blur();
    }

    /** The slider moved: by hand, or because this class moved it. */
    fromSlider(index) {
      if (index === this.pushed) {
        this.pushed = null;
        return;
      }
      const { session } = this;
      if (!session.playhead || index === session.playhead.want) return;
      this.handUntil = performance.now() + HAND_MS;
      session.playback.pause();
      session.playhead.seek(index, "slider");
      session.emit("hand");
    }

    /** Whether the slider was moved just now. */
    get underHand() {
      return performance.now() < this.handUntil;
    }

    /** Show the drawn index; never pulls the thumb from under the hand. */
    show(index, source) {
      const { session } = this;
      const step = session.steps[index];
      g.setText(this.label, g.formatEpoch(step));
      this.nameThumb(step);
      const now = performance.now();
      if (source === "slider") return;
      if (now - this.pushedAt < SLIDER_MS) {
        clearTimeout(this.later);
        this.later = setTimeout(() => this.push(session.playhead.drawn), SLIDER_MS);
        return;
      }
      this.push(index);
    }

    push(index) {
      if (this.session.closed || index === this.sliderValue) return;
      this.pushedAt = performance.now();
      this.pushed = index;
      this.sliderValue = index;
      window.dash_clientside.set_props("scrubber", { value: index });
    }

    /** Dash gives the thumb no name; it may come later than the first picture. */
    nameThumb(step) {
      if (!this.thumb || !this.thumb.isConnected) {
        this.thumb = document.querySelector("#scrubber [role=slider]");
      }
      if (!this.thumb) {
        clearTimeout(this.naming);
        this.naming = setTimeout(() => !this.session.closed && this.nameThumb(step), 200);
        return;
      }
      g.setAttribute(this.thumb, "aria-label", "Epoch");
      g.setAttribute(this.thumb, "aria-valuetext", "epoch " + step);
    }

    announce(step) {
      if (this.session.playhead.source === "slider") this.sliderValue = null;
      this.nameThumb(step);
      const host = this.session.panel(this.session.cursorHost);
      const words = (host && host.caption && host.caption.textContent) || "";
      g.setText(g.byId("live-region"), `Epoch ${step}. ${words}`);
    }

    showPlaying(playing) {
      const button = document.querySelector('[data-act="play"]');
      if (!button) return;
      button.setAttribute("data-icon", playing ? "pause" : "play");
      const words = playing ? "Pause (Space)" : "Play (Space)";
      button.setAttribute("aria-label", words);
      button.title = words;
    }

    showSpeed() {
      this.speedBox.value = String(this.session.playback.speed);
      const loop = document.querySelector('[data-act="loop"]');
      g.setAttribute(loop, "aria-pressed", String(this.session.playback.loop));
    }

    /** New checkpoints, phases or marks: slider range, totals, marks on the line. */
    grow() {
      const { session } = this;
      const last = session.steps.length - 1;
      window.dash_clientside.set_props("scrubber", { max: Math.max(last, 1) });
      const total = session.manifest.status.epochs || session.steps[last];
      g.setText(this.total, "of " + g.formatEpoch(Math.max(total, session.steps[last] || 0)));
      this.drawMarks();
      this.bandSoon();
    }

    waiting() {
      g.setText(this.label, "–");
      g.setText(this.total, "no checkpoint yet");
    }

    at(step) {
      const { steps } = this.session;
      return (100 * g.nearestIndex(steps, step)) / Math.max(steps.length - 1, 1);
    }

    drawMarks() {
      const { manifest } = this.session;
      const nodes = [];
      (manifest.phases || []).forEach((phase, i) => {
        const left = this.at(phase.start);
        const right = this.at(phase.end);
        const node = g.el("div", {
          class: "phase phase-" + (i % 4),
          title: `${phase.name}: epoch ${phase.start} … ${phase.end} (${phase.rule})`,
        });
        node.style.left = left + "%";
        node.style.width = Math.max(right - left, 0) + "%";
        nodes.push(node);
      });
      for (const mark of manifest.markers || []) {
        const node = g.el("div", {
          class: "tick-mark",
          title: `${mark.label}: epoch ${g.formatEpoch(mark.step)}`,
        });
        node.style.left = this.at(mark.step) + "%";
        nodes.push(node);
      }
      this.marks.replaceChildren(...nodes);
    }

    bandSoon() {
      if (this.bandTimer) return;
      this.bandTimer = setTimeout(() => {
        this.bandTimer = null;
        if (!this.session.closed) this.drawBand();
      }, 250);
    }

    /** Which checkpoints are in memory in every panel on screen. */
    drawBand() {
      const width = this.strip.clientWidth;
      if (!width) return;
      const canvas = this.band;
      canvas.width = width;
      canvas.height = 2;
      const context = canvas.getContext("2d");
      const stores = this.session.prefetcher.active();
      const count = this.session.steps.length;
      const megabytes = this.session.prefetcher.bytes / 2 ** 20;
      const memory = `${count} checkpoints · ${megabytes.toFixed(0)} MB in memory`;
      g.setText(g.byId("status-line"), memory);
      if (!stores.length || count < 1) return;
      context.fillStyle = g.cssColour("--gd-accent");
      const size = width / Math.max(count - 1, 1);
      for (let i = 0; i < count; i++) {
        if (stores.every((store) => store.settled(i))) {
          context.fillRect((i - 0.5) * size, 0, Math.max(size, 1), 2);
        }
      }
    }
  }

  g.Timeline = Timeline;
})((window.grokdash = window.grokdash || {}));
