import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { beforeEach } from "node:test";
import { HttpSource } from "#js/frames/source.js";
import { statusOf } from "#js/lib/net.js";

const packed = JSON.parse(readFileSync(new URL("./block.json", import.meta.url), "utf8"));
const block = Uint8Array.from(Buffer.from(packed.block, "base64"));
const { signal } = new AbortController();

let asked = [];

/** A server that answers every address with the same thing, and notes which came. */
function serve(body, status = 200) {
  globalThis.fetch = (address) => {
    asked.push(address);
    return Promise.resolve(new Response(body, { status }));
  };
}

beforeEach(() => {
  asked = [];
  globalThis.document = { getElementById: () => null, dispatchEvent() {} };
});

test("frames of the same epochs have the same address, their history in it", async () => {
  serve(block);
  const wanted = { fingerprint: "f1", steps: [0, 100], selection: { k: 3 } };

  const frames = await new HttpSource("add 113").frames("logits", wanted, signal);

  assert.deepEqual(asked, ["/api/run/add%20113/frames/logits?v=f1&steps=0%2C100&k=3"]);
  assert.deepEqual(
    frames.map(({ step }) => step),
    [0, 100, 40000],
  );
});

test("an exact figure is asked for with theme and history", async () => {
  serve('{"step": 100}');
  const wanted = { fingerprint: "f1", step: 100, theme: "dark", selection: { k: 3 }, have: null };

  await new HttpSource("r").figure("logits", wanted, signal);

  assert.deepEqual(asked, ["/api/run/r/figure/logits?e=100&theme=dark&v=f1&k=3"]);
});

test("a refusal is an error in the words of the server", async () => {
  serve('{"error": "no view logit"}', 404);

  const answer = new HttpSource("r").manifest(["logit"], {}, signal);

  await assert.rejects(answer, (error) => {
    assert.equal(error.message, "no view logit");
    assert.equal(statusOf(error), 404);
    return true;
  });
});
