// As much of HTML as a person without a screen needs: titles, words, links, forms and frames.

export function pages(answer) {
  if (!/html/.test(answer.type)) return undefined;
  const page = { title: "", forms: [], links: [], frames: [], scripts: [], text: "" };
  const html = answer.text.replace(/<!--[^]*?-->/g, "");
  page.title = plain(/<title[^>]*>([^]*?)<\/title>/i.exec(html)?.[1] ?? "");
  page.text = plain(html.replace(/<(script|style)\b[^]*?<\/\1>/gi, " "));
  for (const [, rest, text] of html.matchAll(/<script\b([^>]*)>([^]*?)<\/script>/gi)) page.scripts.push({ src: attributes(rest).src, text });
  let form;
  for (const [, closing, name, rest] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi)) {
    const tag = name.toLowerCase();
    if (closing) {
      if (tag === "form") form = undefined;
      continue;
    }
    const a = attributes(rest);
    if (tag === "form") page.forms.push(form = { action: a.action ?? "", method: (a.method ?? "get").toLowerCase(), id: a.id, fields: {}, types: {}, buttons: [] });
    if (tag === "a" && a.href) page.links.push(a.href);
    if (tag === "a" && a["data-onward"] !== undefined) page.onward = a.href;
    if (tag === "iframe" && a.src) page.frames.push(a.src);
    const owner = form ?? page.forms.find((one) => a.form && one.id === a.form);
    if (!owner) continue;
    if (tag === "button" || (tag === "input" && a.type === "submit")) {
      if ((a.type ?? "submit") === "submit") owner.buttons.push({ name: a.name, value: a.value ?? "", action: a.formaction });
    } else if (tag === "input" && a.name && !(["radio", "checkbox"].includes(a.type) && a.checked === undefined)) {
      owner.fields[a.name] = a.value ?? "";
      owner.types[a.name] = a.type ?? "text";
    }
  }
  return page;
}

function attributes(text) {
  const found = {};
  for (const [, name, double, single, bare] of text.matchAll(/([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g)) {
    found[name.toLowerCase()] = unescape(double ?? single ?? bare ?? "");
  }
  return found;
}

const plain = (html) => unescape(html.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim();

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescape(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => (name ? NAMED[name] ?? all : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal))));
}
