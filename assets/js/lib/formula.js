/** Formulas: a component that Dash draws like any other, its MathML made by Python. */

/** @type {ResizeObserver | null} watches formulas and their places */
let sizes = null;

/**
 * What is wider than its place can be scrolled by keyboard too: the formula takes the focus
 * and not its place, which has no role.
 * @param {Element} place
 */
function reach(place) {
  const wide = place.scrollWidth > place.clientWidth;
  const formula = place.querySelector("math");
  if (wide) formula?.setAttribute("tabindex", "0");
  else formula?.removeAttribute("tabindex");
}

/** @param {HTMLElement | null} node */
function reachable(node) {
  sizes ||= new ResizeObserver((entries) => {
    const places = entries.map(({ target }) => target.closest(".formula-line"));
    for (const place of new Set(places)) if (place) reach(place);
  });
  for (const one of node ? [node, ...node.children] : []) sizes.observe(one);
}

/** @param {{ mathml: string, display: boolean }} properties */
function Formula({ mathml, display }) {
  return window.React.createElement("span", {
    key: mathml, // another formula is another element, to be watched anew
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
