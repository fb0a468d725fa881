/** Whether a page is as narrow as that of a phone: plots then lie above one another. */

export const narrow = () => window.matchMedia("(max-width: 700px)");
