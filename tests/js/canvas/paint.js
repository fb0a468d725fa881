/** A canvas that notes what is painted instead of painting it. */
export function noteContext() {
  const calls = [];
  const context = new Proxy(
    { calls, globalAlpha: 1 },
    {
      get: (target, name) =>
        name in target ? target[name] : (...values) => calls.push([name, ...values]),
    },
  );
  return context;
}

/** An axis of `length` pixels from `low` to `high`, as Plotly lays it out. */
export function axis(length, [low, high], id = "x") {
  const upward = id.startsWith("y");
  const c2p = (value) => {
    const part = (value - low) / (high - low);
    return length * (upward ? 1 - part : part);
  };
  return { _id: id, _length: length, _offset: 0, c2p };
}

/** Exact numbers of a frame. */
export const curve = (...values) => ({
  dtype: "f4",
  shape: [values.length],
  data: Float32Array.from(values),
});

/** A trace to be painted on 100 by 100 pixels, where both axes go from 0 to 10. */
export const job = (trace, calc, arrays = {}) => ({
  trace,
  calc,
  arrays,
  xa: axis(100, [0, 10], "x"),
  ya: axis(100, [0, 10], "y"),
  cache: {},
  perFrame: false,
});
