import assert from "node:assert/strict";
import test from "node:test";
import { frameValues, readBlock } from "#js/frames/blocks.js";
import packed from "./block.json" with { type: "json" };

const bytes = Buffer.from(packed.block, "base64");
const frames = readBlock(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));

/** How far a number may be off: half a level of its array, or what float32 rounds. */
function tolerance(array, numbers) {
  const sizes = numbers.filter((one) => one !== null).map(Math.abs);
  const rounding = Math.max(0, ...sizes) * 2 ** -23;
  return array.dtype === "u1" ? (array.hi - array.lo) / 508 + rounding : rounding;
}

test("a block written by Python gives its epochs in order, each with its sentence", () => {
  const told = ({ step, sentence }) => ({ step, sentence });

  assert.deepEqual(frames.map(told), packed.frames.map(told));
});

test("pictures come back within half a level, curves exactly, gaps as gaps", () => {
  packed.frames.forEach(({ arrays }, i) => {
    assert.deepEqual(Object.keys(frames[i].arrays), Object.keys(arrays));
    for (const [name, { shape, values }] of Object.entries(arrays)) {
      const array = frames[i].arrays[name];
      const floats = frameValues(array);
      const most = tolerance(array, values);
      assert.deepEqual(array.shape, shape);
      assert.equal(floats.length, values.length);
      values.forEach((value, j) => {
        if (value === null) assert.ok(Number.isNaN(floats[j]), `${name}[${j}] is a gap`);
        else assert.ok(Math.abs(floats[j] - value) <= most, `${name}[${j}]: ${floats[j]} ${value}`);
      });
    }
  });
});

test("a frame counts its own bytes, and floats are decoded once", () => {
  for (const frame of frames) {
    const arrays = Object.values(frame.arrays);
    assert.equal(
      frame.bytes,
      arrays.reduce((sum, array) => sum + array.data.byteLength, 0),
    );
    for (const array of arrays) assert.equal(frameValues(array), frameValues(array));
  }
});
