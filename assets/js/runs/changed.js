/** What changes runs says so; the list of runs looks again. */

const CHANGED = "grokdash:runs-changed";

export const tellChanged = () => document.dispatchEvent(new CustomEvent(CHANGED));

/**
 * @param {() => void} listener
 * @param {AbortSignal} signal
 */
export const onChanged = (listener, signal) =>
  document.addEventListener(CHANGED, listener, { signal });
