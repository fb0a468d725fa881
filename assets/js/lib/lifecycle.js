/**
 * The life of a page: opened with what Python says of it, closed before the next opens.
 *
 * Every layout carries one store, `page-config`; its callback calls `openPage`. So a page
 * opens when it is there and closes when another one has come, and nothing watches the
 * document for that.
 */

/**
 * @typedef {{ close(): void }} OpenPage
 * @typedef {{ kind: string }} PageConfig
 */

export class Lifecycle {
  /** @type {Map<string, (config: any) => OpenPage | null>} */
  #kinds = new Map();
  /** @type {OpenPage | null} */
  #open = null;

  /**
   * Say how pages of a kind are opened.
   * @param {string} kind
   * @param {(config: any) => OpenPage | null} open
   */
  define(kind, open) {
    this.#kinds.set(kind, open);
  }

  /**
   * Close what is open; open the page that Python laid out.
   * @param {PageConfig | null | undefined} config
   */
  open(config) {
    this.close();
    const make = config && this.#kinds.get(config.kind);
    this.#open = make ? make(config) : null;
  }

  close() {
    const before = this.#open;
    this.#open = null;
    if (before) before.close();
  }
}
