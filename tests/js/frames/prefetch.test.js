import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { ServerError } from "#js/lib/net.js";
import { reading, settled, view } from "./memory.js";

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

const told = (events, name) => events.filter((one) => one === name).length;
const indices = ({ steps }) => steps.map((step) => step / 10);
const strideOf = (request) => {
  const [first, second] = indices(request);
  return second - first;
};

test("what is looked at comes first, with its neighbours", () => {
  const { prefetcher, source } = reading([view("logits")], { clock: { want: 50 } });

  prefetcher.begin();

  assert.deepEqual(indices(source.asked[0]), [47, 48, 49, 50, 51, 52, 53]);
});

test("nothing is asked for before the first pictures, but not for ever", () => {
  const { source } = reading([view("logits")]);

  assert.equal(source.asked.length, 0);
  mock.timers.tick(10_000);

  assert.ok(source.asked.length > 0);
});

test("the rest comes coarse to fine, every epoch once", async () => {
  const { prefetcher, source } = reading([view("logits")], { length: 300 });

  prefetcher.begin();
  await source.answerAll();

  const strides = source.asked.filter(({ steps }) => steps.length > 1).map(strideOf);
  const coarse = strides.slice(1).filter((stride, i, rest) => stride !== rest[i - 1]);
  assert.deepEqual(coarse.slice(0, 3), [64, 16, 4]);
  const all = source.asked.flatMap(indices).sort((a, b) => a - b);
  assert.deepEqual(
    all,
    Array.from({ length: 300 }, (_, i) => i),
  );
});

test("at most four requests are under way", () => {
  const { prefetcher, source } = reading([view("a"), view("b"), view("c")]);

  prefetcher.begin();
  prefetcher.pump();

  assert.equal(source.asked.length, 4);
});

test("while playing, the view that is shortest of frames is served ahead", async () => {
  const { prefetcher, source, clock } = reading([view("a"), view("b")], { length: 2000 });
  prefetcher.begin();
  await settled();
  const [a, b] = ["a", "b"].map((id) => prefetcher.store(id));
  for (let i = 0; i < 500; i++) a.put(i, source.frame(10 * i));
  for (let i = 0; i < 400; i++) b.put(i, source.frame(10 * i));
  clock.playing = true;
  clock.want = 380;

  const job = prefetcher.next();

  assert.equal(job.store, b);
  assert.deepEqual(job.indices.slice(0, 2), [400, 401]);
});

test("a heavy view is asked for a few frames, once at a time, never for every epoch", async () => {
  const heavy = view("pairs", { cost: "heavy" });
  const { prefetcher, source } = reading([heavy], { length: 100, clock: { want: 8 } });

  prefetcher.begin();
  assert.equal(source.asked.length, 1);
  assert.deepEqual(indices(source.asked[0]), [8]);
  await source.answerAll();

  assert.ok(source.asked.every(({ steps }) => steps.length <= 4));
  assert.ok(source.asked.flatMap(indices).every((index) => index % 4 === 0));
});

test("epochs that the server does not have are not asked for again", async () => {
  const { prefetcher, source, events } = reading([view("logits")], { length: 8 });

  prefetcher.begin();
  await source.refuseAll(new ServerError("no such epoch", 404));
  const asked = source.asked.length;
  prefetcher.pump();

  assert.equal(prefetcher.store("logits").settled(0), true);
  assert.equal(prefetcher.store("logits").has(0), false);
  assert.ok(
    source.asked
      .slice(asked)
      .flatMap(indices)
      .every((index) => index > 6),
  );
  assert.equal(events.includes("problem"), false);
});

test("a failure is told once and tried again later", async () => {
  const { prefetcher, source, events } = reading([view("logits")], { length: 4 });

  prefetcher.begin();
  await source.refuseAll(new ServerError("broken", 500));

  assert.equal(told(events, "problem"), 1);
  assert.equal(prefetcher.next(), null);
  prefetcher.store("logits").retryAt = 0;
  assert.deepEqual(prefetcher.next().indices, [0, 1, 2, 3]);
});

test("a run that was written anew is told as such", async () => {
  const { prefetcher, source, events } = reading([view("logits")], { length: 4 });

  prefetcher.begin();
  await source.refuseAll(new ServerError("another fingerprint", 409));

  assert.deepEqual([told(events, "rewritten"), told(events, "problem")], [1, 0]);
});

test("an answer to an earlier selection is dropped", async () => {
  const { prefetcher, source } = reading([view("logits")], { length: 4 });
  prefetcher.begin();
  const [late] = source.waiting.splice(0);
  prefetcher.reset(["logits"]);

  late.resolve(late.steps.map(source.frame));
  await settled();

  assert.equal(prefetcher.store("logits").loaded, 0);
});

for (const [budget, stride] of [
  [2_000, 64],
  [5_000, 32],
  [10_000, 16],
  [20_000, 8],
]) {
  test(`${budget} bytes of memory are enough, and spread over all of training`, async () => {
    const clock = { want: 203 };
    const views = [view("logits"), view("loss")];
    const { prefetcher, source } = reading(views, { length: 400, budget, clock });

    prefetcher.begin();
    await source.answerAll();

    assert.ok(prefetcher.bytes <= budget);
    for (const store of prefetcher.stores.values()) {
      assert.ok(store.stride <= stride);
      const count = Math.ceil(400 / store.stride);
      assert.deepEqual(
        store.held(),
        Array.from({ length: count }, (_, i) => store.stride * i),
      );
      for (let i = 0; i < 400; i++) assert.ok(store.settled(i), `nobody waits for ${i}`);
    }
  });
}

test("the largest is thinned, and the others keep every frame", async () => {
  const views = [view("wall"), view("loss")];
  const { prefetcher, source } = reading(views, { length: 100, budget: 40_000 });
  prefetcher.reader.source = {
    frames: async (id, asked, signal) => {
      const found = await source.frames(id, asked, signal);
      return found.map((one) => ({ ...one, bytes: id === "wall" ? 1000 : 10 }));
    },
  };

  prefetcher.begin();
  await source.answerAll();

  assert.equal(prefetcher.store("loss").loaded, 100);
  assert.equal(prefetcher.store("wall").stride, 4);
  assert.equal(prefetcher.store("wall").loaded, 25);
});

test("what is out of sight makes room first, and comes back when it is seen", async () => {
  const shown = new Set(["first"]);
  const views = [view("first"), view("second")];
  const { prefetcher, source } = reading(views, { length: 100, budget: 15_000 });
  const { users } = prefetcher;
  prefetcher.users = () => users().map((one) => ({ ...one, usesFrames: shown.has(one.id) }));
  prefetcher.begin();
  await source.answerAll();
  shown.clear();
  shown.add("second");

  prefetcher.pump();
  await source.answerAll();

  const loaded = () => ["first", "second"].map((id) => prefetcher.store(id).loaded);
  assert.deepEqual(loaded(), [0, 100]);
  shown.add("first");
  prefetcher.pump();
  await source.answerAll();
  assert.deepEqual(loaded(), [50, 50]);
});

test("what is seen keeps every frame while others can make room", async () => {
  const shown = new Set(["first"]);
  const views = ["first", "second", "third", "fourth"].map((id) => view(id));
  const { prefetcher, source } = reading(views, { length: 100, budget: 25_000 });
  const { users } = prefetcher;
  prefetcher.users = () => users().map((one) => ({ ...one, usesFrames: shown.has(one.id) }));
  for (const seen of [["first"], ["second"], ["third", "fourth"]]) {
    shown.clear();
    for (const id of seen) shown.add(id);
    prefetcher.begin();
    prefetcher.pump();
    await source.answerAll();
  }

  const loaded = views.map(({ id }) => prefetcher.store(id).loaded);
  assert.deepEqual(loaded, [0, 0, 100, 100]);
});

test("what would not fit thinned either is kept near the playhead", async () => {
  const clock = { want: 203 };
  const { prefetcher, source } = reading([view("logits")], { length: 400, budget: 700, clock });

  prefetcher.begin();
  await source.answerAll();

  assert.ok(prefetcher.bytes <= 700);
  assert.ok(prefetcher.store("logits").has(203));
});

test("nothing is loaded for panels that are out of sight or pinned", () => {
  const { reader, source } = reading([]);
  reader.prefetcher.add(view("hidden"));

  reader.prefetcher.begin();

  assert.deepEqual(source.asked, []);
});

const curves = view("loss", { reads: [] });

test("what is said of every epoch comes in large blocks, after what is drawn", async () => {
  const { prefetcher, source } = reading([view("logits"), curves], { length: 100 });

  prefetcher.begin();
  await source.answerAll();

  const words = source.asked.filter((one) => one.view === "loss");
  assert.equal(source.asked[0].view, "logits");
  assert.ok(words.every(({ have }) => have === 100));
  assert.ok(words.length <= 4);
  assert.deepEqual(
    words.flatMap(indices).sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test("of a growing run only what is looked at is said, and anew when it has grown", async () => {
  const run = { status: { state: "running" } };
  const { prefetcher, reader, source } = reading([curves], { length: 100, run });

  prefetcher.begin();
  await source.answerAll();
  assert.equal(prefetcher.store("loss").loaded, 7);
  reader.manifest.steps.push(1000);
  prefetcher.grow();

  assert.equal(prefetcher.store("loss").loaded, 0);
});
