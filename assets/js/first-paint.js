/* Chooses light or dark before anything is painted: it stands in the head of the page. */
(() => {
  const root = document.documentElement;
  if (root.hasAttribute("data-bs-theme")) return;
  let wanted = new URLSearchParams(window.location.search).get("t");
  if (wanted !== "light" && wanted !== "dark") {
    try {
      wanted = window.localStorage.getItem("grokdash-theme");
    } catch {
      wanted = null;
    }
  }
  if (wanted !== "light" && wanted !== "dark") {
    wanted = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  root.setAttribute("data-bs-theme", wanted);
})();
