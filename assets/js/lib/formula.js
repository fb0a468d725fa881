/** Formulas: a component that Dash draws like any other, its MathML made by Python. */

/** @param {{ mathml: string, display: boolean }} properties */
function Formula({ mathml, display }) {
  return window.React.createElement("span", {
    className: display ? "formula-line" : "formula-word",
    // It comes from a file of ours.
    dangerouslySetInnerHTML: { __html: mathml },
  });
}

/** Let Dash find the component by the name that Python gives it. */
export function registerFormulas() {
  window.grokdash_formulas = { Formula };
}
