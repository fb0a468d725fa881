/* The scrub bar of a comparison: places are epochs, shares of training or grok times. */
(function (g) {
  "use strict";

  const UNITS = { epoch: "epoch", fraction: "% of training", grok: "× grok time" };

  /** 1200 → "1,200", 43.25 → "43.3", 1.0833 → "1.083". */
  function words(coordinate, align) {
    if (align === "epoch") return g.formatEpoch(Math.round(coordinate));
    return coordinate.toFixed(align === "fraction" ? 1 : 3);
  }

  class CompareTimeline extends g.Timeline {
    words(coordinate) {
      return words(coordinate, this.session.align);
    }

    show(index, source) {
      super.show(index, source);
      g.setText(this.label, this.words(this.session.steps[index]));
    }

    nameThumb(coordinate) {
      super.nameThumb(coordinate);
      const { align } = this.session;
      if (this.thumb) {
        g.setAttribute(this.thumb, "aria-label", "Place in training");
        g.setAttribute(this.thumb, "aria-valuetext", `${this.words(coordinate)} ${UNITS[align]}`);
      }
    }

    announce(coordinate) {
      super.announce(coordinate);
      const { align, slots, place } = this.session;
      const epochs = slots.map((slot) => `${slot.letter} epoch ${slot.stepAt(place)}`);
      const text = `${this.words(coordinate)} ${UNITS[align]}: ${epochs.join(", ")}`;
      g.setText(g.byId("live-region"), text);
    }

    grow() {
      const { session } = this;
      const last = session.steps.length - 1;
      window.dash_clientside.set_props("scrubber", { max: Math.max(last, 1) });
      g.setText(this.total, UNITS[session.align]);
      session.root.classList.toggle("still", last < 1);
      this.drawMarks();
      this.bandSoon();
    }

    drawMarks() {
      const nodes = this.session.manifest.markers.map((mark) => {
        const node = g.el("div", { class: "tick-mark run-mark", title: mark.title });
        node.style.left = this.at(mark.step) + "%";
        node.style.background = mark.slot.colours[g.theme()];
        return node;
      });
      this.marks.replaceChildren(...nodes);
    }
  }

  g.CompareTimeline = CompareTimeline;
})((window.grokdash = window.grokdash || {}));
