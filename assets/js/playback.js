/* Play, pause, speed, loop. */
(function (g) {
  "use strict";

  const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
  const SWEEP_SECONDS = 12;
  const SMOOTH = 40;
  const PATIENCE_MS = 600;

  class Playback {
    constructor(session) {
      this.session = session;
      this.speed = Number(g.recall("speed")) || 1;
      this.loop = g.recall("loop") === "1";
      this.position = 0;
      this.last = 0;
      this.stalled = 0;
    }

    /** Checkpoints per second: at least a smooth picture, at most 12 s for a whole run. */
    get rate() {
      return Math.max(this.session.steps.length / SWEEP_SECONDS, SMOOTH) * this.speed;
    }

    play() {
      const { playhead, steps } = this.session;
      if (playhead.playing || steps.length < 2) return;
      if (playhead.want >= steps.length - 1) playhead.seek(0, "play");
      this.position = playhead.want;
      this.last = 0;
      playhead.playing = true;
      playhead.perf.worst = 0;
      playhead.lastTick = 0;
      this.session.emit("playing", true);
      playhead.touch();
      playhead.wake();
      this.session.prefetcher.pump();
    }

    pause() {
      const { playhead } = this.session;
      if (!playhead.playing) return;
      playhead.playing = false;
      this.session.emit("playing", false);
      playhead.touch();
    }

    toggle() {
      if (this.session.playhead.playing) this.pause();
      else this.play();
    }

    /** Called once per animation frame while playing. */
    advance(now) {
      const { playhead, steps, prefetcher } = this.session;
      const elapsed = this.last ? Math.min(now - this.last, 100) : 0;
      this.last = now;
      if (playhead.source !== "play") {
        this.position = playhead.want;
        playhead.source = "play";
      }
      playhead.stride = Math.max(1, Math.round(this.rate / 60));
      let next = this.position + (this.rate * elapsed) / 1000;
      const end = steps.length - 1;
      if (next >= end) {
        if (this.loop) next -= end;
        else {
          playhead.seek(end, "play");
          this.pause();
          return;
        }
      }
      const index = Math.floor(next);
      const ready = prefetcher.active().every((store) => store.settled(index));
      if (!ready && this.stalled < PATIENCE_MS) {
        this.stalled += elapsed;
        prefetcher.pump();
        return;
      }
      if (ready) this.stalled = 0;
      this.position = next;
      if (index !== playhead.want) playhead.seek(index, "play");
    }

    setSpeed(speed) {
      this.speed = speed;
      g.remember("speed", String(speed));
      this.session.emit("speed");
    }

    faster(direction) {
      const at = SPEEDS.indexOf(this.speed);
      const next = g.clamp((at < 0 ? 2 : at) + direction, 0, SPEEDS.length - 1);
      this.setSpeed(SPEEDS[next]);
    }

    setLoop(loop) {
      this.loop = loop;
      g.remember("loop", loop ? "1" : "0");
      this.session.emit("speed");
    }
  }

  g.SPEEDS = SPEEDS;
  g.Playback = Playback;
})((window.grokdash = window.grokdash || {}));
