/** The binary form of frames: header length, JSON, payload. */

/** @import { BlockHead, ExactArray, QuantisedArray } from "../contract.js" */

/**
 * @typedef {object} PictureArray numbers in 255 levels
 * @property {"u1"} dtype
 * @property {number[]} shape
 * @property {Uint8Array} data
 * @property {number} lo value of level 0
 * @property {number} hi value of the highest level
 * @property {Float32Array} [floats] the values, once somebody has asked for them
 * @property {[number, number] | null} [limits]
 *
 * @typedef {object} NumberArray exact numbers
 * @property {"f4"} dtype
 * @property {number[]} shape
 * @property {Float32Array} data
 * @property {number} [lo] smallest value, where a picture of it needs that
 * @property {number} [hi] largest value
 * @property {[number, number] | null} [limits]
 *
 * @typedef {PictureArray | NumberArray} FrameArray
 *
 * @typedef {{ step: number, sentence: string, arrays: Record<string, FrameArray>, bytes: number }} Frame
 *   what is said of an epoch, and its arrays by attribute of a trace, such as "0.z"
 */

export const QUANTUM_MISSING = 255;
export const QUANTUM_LEVELS = 254;

/**
 * Numbers of an array as floats, NaN where missing; decoded once.
 * @param {FrameArray} array
 */
export function frameValues(array) {
  if (array.dtype === "f4") return array.data;
  if (array.floats) return array.floats;
  const { data, lo, hi } = array;
  const unit = (hi - lo) / QUANTUM_LEVELS;
  const floats = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    floats[i] = data[i] === QUANTUM_MISSING ? NaN : lo + data[i] * unit;
  }
  array.floats = floats;
  return floats;
}

/**
 * @param {QuantisedArray | ExactArray} about
 * @param {ArrayBuffer} payload
 * @returns {FrameArray} which owns its memory
 */
function readArray(about, payload) {
  const { shape, offset } = about;
  const count = shape.reduce((product, n) => product * n, 1);
  if (about.dtype === "f4") {
    return {
      dtype: "f4",
      shape,
      data: new Float32Array(payload.slice(offset, offset + 4 * count)),
    };
  }
  const data = new Uint8Array(payload.slice(offset, offset + count));
  return { dtype: "u1", shape, lo: about.lo, hi: about.hi, data };
}

/**
 * Split one block into frames, each owning its memory so that it can be dropped.
 * @param {ArrayBuffer} buffer
 * @returns {Frame[]}
 */
export function readBlock(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  /** @type {BlockHead} */
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const payload = buffer.slice(4 + length);
  return head.frames.map(({ step, sentence, arrays: about }) => {
    /** @type {Frame} */
    const frame = { step, sentence, arrays: {}, bytes: 0 };
    for (const [key, one] of Object.entries(about)) {
      const array = readArray(one, payload);
      frame.arrays[key] = array;
      frame.bytes += array.data.byteLength;
    }
    return frame;
  });
}
