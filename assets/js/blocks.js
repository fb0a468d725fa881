/* The binary form of frames: header length, JSON, payload. */
(function (g) {
  "use strict";

  const MISSING = 255;
  const LEVELS = 254;

  /** Numbers of an array as floats, NaN where missing; decoded once. */
  function values(array) {
    if (array.dtype === "f4") return array.data;
    if (!array.floats) {
      const { data, lo, hi } = array;
      const unit = (hi - lo) / LEVELS;
      const floats = new Float32Array(data.length);
      for (let i = 0; i < data.length; i++) {
        floats[i] = data[i] === MISSING ? NaN : lo + data[i] * unit;
      }
      array.floats = floats;
    }
    return array.floats;
  }

  function readArray(spec, payload) {
    const count = spec.shape.reduce((product, n) => product * n, 1);
    const bytes = spec.dtype === "f4" ? 4 * count : count;
    const copy = payload.slice(spec.offset, spec.offset + bytes);
    const data = spec.dtype === "f4" ? new Float32Array(copy) : new Uint8Array(copy);
    return { dtype: spec.dtype, shape: spec.shape, lo: spec.lo, hi: spec.hi, data };
  }

  /** Split one block into frames, each owning its memory so that it can be dropped. */
  g.readBlock = function (buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(
      new TextDecoder().decode(new Uint8Array(buffer, 4, length)),
    );
    const payload = buffer.slice(4 + length);
    return header.frames.map((frame) => {
      const arrays = {};
      let bytes = 0;
      for (const [key, spec] of Object.entries(frame.arrays)) {
        arrays[key] = readArray(spec, payload);
        bytes += arrays[key].data.byteLength;
      }
      return { step: frame.step, arrays, bytes };
    });
  };

  g.frameValues = values;
  g.QUANTUM_MISSING = MISSING;
  g.QUANTUM_LEVELS = LEVELS;
})((window.grokdash = window.grokdash || {}));
