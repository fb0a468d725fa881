/* A running run grows on screen; the playhead moves only if it follows. */
(function (g) {
  "use strict";

  const POLL_MS = 1500;

  const STATES = {
    running: "running",
    finished: "finished",
    interrupted: "interrupted",
    diverged: "diverged",
  };

  function showState(session) {
    const { status } = session.manifest;
    const node = g.byId("run-state");
    if (!node) return;
    node.className = "state state-" + status.state;
    g.setText(node, STATES[status.state] || status.state);
    node.title = status.message || "";
    const words = [];
    if (status.epochs) {
      words.push(`${g.formatEpoch(status.step || 0)} of ${g.formatEpoch(status.epochs)}`);
    }
    if (session.running && status.eta_s) words.push(`${Math.ceil(status.eta_s)} s left`);
    g.setText(g.byId("run-progress"), words.join(" · "));
  }

  function showPhases(session) {
    const box = g.byId("phase-list");
    if (!box) return;
    const { grok } = session.manifest;
    box.replaceChildren();
    if (grok && grok.text) box.append(g.el("p", {}, grok.text));
    for (const mark of session.manifest.markers || []) {
      box.append(
        g.el(
          "button",
          {
            type: "button",
            class: "phase-link",
            onclick: () => {
              session.playback.pause();
              session.playhead.seek(g.nearestIndex(session.steps, mark.step), "mark");
            },
          },
          g.el("span", {}, mark.label),
          g.el("span", { class: "quiet" }, g.formatEpoch(mark.step)),
        ),
      );
    }
  }

  class Live {
    constructor(session) {
      this.session = session;
      this.following = false;
      session.on("ready", () => this.setFollowing(session.followAtStart));
      session.on("hand", () => this.letGo());
      session.on("rewritten", () => this.reload());
      session.on("follow", () => this.setFollowing(!this.following, true));
      this.show();
      this.poll();
      const again = () => this.poll(0);
      document.addEventListener("grokdash:back", again, { signal: session.signal });
    }

    show() {
      showState(this.session);
      showPhases(this.session);
      const button = document.querySelector('[data-act="follow"]');
      if (!button) return;
      button.hidden = !this.session.running;
      button.setAttribute("aria-pressed", String(this.following));
    }

    setFollowing(following, jump) {
      this.following = Boolean(following) && this.session.running;
      this.show();
      if (this.following && jump) this.toEnd();
    }

    letGo() {
      const { playhead, steps } = this.session;
      if (this.following && playhead.want < steps.length - 1) this.setFollowing(false);
      else if (this.following) setTimeout(() => this.checkHand(), 50);
    }

    checkHand() {
      const { playhead, steps } = this.session;
      if (this.following && playhead.want < steps.length - 1) this.setFollowing(false);
    }

    toEnd() {
      const { session } = this;
      if (session.timeline.underHand) return;
      session.playhead.seek(session.steps.length - 1, "follow");
    }

    poll(delay = POLL_MS) {
      clearTimeout(this.timer);
      const waiting = !this.session.steps.length;
      if (this.session.closed || !(this.session.running || waiting)) return;
      this.timer = setTimeout(() => this.ask(), delay);
    }

    async ask() {
      const { session } = this;
      if (session.closed) return;
      try {
        const answer = await g.getJson(
          `/api/run/${session.run}/live?have=${session.steps.length}`,
          { signal: session.signal, cache: "no-store" },
        );
        this.receive(answer);
      } catch (error) {
        if (g.isAbort(error)) return;
      }
      this.poll();
    }

    receive(answer) {
      const { session } = this;
      const { steps: fresh, ...rest } = answer;
      if (rest.fingerprint !== session.fingerprint) {
        this.reload();
        return;
      }
      const first = !session.steps.length;
      const stateChanged = rest.status.state !== session.manifest.status.state;
      const last = session.steps[session.steps.length - 1] ?? -1;
      session.steps.push(...fresh.filter((step) => step > last));
      Object.assign(session.manifest, rest);
      this.show();
      if (!fresh.length && !stateChanged) return;
      session.prefetcher.grow();
      session.timeline.grow();
      session.emit("grown");
      if (first) session.begin({});
      else if (this.following) this.toEnd();
      session.settler.soon(60);
      session.prefetcher.pump();
      if (stateChanged && !session.running) {
        g.toast(`Training is ${rest.status.state}${rest.status.message ? ": " + rest.status.message : "."}`);
        this.show();
      }
    }

    /** The history itself was rewritten: frames in memory are of another run. */
    reload() {
      if (this.reloading) return;
      this.reloading = true;
      g.toast("This run was written anew. Loading it again.");
      setTimeout(() => window.location.reload(), 1200);
    }
  }

  (g.PARTS = g.PARTS || []).push((session) => {
    session.live = new Live(session);
  });
})((window.grokdash = window.grokdash || {}));
