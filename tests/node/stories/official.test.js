// An official signs documents; anyone verifies them; an altered one is found out.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, Visitor } from "../lib/browser.js";
import { code, through } from "../lib/login.js";
import { nextCode, stack } from "../lib/stack.js";

const signer = stack.signer.url;
const issuer = stack.idp.issuer;
const official = stack.officials[0];
const folder = mkdtempSync(join(tmpdir(), "aval-"));
const signed = join(folder, "firmado.pdf");

let browser;
const papers = {};
before(async () => {
  browser = await launch();
  const page = await (await browser.newContext()).newPage();
  for (const [name, text] of [["Resolución 4471", "Autoriza la obra de la calle Ñuble."], ["Acta de recepción", "Recibe la obra."], ["Oficio 12", "Informa lo que indica."]]) {
    await page.setContent(`<html lang="es"><title>${name}</title><style>body { font: 12pt/1.6 serif; margin: 2.5cm } h1 { font-size: 18pt }</style>
      <p>Municipalidad de Puerto Lindo<br>Dirección de Obras</p><h1>${name}</h1>${`<p>${text} Visto lo dispuesto en la ley y los antecedentes que obran en el expediente, se deja constancia de lo anterior para los fines que correspondan.</p>`.repeat(5)}<p>Anótese, comuníquese y archívese.</p>`);
    papers[name] = join(folder, `${name}.pdf`);
    writeFileSync(papers[name], await page.pdf({ format: "A4" }));
  }
  await page.context().close();
});
after(async () => { await browser?.close(); });

const atDesk = (url) => url.startsWith(`${signer}/desk`);
// One login for all tests: a code is good once, and the next one comes after half a minute. Proof of presence gives
// the session another id, so who leaves remembers.
let remembered;
const leave = async (visitor) => {
  remembered = await visitor.context.storageState();
  await visitor.leave();
};
const arrive = async (options) => {
  const visitor = await Visitor.arrive(browser, { ...options, remembered });
  await visitor.page.goto(`${signer}/desk`);
  await through(visitor.page, official, atDesk);
  await clear(visitor.page);
  return visitor;
};

const clear = async (page) => {
  for (;;) {
    const button = page.locator("button[formaction$='/remove'], form[action$='/remove'] button").first();
    if (!(await button.count())) return;
    await button.click();
    await page.waitForLoadState();
  }
};

const upload = async (page, files) => {
  await page.setInputFiles("input[type=file]", files);
  await page.waitForFunction((count) => document.querySelectorAll("input[type=checkbox][name=documents]").length >= count, files.length);
};

const review = async (page) => {
  await page.locator("form[action='/approvals'] button:not([formaction])").last().click();
  await page.waitForURL(`${signer}/approvals/**`);
};

const finished = async (page) => {
  await page.waitForURL(`${signer}/batches/**`);
  await page.waitForSelector("a[href$='archive.zip']", { timeout: 60_000 });
};

const verify = (file) => {
  try {
    return JSON.parse(execFileSync(stack.tools.verify, ["--json", "--trust", stack.pki.root, file], { encoding: "utf8" }));
  } catch (error) {
    return JSON.parse(error.stdout);
  }
};

/** A document with a bar over its first page, written behind what was signed (ISO 32000-2, 7.5.6). */
function painted(bytes) {
  const text = bytes.toString("latin1");
  const pages = [...text.matchAll(/(\d+) 0 obj\s*(<<(?:(?!endobj)[^])*?\/Type\s*\/Page\b(?:(?!endobj)[^])*?>>)\s*endobj/g)];
  const [, number, dictionary] = pages.at(-1);
  const trailer = text.slice(text.lastIndexOf("trailer"));
  const size = Number(trailer.match(/\/Size (\d+)/)[1]);
  const content = "q 1 0.9 0.2 rg 0 400 595 60 re f Q";
  const page = `${number} 0 obj\n${dictionary.replace(/\/Contents (\d+ 0 R)/, `/Contents [$1 ${size} 0 R]`)}\nendobj\n`;
  const stream = `${size} 0 obj\n<< /Length ${content.length} >>\nstream\n${content}\nendstream\nendobj\n`;
  const place = (offset) => `${String(offset).padStart(10, "0")} 00000 n \n`;
  const start = bytes.length + 1;
  const table = `xref\n${number} 1\n${place(start)}${size} 1\n${place(start + page.length)}`;
  const kept = [trailer.match(/\/Root \d+ 0 R/)[0], trailer.match(/\/ID\s*\[[^\]]*\]/)?.[0] ?? ""].join(" ");
  const before = text.match(/startxref\s+(\d+)\s+%%EOF\s*$/)[1];
  const end = `trailer\n<< /Size ${size + 1} ${kept} /Prev ${before} >>\nstartxref\n${start + page.length + stream.length}\n%%EOF\n`;
  return Buffer.concat([bytes, Buffer.from(`\n${page}${stream}${table}${end}`, "latin1")]);
}

for (const language of ["es-CL", "en-GB"]) {
  test(`an official signs three documents with a stamp and a code (${language})`, async () => {
    const visitor = await arrive({ language });
    const { page } = visitor;
    await visitor.look("desk-empty");
    await upload(page, Object.values(papers));
    for (const name of Object.keys(papers)) assert.ok((await page.innerText("main")).includes(name), `${name} is on the desk`);
    const picture = page.locator("img[src*='/picture']").first();
    await picture.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => { const image = document.querySelector("img[src*='/picture']"); return image.complete && image.naturalWidth > 50; });
    await page.check("#stamp-visible");
    await visitor.look("desk");
    await page.locator("main a[href^='/documents/']:visible").last().click();
    await page.waitForURL(`${signer}/documents/**`);
    await visitor.look("document");
    await page.goBack();
    await page.check("#stamp-visible");
    await review(page);
    await visitor.look("approval");
    await page.locator("form[action$='/confirm'] button").click();
    await page.waitForURL(`${issuer}/**`);
    assert.equal(await page.locator("[name=password]").count(), 0, "only presence is asked");
    await visitor.look("presence");
    await code(page, await nextCode(official));
    await finished(page);
    await visitor.look("batch-done");
    const [archive] = await Promise.all([page.waitForEvent("download"), page.click("a[href$='archive.zip']")]);
    assert.ok(readFileSync(await archive.path()).subarray(0, 2).toString() === "PK");
    const [single] = await Promise.all([page.waitForEvent("download"), page.locator("a[href*='/documents/']").first().click()]);
    writeFileSync(signed, readFileSync(await single.path()));
    const report = verify(signed);
    assert.equal(report.verdict, "valid", JSON.stringify(report));
    assert.equal(report.signatures[0].signer.common_name, `${official.given_name} ${official.family_name}`);
    await page.goto(`${signer}/history`);
    await visitor.look("history");
    await leave(visitor);
  });

  test(`anyone verifies it, and an altered copy is found out (${language})`, async () => {
    const visitor = await Visitor.arrive(browser, { language });
    const { page } = visitor;
    await page.goto(signer);
    await visitor.look("signer-home");
    await page.goto(`${signer}/verify`);
    await visitor.look("verify");
    await page.setInputFiles("input[type=file]", signed);
    await page.locator("main form button").first().click();
    await page.waitForSelector(".verdict");
    const seen = await page.innerText("main");
    assert.ok(seen.includes(official.family_name) && seen.includes(official.position) && seen.includes(official.institution), "who, in what position, where");
    assert.equal(await page.locator(".verdict.good").count(), 1);
    await visitor.look("verify-valid");

    const altered = readFileSync(signed);
    altered[600] ^= 1;
    writeFileSync(join(folder, "alterado.pdf"), altered);
    await page.goto(`${signer}/verify`);
    await page.setInputFiles("input[type=file]", join(folder, "alterado.pdf"));
    await page.locator("main form button").first().click();
    await page.waitForSelector(".verdict");
    assert.equal(await page.locator(".verdict.good").count(), 0);
    await visitor.look("verify-altered");

    writeFileSync(join(folder, "pintado.pdf"), painted(readFileSync(signed)));
    await page.goto(`${signer}/verify`);
    await page.setInputFiles("input[type=file]", join(folder, "pintado.pdf"));
    await page.locator("main form button").first().click();
    await page.waitForSelector("#seen img");
    assert.equal(await page.locator("#seen img").count(), 2, "the page as it was signed, and as it is");
    await visitor.look("verify-painted");

    await page.goto(`${signer}/verify`);
    await page.setInputFiles("input[type=file]", papers["Oficio 12"]);
    await page.locator("main form button").first().click();
    await page.waitForSelector(".verdict");
    assert.equal(await page.locator(".verdict.good").count(), 0);
    await visitor.look("verify-unsigned");
    await visitor.leave();
  });
}

test("an official with a passkey proves presence with it", async () => {
  const visitor = await arrive();
  const { page } = visitor;
  const authenticator = await visitor.authenticator();
  await page.goto(`${issuer}/account/passkeys/new`);
  if (await page.locator("[name=code]").count()) await code(page, await nextCode(official));
  await page.waitForSelector("form[data-passkey=create]:not([hidden])");
  await page.fill("[name=name]", "Llave de la oficina");
  await page.locator("form[data-passkey] button").first().click();
  await page.waitForURL((url) => url.pathname === "/account/passkeys/done");
  assert.equal((await authenticator.credentials()).length, 1);

  await page.goto(`${signer}/desk`);
  await upload(page, [papers["Oficio 12"]]);
  await review(page);
  await page.locator("form[action$='/confirm'] button").click();
  await page.waitForURL(`${issuer}/**`);
  await page.waitForSelector("form[data-passkey]:not([hidden])");
  await visitor.look("presence-passkey");
  await page.locator("form[data-passkey] button").first().click();
  await finished(page);
  await leave(visitor);
});

test("a file that is no document is refused with its reason, and the others stay", async () => {
  const visitor = await arrive();
  const { page } = visitor;
  const broken = join(folder, "roto.pdf");
  writeFileSync(broken, readFileSync(papers["Oficio 12"]).subarray(0, 900));
  const text = join(folder, "nota.pdf");
  writeFileSync(text, "Esto no es un documento. ".repeat(40));
  await page.setInputFiles("input[type=file]", [papers["Oficio 12"], broken, text]);
  await page.waitForSelector("#sending .error");
  await page.waitForFunction(() => document.querySelectorAll("input[type=checkbox][name=documents]").length === 1);
  assert.ok((await page.innerText("main")).includes("roto.pdf"));
  await visitor.look("desk-refused");
  await clear(page);
  await leave(visitor);
});

test("without JavaScript an official signs as well", async () => {
  const visitor = await arrive({ javaScript: false });
  const { page } = visitor;
  await page.setInputFiles("input[type=file]", [papers["Oficio 12"], papers["Acta de recepción"]]);
  await page.locator("form[action='/desk/documents'] button").click();
  await page.waitForSelector("input[type=checkbox][name=documents]");
  await review(page);
  await page.locator("form[action$='/confirm'] button").click();
  await page.waitForURL(`${issuer}/**`);
  await code(page, await nextCode(official));
  await finished(page);
  await visitor.look("batch-without-script");
  await leave(visitor);
});
