// The page that says goodbye goes on by itself: when every agency's frame is there, or when one takes too long.
"use strict";
(() => {
  const onward = document.querySelector("a[data-onward]");
  if (!onward) return;
  const go = () => location.replace(onward.href);
  if (document.readyState === "complete") go();
  else addEventListener("load", go);
  setTimeout(go, 3000);
})();
