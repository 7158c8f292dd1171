// A document on its way: how much of it was sent, then the answer in place of the form. Without this script the
// browser sends the same form, and shows the same page.
(() => {
  "use strict";
  if (!window.FormData || !window.DOMParser) return;

  const show = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const main = fresh.getElementById("main");
    if (!main) return location.reload();
    document.title = fresh.title;
    document.getElementById("main").replaceWith(main);
    watch();
    (main.querySelector("[autofocus]") || main).focus({ preventScroll: true });
    scrollTo(0, 0);
  };

  const send = (form) => {
    const words = form.dataset;
    const button = form.querySelector("button");
    const state = form.querySelector("[role=status]");
    const bar = form.querySelector("progress");
    const say = (text, bad) => { state.textContent = text; state.className = bad ? "error after" : "hint after"; bar.hidden = Boolean(bad); };
    const failed = () => { say(words.failed, true); button.disabled = false; };
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.upload.onprogress = (event) => { bar.max = event.total || 1; bar.value = event.loaded; };
    request.upload.onload = () => { bar.removeAttribute("value"); say(words.checking); };
    request.onload = () => show(request.responseText);
    request.onerror = request.onabort = failed;
    say(words.sending);
    button.disabled = true;
    request.send(new FormData(form));
  };

  const watch = () => {
    for (const form of document.querySelectorAll("form[data-sending]")) {
      form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
    }
  };
  watch();
})();
