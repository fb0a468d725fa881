import { RunReader } from "#js/frames/reader.js";

const ENOUGH = 1000;

/** A view as the manifest describes it. */
export const view = (id, more = {}) => ({
  id,
  reads: ["step"],
  styles: [],
  cost: "light",
  ...more,
});

/** A run of `length` checkpoints, ten epochs apart. */
export const manifest = (length, more = {}) => ({
  steps: Array.from({ length }, (_, i) => 10 * i),
  fingerprint: "abc",
  status: { state: "finished" },
  selection: { k: 1, norm: "run", colour: "b" },
  limits: { k: [1, 5] },
  choices: { colour: ["a", "b"], norm: ["run", "epoch"] },
  ...more,
});

/** A source that answers from memory, when it is told to, and notes what it was asked. */
export class MemorySource {
  id = "memory";
  /** What each request for frames wanted, in order. */
  asked = [];
  /** Requests that wait for an answer. */
  waiting = [];
  bytes = 100;

  frames(viewId, { steps, selection, have }, signal) {
    this.asked.push({ view: viewId, steps, selection, have });
    return new Promise((resolve, reject) => {
      this.waiting.push({ steps, resolve, reject });
      signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  }

  frame = (step) => ({ step, sentence: `at ${step}`, arrays: {}, bytes: this.bytes });

  /** Answer all that wait, and what is asked for then, and so on, until it is quiet. */
  async answerAll() {
    for (let round = 0; this.waiting.length; round++) {
      if (round > ENOUGH) throw new Error("it asks for ever");
      for (const { steps, resolve } of this.waiting.splice(0)) resolve(steps.map(this.frame));
      await settled();
    }
  }

  /** Refuse all that wait. */
  async refuseAll(error) {
    for (const { reject } of this.waiting.splice(0)) reject(error);
    await settled();
  }
}

/** Let everything that waits for an answer go on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A reader of a run in memory whose views are all on screen. */
export function reading(views, { length = 256, clock = {}, budget, run = {} } = {}) {
  const source = new MemorySource();
  const reader = new RunReader(source);
  reader.take(manifest(length, run));
  const place = { want: 0, playing: false, stride: 1, ...clock };
  const events = [];
  reader.prefetch({
    clock: place,
    users: () =>
      views.map(({ id, reads }) => {
        const usesFrames = reads.includes("step");
        return { id, usesFrames, usesWords: !usesFrames };
      }),
    emit: (name) => events.push(name),
    budget,
  });
  for (const one of views) reader.prefetcher.add(one);
  return { reader, source, prefetcher: reader.prefetcher, clock: place, events };
}
