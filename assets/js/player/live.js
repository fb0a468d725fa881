/** A running run grows on screen; the playhead moves only if it follows. */

import { byId, el, setText } from "../lib/dom.js";
import { isAbort, onServerBack } from "../lib/net.js";
import { formatDuration, formatEpoch } from "../lib/numbers.js";
import { notify } from "../lib/toast.js";
import { Follower } from "./follower.js";

/**
 * @import { Live as LiveAnswer } from "../contract.js"
 * @import { Session } from "./session.js"
 */

const POLL_MS = 1500;
const RELOAD_MS = 1500;

/** @param {Session} session */
function showState({ manifest, reader }) {
  const { status } = manifest;
  const node = byId("run-state");
  if (!node) return;
  node.className = `state state-${status.state}`;
  setText(node, status.label);
  node.title = status.message;
  const words = [];
  if (status.epochs) words.push(`${formatEpoch(status.step)} of ${formatEpoch(status.epochs)}`);
  if (reader.running && status.eta_s) words.push(`${formatDuration(status.eta_s)} left`);
  setText(byId("run-progress"), words.join(" · "));
}

/** @param {Session} session */
function showPhases(session) {
  const box = byId("phase-list");
  if (!box) return;
  const { grok, markers, stand } = session.manifest;
  const links = markers.map((mark) => {
    const go = () => session.stage.goTo(session.placeOf(mark.step), "mark");
    return el(
      "button",
      { type: "button", class: "phase-link", onclick: go },
      el("span", {}, mark.label),
      el("span", { class: "quiet" }, formatEpoch(mark.step)),
    );
  });
  const words = [grok?.text, stand].filter(Boolean).map((text) => el("p", {}, text));
  box.replaceChildren(...words, ...links);
}

class Live {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.stage = session.stage;
    const { stage } = this;
    this.follower = new Follower(stage, {
      running: () => session.reader.running,
      underHand: () => Boolean(session.timeline?.underHand),
    });
    stage.on("ready", () => this.follower.set(session.followAtStart));
    stage.on("restarted", () => {
      this.show();
      this.poll();
    });
    onServerBack(() => this.poll(0), stage.signal);
    stage.signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.show();
    this.poll();
  }

  show() {
    showState(this.session);
    showPhases(this.session);
    this.follower.show();
  }

  poll(delay = POLL_MS) {
    clearTimeout(this.timer);
    const waiting = !this.session.steps.length;
    if (this.stage.closed || !(this.session.reader.running || waiting)) return;
    this.timer = setTimeout(() => this.ask(), delay);
  }

  async ask() {
    const { session, stage } = this;
    if (stage.closed) return;
    try {
      const { fingerprint, source } = session.reader;
      this.receive(await source.live(session.steps.length, fingerprint, stage.signal));
    } catch (error) {
      if (isAbort(error)) return;
    }
    this.poll();
  }

  /** @param {LiveAnswer} answer */
  receive({ steps: fresh, ...news }) {
    const { session, stage } = this;
    const { manifest, reader, steps } = session;
    if (news.fingerprint !== reader.fingerprint) {
      stage.emit("rewritten");
      return;
    }
    const first = !steps.length;
    const last = steps[steps.length - 1] ?? -1;
    const changed = news.status.state !== manifest.status.state;
    steps.push(...fresh.filter((step) => step > last));
    Object.assign(manifest, news);
    this.show();
    if (!fresh.length && !changed) return;
    reader.prefetcher.grow();
    session.timeline?.grow();
    stage.emit("grown");
    if (first && steps.length) session.begin();
    else if (this.follower.following) this.follower.toEnd();
    stage.settler.soon(60);
    reader.prefetcher.pump();
    if (changed && !reader.running) {
      const { label, message } = news.status;
      notify(`Training is ${label}${message ? `: ${message}` : "."}`);
      /* Of a diverged run only a part is shown, and the page says which. */
      if (news.status.trouble) setTimeout(() => window.location.reload(), RELOAD_MS);
      this.show();
    }
  }
}

/** @param {Session} session */
export const followRun = (session) => {
  new Live(session);
};
