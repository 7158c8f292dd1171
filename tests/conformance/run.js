#!/usr/bin/env node
// node run.js [--target aval|oidc-provider] [--plan PATTERN] [--module PATTERN] [--verbose] [--json FILE]
// Runs the modules of the plans against a provider and compares the results with what is expected of it.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Suite } from "./lib/op.js";
import { compare, runAll } from "./lib/runner.js";
import { plans } from "./plans/index.js";
import { freePort } from "./targets/aval.js";

const { values: options } = parseArgs({ options: {
  target: { type: "string", default: "aval" }, plan: { type: "string", default: "" }, module: { type: "string", default: "" }, json: { type: "string" }, output: { type: "string" },
  verbose: { type: "boolean", default: false },
} });

const began = Date.now();
const { start } = await import(`./targets/${options.target}.js`);
const port = await freePort();
const target = await start({ output: options.output, caller: port });
let [suite, results] = [];
try {
  suite = await Suite.of(target, port);
  const chosen = plans.filter((plan) => new RegExp(options.plan).test(plan.name) && plan.announced(suite.metadata))
    .map((plan) => ({ ...plan, variants: plan.offered ? plan.offered(suite.metadata) : plan.variants }));
  results = await runAll(suite, chosen, { only: new RegExp(options.module), told: (one) => options.verbose && console.log(`${one.result.padEnd(8)} ${one.module} [${one.variant}] ${one.milliseconds} ms`) });
} finally {
  await (suite ? suite.close() : target.stop());
}
const file = new URL(`./targets/${options.target}.expected.json`, import.meta.url);
const expected = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { plans: [], results: [] };
const { surprises, stale } = compare(results, expected.results);
if (options.json) writeFileSync(options.json, JSON.stringify({ target: options.target, results }, null, 1));

let plan;
for (const one of results) {
  if (one.plan !== plan) console.log(`\n${plan = one.plan}`);
  console.log(`  ${one.result.padEnd(8)} ${one.module}${one.variant ? ` [${one.variant}]` : ""}${one.reason ? `\n           ${one.reason.split("\n").slice(0, 4).join("\n           ")}` : ""}`);
}
// A run of some modules says nothing about entries for the others
const whole = !options.plan && !options.module;
const forgotten = whole ? [
  ...stale.map((entry) => `${entry.module} is listed for ${options.target}, and no such module ran`),
  ...expected.plans.filter((name) => !results.some((one) => one.plan === name)).map((name) => `${name} did not run: ${options.target} does not announce what it needs`),
] : [];
console.log("");
for (const surprise of [...surprises, ...forgotten]) console.log(`NOT AS EXPECTED: ${surprise}`);
const counted = (result) => results.filter((one) => one.result === result).length;
console.log(`${target.name}: ${["PASSED", "WARNING", "REVIEW", "SKIPPED", "FAILED"].map((result) => `${counted(result)} ${result}`).join(", ")} of ${results.length} in ${Math.round((Date.now() - began) / 1000)} s`);
console.log(`${results.length - surprises.length - counted("SKIPPED")} passed, ${surprises.length + forgotten.length} failed, ${counted("SKIPPED")} skipped`);
process.exitCode = surprises.length + forgotten.length ? 1 : 0;
