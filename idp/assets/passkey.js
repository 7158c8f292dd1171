// The passkey ceremony and its fallbacks; everything else works without script.
(() => {
  "use strict";
  const bytes = t => Uint8Array.from(atob(t.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
  const text = b => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const show = (root, what, on) => root.querySelectorAll(`[data-${what}]`).forEach(e => { e.hidden = !on; });
  const forms = document.querySelectorAll("form[data-passkey]");
  // A second click on the way sends nothing: a code is good once.
  document.addEventListener("submit", event => {
    const { dataset } = event.target;
    if ("passkey" in dataset) return;
    if (dataset.sent && event.timeStamp - dataset.sent < 5000) event.preventDefault();
    else dataset.sent = event.timeStamp;
  });
  if (!window.PublicKeyCredential) return show(document, "unsupported", true);
  // So that the phone shows the keys that still open this account, and no others.
  const P = PublicKeyCredential, tell = (how, what) => P[how]?.(what).catch(() => {});
  document.querySelectorAll("[data-signal]").forEach(({ dataset }) => {
    const { rpId, userId, allAcceptedCredentialIds, name, displayName } = JSON.parse(dataset.signal);
    tell("signalAllAcceptedCredentials", { rpId, userId, allAcceptedCredentialIds });
    tell("signalCurrentUserDetails", { rpId, userId, name, displayName });
  });

  // Options as the server sends them become what the browser wants.
  const options = form => {
    const o = JSON.parse(form.dataset.options).publicKey;
    o.challenge = bytes(o.challenge);
    if (o.user) o.user.id = bytes(o.user.id);
    for (const list of [o.allowCredentials, o.excludeCredentials]) for (const c of list || []) c.id = bytes(c.id);
    return o;
  };
  const send = (form, credential) => {
    const r = credential.response;
    const wire = { clientDataJSON: text(r.clientDataJSON) };
    if (r.attestationObject) {
      wire.attestationObject = text(r.attestationObject);
      if (r.getTransports) wire.transports = r.getTransports();
    } else {
      wire.authenticatorData = text(r.authenticatorData);
      wire.signature = text(r.signature);
      wire.userHandle = r.userHandle ? text(r.userHandle) : null;
    }
    form.elements.credential.value = JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: wire });
    form.submit();
  };

  forms.forEach(form => {
    const create = form.dataset.passkey === "create";
    let waiting = new AbortController();
    form.hidden = false;
    const { unknown } = form.dataset;
    if (unknown) tell("signalUnknownCredential", { rpId: options(form).rpId, credentialId: unknown });
    form.addEventListener("submit", async event => {
      event.preventDefault();
      if (!form.reportValidity()) return;
      show(form, "failed", false); show(form, "exists", false);
      waiting.abort(); waiting = new AbortController();
      const ask = { publicKey: options(form), signal: waiting.signal };
      try {
        send(form, await (create ? navigator.credentials.create(ask) : navigator.credentials.get(ask)));
      } catch (error) {
        if (error.name === "AbortError") return;
        // InvalidStateError: this authenticator holds one of ours. The rest: cancelled, timed out, nothing suitable.
        show(form, create && error.name === "InvalidStateError" ? "exists" : "failed", true);
        autofill();
      }
    });
    const autofill = async () => {
      if (!("autofill" in form.dataset) || !await P.isConditionalMediationAvailable?.()) return;
      waiting = new AbortController();
      try {
        send(form, await navigator.credentials.get({ publicKey: options(form), mediation: "conditional", signal: waiting.signal }));
      } catch { /* nothing chosen: the form stays as it is */ }
    };
    autofill();
  });
  // Coming back by the back button: what the page holds is spent, so ask for a fresh one.
  window.addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
})();
