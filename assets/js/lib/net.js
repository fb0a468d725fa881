/** Fetching: JSON, binary, errors in words, and the "server gone" banner. */

import { byId } from "./dom.js";

/** @import { Answer, Body } from "../contract.js" */

const BACK = "grokdash:back";

/** The status of an answer about a run that has been trained anew since the page has read it. */
export const REWRITTEN = 409;

/** The status of an answer that needs a file which is damaged. */
export const DAMAGED = 422;

export class ServerError extends Error {
  /**
   * @param {string} message in the server's words
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

let gone = false;
let delay = 1000;

/** @param {boolean} visible */
function showBanner(visible) {
  window.dash_clientside.set_props("server-gone", { is_open: visible });
}

function lost() {
  if (gone) return;
  gone = true;
  delay = 1000;
  showBanner(true);
  setTimeout(probe, delay);
}

function found() {
  if (!gone) return;
  gone = false;
  showBanner(false);
  document.dispatchEvent(new CustomEvent(BACK));
}

async function probe() {
  if (!gone) return;
  try {
    await fetch(appUrl("/api/runs"), { method: "HEAD", cache: "no-store" });
    found();
  } catch {
    delay = Math.min(delay * 1.7, 15000);
    setTimeout(probe, delay);
  }
}

/**
 * Called when the server answers again.
 * @param {() => void} listener
 * @param {AbortSignal} signal
 */
export const onServerBack = (listener, signal) =>
  document.addEventListener(BACK, listener, { signal });

/**
 * Prefix a path of the app with where the app is mounted.
 * @param {string} path
 */
export function appUrl(path) {
  const script = byId("_dash-config");
  const config = script?.textContent ? JSON.parse(script.textContent) : {};
  return (config.requests_pathname_prefix || "/").replace(/\/$/, "") + path;
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function request(path, options) {
  let response;
  try {
    response = await fetch(appUrl(path), options);
  } catch (error) {
    if (!isAbort(error)) lost();
    throw error;
  }
  found();
  if (response.ok) return response;
  let message = `${response.status} ${response.statusText}`;
  try {
    message = (await response.json()).error || message;
  } catch {
    /* not JSON: the status line must do */
  }
  throw new ServerError(message, response.status);
}

/**
 * @template {string} Path
 * @param {Path} path
 * @param {RequestInit} [options]
 * @returns {Promise<Answer<Path>>}
 */
export const getJson = async (path, options) => (await request(path, options)).json();

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
export const getBuffer = async (path, options) => (await request(path, options)).arrayBuffer();

/**
 * The lines of an answer, each as soon as it has come.
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {AsyncGenerator<string>}
 */
export async function* getLines(path, options) {
  const { body } = await request(path, options);
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() || "";
    yield* lines;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
export const getBlob = async (path, options) => (await request(path, options)).blob();

/**
 * @template {string} Path
 * @param {Path} path
 * @param {Body<Path>} body
 */
export const postJson = (path, body) =>
  request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Grokdash": "1" },
    body: JSON.stringify(body),
  });

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";

/** @param {unknown} error */
export const isNetwork = (error) => error instanceof TypeError;

/** @param {unknown} error */
export const statusOf = (error) => (error instanceof ServerError ? error.status : 0);

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
