import assert from "node:assert/strict";
import test from "node:test";
import { Events } from "#js/lib/events.js";

test("listeners hear what they asked for, in the order they came", () => {
  const events = new Events();
  const heard = [];
  events.on("moved", (from, to) => heard.push(["first", from, to]));
  events.on("moved", (from) => heard.push(["second", from]));
  events.on("other", () => heard.push("other"));

  events.emit("moved", 1, 2);
  events.emit("unknown");

  assert.deepEqual(heard, [
    ["first", 1, 2],
    ["second", 1],
  ]);
});
