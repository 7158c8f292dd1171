// Sends the one form of the page; without script its button does. Coming back by the back button sends nothing again.
(() => {
  "use strict";
  const [from] = performance.getEntriesByType("navigation");
  if (!from || from.type !== "back_forward") document.querySelector("form[data-submit]").submit();
})();
