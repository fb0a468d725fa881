/** Settings that this browser keeps. */

/**
 * @param {string} key
 * @param {string | null} value null forgets it
 */
export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(`grokdash-${key}`);
    else localStorage.setItem(`grokdash-${key}`, value);
  } catch {
    /* private windows may refuse storage; the setting then lasts for the page */
  }
}

/** @param {string} key */
export function recall(key) {
  try {
    return localStorage.getItem(`grokdash-${key}`);
  } catch {
    return null;
  }
}

/** Whether single characters are shortcuts. */
export const lettersAllowed = () => recall("letters") !== "0";
