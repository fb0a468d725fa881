/**
 * The entry of the first picture. What it imports comes in a small file of its own and runs
 * before `main.js`, Dash and Plotly, which wait until the pictures are sketched.
 */

import { Early } from "./player/early.js";

export const early = new Early();
export const sketched = early.start();
