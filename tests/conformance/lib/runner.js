// Modules, their results, and what was expected of them.

/** A module of a plan. `run(test)` does the steps and checks; what it throws makes it fail. */
export const module = (name, summary, run, options = {}) => ({ name, summary, run, ...options });

/** What a module did, as it goes: the first failed check ends it, as in the original. */
export class Test {
  constructor(suite, plan, variant, name) {
    Object.assign(this, { suite, plan, variant, name, log: [], warnings: [], reviews: [] });
  }

  /** One condition, with the clause that asks for it. */
  check(holds, what, clause) {
    this.log.push({ holds: Boolean(holds), what, clause });
    if (!holds) throw new Unmet(clause ? `${what} (${clause})` : what);
  }

  /** A condition that is a recommendation. */
  advise(holds, what, clause) {
    this.log.push({ holds: Boolean(holds), what, clause, advice: true });
    if (!holds) this.warnings.push(clause ? `${what} (${clause})` : what);
  }

  /** Something that a person looks at in the original, and that this run decided by itself as far as it could. */
  review(what) {
    this.reviews.push(what);
  }

  skip(reason) {
    throw new Skipped(reason);
  }
}

class Unmet extends Error {}
class Skipped extends Error {}

/** Runs every module of every plan, some at a time; those that wait longest go first. */
export async function runAll(suite, plans, { only, parallel = 6, told = () => {} }) {
  const waiting = plans.flatMap((plan) => plan.variants.flatMap((variant) => plan.modules
    .filter((one) => (!one.applies || one.applies(variant)) && (!only || only.test(one.name)))
    .map((one) => ({ plan, variant, one }))));
  waiting.sort((a, b) => (b.one.waits ?? 0) - (a.one.waits ?? 0));
  const results = [];
  // Those that wait out a lifetime cost nothing meanwhile: they do not hold a place
  const patient = waiting.filter(({ one }) => one.waits);
  const busy = waiting.filter(({ one }) => !one.waits);
  const next = async () => {
    for (let job = busy.shift(); job; job = busy.shift()) results.push(await runOne(suite, job, told));
  };
  const slow = async () => {
    for (let job = patient.shift(); job; job = patient.shift()) results.push(await runOne(suite, job, told));
  };
  await Promise.all([...Array.from({ length: parallel }, next), ...Array.from({ length: 24 }, slow)]);
  const order = new Map(plans.flatMap((plan) => plan.modules.map((one) => `${plan.name} ${one.name}`)).map((key, index) => [key, index]));
  return results.sort((a, b) => order.get(`${a.plan} ${a.module}`) - order.get(`${b.plan} ${b.module}`) || a.variant.localeCompare(b.variant));
}

async function runOne(suite, { plan, variant, one }, told) {
  const test = new Test(suite, plan, variant, one.name);
  const began = Date.now();
  let [result, reason] = ["PASSED", ""];
  try {
    await one.run(await plan.prepare(test));
    if (test.warnings.length) [result, reason] = ["WARNING", test.warnings.join("; ")];
    else if (test.reviews.length) [result, reason] = ["REVIEW", test.reviews.join("; ")];
    else if (!test.log.length) [result, reason] = ["FAILED", "nothing was checked"];
  } catch (error) {
    if (error instanceof Skipped) [result, reason] = ["SKIPPED", error.message];
    else [result, reason] = ["FAILED", error instanceof Unmet ? error.message : error.stack];
  }
  const done = { plan: plan.name, variant: nameOf(variant), module: one.name, result, reason, checks: test.log, milliseconds: Date.now() - began };
  told(done);
  return done;
}

export const nameOf = (variant) => Object.values(variant).join(" ");

/** Results against a list of what is known to be otherwise than PASSED: both new differences and stale entries count. */
export function compare(results, expected) {
  const known = (one) => expected.find((entry) => entry.module === one.module && (!entry.plan || entry.plan === one.plan) && (!entry.variant || one.variant.includes(entry.variant)));
  const surprises = [];
  const used = new Set();
  for (const one of results) {
    const entry = known(one);
    if (entry) used.add(entry);
    const wanted = entry?.result ?? (one.result === "REVIEW" ? "REVIEW" : "PASSED");
    if (one.result !== wanted) surprises.push(`${one.plan} [${one.variant}] ${one.module}: ${one.result}, expected ${wanted}${one.reason ? `: ${one.reason}` : ""}`);
  }
  return { surprises, stale: expected.filter((entry) => !used.has(entry)) };
}
