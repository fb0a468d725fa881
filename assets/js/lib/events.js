/** Named events between parts that need not know each other. */

export class Events {
  /** @type {Map<string, ((...values: any[]) => void)[]>} */
  #listeners = new Map();

  /**
   * @param {string} name
   * @param {(...values: any[]) => void} listener
   */
  on(name, listener) {
    const known = this.#listeners.get(name);
    if (known) known.push(listener);
    else this.#listeners.set(name, [listener]);
  }

  /**
   * @param {string} name
   * @param {...any} values
   */
  emit(name, ...values) {
    for (const listener of this.#listeners.get(name) || []) listener(...values);
  }
}
