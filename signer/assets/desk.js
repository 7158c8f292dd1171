// Dropping files and seeing them go. Without this script the form does the same, without the bars.
(() => {
  "use strict";
  const form = document.getElementById("upload");
  if (!form || !window.FormData) return;
  const input = form.querySelector("input[type=file]");
  const list = document.getElementById("sending");
  const words = form.dataset;
  const limit = Number(words.limit);

  const row = (file) => {
    const item = document.createElement("li");
    const name = document.createElement("b");
    const bar = document.createElement("progress");
    const state = document.createElement("p");
    name.textContent = file.name;
    name.className = "name";
    bar.max = file.size || 1;
    bar.setAttribute("aria-label", file.name);
    state.className = "hint";
    item.append(name, bar, state);
    list.append(item);
    list.hidden = false;
    return { bar, done: () => item.remove(), say: (text, bad) => { state.textContent = text; if (bad) { state.className = "error"; bar.remove(); } } };
  };

  // What can be known before a byte is sent.
  const unfit = async (file) => {
    if (!file.size) return words.empty;
    if (file.size > limit) return words.tooLarge;
    const head = new Uint8Array(await file.slice(0, 5).arrayBuffer());
    return String.fromCharCode(...head) === "%PDF-" ? null : words.notAPdf;
  };

  const send = (file, line) => new Promise((done) => {
    const body = new FormData();
    body.append("token", form.elements.token.value);
    body.append("documents", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    line.say(words.sending);
    request.upload.onprogress = (event) => { line.bar.value = event.loaded; };
    request.upload.onload = () => { line.bar.removeAttribute("value"); line.say(words.checking); };
    request.onload = () => {
      const answer = request.response || {};
      const first = answer.documents && answer.documents[0];
      // What arrived is in the lists below, refused or not.
      if (request.status < 300 && first) line.done();
      else line.say(answer.detail || answer.error_description || words.failed, true);
      done();
    };
    request.onerror = () => { line.say(words.failed, true); done(); };
    request.send(body);
  });

  // The lists of the desk anew; this form, with what was refused here, stays.
  const refresh = async () => {
    const answer = await fetch("/desk");
    if (!answer.ok) return location.replace("/desk");
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    while (form.nextSibling) form.nextSibling.remove();
    let next = fresh.getElementById("upload").nextSibling;
    while (next) {
      const after = next.nextSibling;
      form.parentNode.append(next);
      next = after;
    }
  };

  let busy = false;
  const take = async (files) => {
    if (busy || !files.length) return;
    busy = true;
    list.replaceChildren();
    for (const file of files) {
      const line = row(file);
      const reason = await unfit(file);
      if (reason) line.say(reason, true);
      else await send(file, line);
    }
    input.value = "";
    busy = false;
    await refresh();
  };

  input.addEventListener("change", () => take([...input.files]));
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); take([...input.files]); });
})();
