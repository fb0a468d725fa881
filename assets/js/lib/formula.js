/** Formulas: a component that Dash draws like any other, its MathML made by Python. */

/**
 * What is wider than its place can be scrolled by keyboard too: the formula takes the focus
 * and not its place, which has no role.
 * @param {HTMLElement | null} node
 */
function reachable(node) {
  const wide = node && node.scrollWidth > node.clientWidth;
  if (wide) node.querySelector("math")?.setAttribute("tabindex", "0");
}

/** @param {{ mathml: string, display: boolean }} properties */
function Formula({ mathml, display }) {
  return window.React.createElement("span", {
    className: display ? "formula-line" : "formula-word",
    ref: display ? reachable : null,
    // It comes from a file of ours.
    dangerouslySetInnerHTML: { __html: mathml },
  });
}

/** Whether the browser lowers an index, for which it needs a font for mathematics. */
function lowers() {
  const probe = document.createElement("span");
  probe.innerHTML = "<math><msub><mi>x</mi><mi>x</mi></msub></math>";
  document.body.append(probe);
  const [base, index] = [...probe.querySelectorAll("mi")].map((one) => one.getBoundingClientRect());
  probe.remove();
  return index.bottom - base.bottom > 1;
}

/** Let Dash find the component by the name that Python gives it. */
export function registerFormulas() {
  window.grokdash_formulas = { Formula };
  document.documentElement.classList.toggle("without-math-font", !lowers());
}
