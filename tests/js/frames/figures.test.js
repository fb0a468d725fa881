import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";
import { HttpSource } from "#js/frames/source.js";
import { isNetwork, statusOf } from "#js/lib/net.js";

const { signal } = new AbortController();
const wanted = { fingerprint: "f1", step: 100, theme: "dark", selection: { k: 3 }, have: null };
const QUERY = "e=100&theme=dark&v=f1&k=3";

let asked = [];

const line = (view, answer, status = 200) => `${JSON.stringify({ view, status, answer })}\n`;
const figure = (view) => ({ sentence: view, figure: { data: [], layout: {} } });
const viewsOf = (address) => new URL(address, "http://x").searchParams.get("views").split(",");

/** A server that answers every question for several figures with these pieces of text. */
function serve(pieces) {
  globalThis.fetch = (address) => {
    asked.push(address);
    if (!address.includes("/figures?")) return Promise.resolve(Response.json(figure("alone")));
    const body = new ReadableStream({
      async start(controller) {
        for await (const piece of pieces(viewsOf(address))) {
          controller.enqueue(new TextEncoder().encode(piece));
        }
        controller.close();
      },
    });
    return Promise.resolve(new Response(body));
  };
}

beforeEach(() => {
  asked = [];
  globalThis.document = { getElementById: () => null, dispatchEvent() {} };
});

test("figures asked for in one turn come in two answers, the first ones first", async () => {
  serve((views) => views.map((view) => line(view, figure(view))));
  const source = new HttpSource("r");

  const answers = await Promise.all(
    ["a", "b", "c", "d", "e"].map((view) => source.figure(view, wanted, signal)),
  );

  assert.deepEqual(
    answers.map(({ sentence }) => sentence),
    ["a", "b", "c", "d", "e"],
  );
  assert.deepEqual(asked, [
    `/api/run/r/figures?views=a%2Cc%2Ce&${QUERY}`,
    `/api/run/r/figures?views=b%2Cd&${QUERY}`,
  ]);
});

test("a figure is there when its line has come, however the answer is cut", async () => {
  let more = () => {};
  const later = new Promise((then) => {
    more = then;
  });
  serve(async function* ([first, second]) {
    const text = line(first, figure(first));
    yield text.slice(0, 9);
    yield text.slice(9);
    await later;
    yield line(second, figure(second));
  });
  const source = new HttpSource("r");

  const [a, , c] = ["a", "b", "c"].map((view) => source.figure(view, wanted, signal));
  assert.equal((await a).sentence, "a");
  let there = false;
  c.then(() => {
    there = true;
  });
  await new Promise((then) => setTimeout(then));
  assert.equal(there, false);
  more();
  assert.equal((await c).sentence, "c");
});

test("one figure may be refused while the others come", async () => {
  serve(([first, second]) => [
    line(first, { error: "it lacks a measure" }, 404),
    line(second, figure(second)),
  ]);
  const source = new HttpSource("r");

  const [a, , c] = ["a", "b", "c"].map((view) => source.figure(view, wanted, signal));

  await assert.rejects(a, (error) => {
    assert.equal(error.message, "it lacks a measure");
    assert.equal(statusOf(error), 404);
    return true;
  });
  assert.equal((await c).sentence, "c");
});

test("an answer that ends early is a failure of the network for the rest", async () => {
  serve(([first]) => [line(first, figure(first))]);
  const source = new HttpSource("r");

  const [a, , c] = ["a", "b", "c"].map((view) => source.figure(view, wanted, signal));

  assert.equal((await a).sentence, "a");
  await assert.rejects(c, (error) => isNetwork(error));
});

test("another round, or another epoch, is asked for by itself", async () => {
  serve((views) => views.map((view) => line(view, figure(view))));
  const source = new HttpSource("r");
  const other = { ...wanted, step: 200 };

  await Promise.all([
    source.figure("a", wanted, signal),
    source.figure("b", wanted, new AbortController().signal),
    source.figure("c", other, signal),
  ]);

  assert.deepEqual(asked, [
    `/api/run/r/figure/a?${QUERY}`,
    `/api/run/r/figure/b?${QUERY}`,
    `/api/run/r/figure/c?${QUERY.replace("100", "200")}`,
  ]);
});

test("who asks for what was asked for ahead gets that answer, once", async () => {
  serve((views) => views.map((view) => line(view, figure(view))));
  const source = new HttpSource("r");

  const ahead = ["a", "b", "c", "d"].map((view) => source.figureAhead(view, wanted, signal));
  assert.equal(source.figure("a", wanted, new AbortController().signal), ahead[0]);
  await Promise.all(ahead);
  assert.equal(asked.length, 2);
  assert.notEqual(source.figure("a", wanted, signal), ahead[0]);
});
