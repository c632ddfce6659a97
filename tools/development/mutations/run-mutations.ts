import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type MutationArea, mutationAreas } from "./areas.ts";
import { type Mutation, mutationsOf, withMutation } from "./mutate-source.ts";

// npm run test:mutations [-- AREA … --sample N]: puts one fault at a time into the sources, runs the tests around it, and prints the
// faults that no test noticed. The sample is the same for the same sources. Ends with 1 when an area's score is below 85 %.

const root = resolve(import.meta.dirname, "../../..");
const leastScore = 0.85;
/** A run of tests that a fault keeps from ending counts as noticed. In milliseconds. */
const longestRun = 1_800_000;

interface Fault extends Mutation {
  readonly file: string;
}

/** Survivors that were looked at: the fault changes no behaviour, for the reason given. */
const equivalents = JSON.parse(readFileSync(join(import.meta.dirname, "equivalents.json"), "utf8")) as readonly {
  readonly fault: string;
  readonly reason: string;
}[];
const known = new Set(equivalents.map(({ fault }) => fault));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: "string", default: "40" } },
});
const folder = mkdtempSync(join(tmpdir(), "plimsoll-mutations-"));
try {
  for (const name of positionals.length > 0 ? positionals : Object.keys(mutationAreas)) {
    const area = mutationAreas[name];
    if (!area) throw new Error(`no area is named ${name}: ${Object.keys(mutationAreas).join(", ")}`);
    const score = await measure(name, area);
    if (score < leastScore) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(name: string, area: MutationArea): Promise<number> {
  const none = join(folder, "none.json");
  writeFileSync(none, "{}");
  if (!(await passes(none, testsOf(area)))) throw new Error(`the tests of ${name} fail without a fault`);
  const all = sourcesIn(area.folder).flatMap((file) =>
    mutationsOf(readFileSync(join(root, file), "utf8")).map((mutation): Fault => ({ file, ...mutation })),
  );
  const candidates = all.filter((fault) => !known.has(nameOf(fault)));
  const chosen = candidates.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)).slice(0, Number(values.sample));
  const survivors: Fault[] = [];
  await inParallel(chosen, async (fault) => {
    if (!(await isNoticed(fault, area))) survivors.push(fault);
  });
  const score = 1 - survivors.length / chosen.length;
  console.log(
    `${name}: ${(100 * score).toFixed(1)} % of ${chosen.length} faults noticed, out of ${all.length} possible ones`,
  );
  for (const fault of survivors.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))) {
    console.log(`  line ${fault.line} of ${nameOf(fault)}`);
  }
  return score;
}

function sourcesIn(area: string): string[] {
  return globSync(`${area}/**/*.ts`, { cwd: root })
    .filter((file) => !/\.test\.ts$|\/fixtures\/|conformance\.ts$/.test(file))
    .sort();
}

function nameOf({ file, line, original, replacement }: Fault): string {
  const source = readFileSync(join(root, file), "utf8").split("\n")[line - 1] ?? "";
  return `${file}: ${original.replace(/\s+/g, " ")} → ${replacement.replace(/\s+/g, " ")} in: ${source.trim()}`;
}

/** A place in the sample that depends on the fault alone, so that it stays as other lines change. */
function orderOf(fault: Fault): string {
  return createHash("sha256")
    .update(`${fault.file} ${fault.original} ${fault.replacement} ${fault.start}`)
    .digest("hex");
}

/** Whether a test fails with the fault: those named after the file first, then all of the area. */
async function isNoticed(fault: Fault, area: MutationArea): Promise<boolean> {
  const file = join(root, fault.file);
  const path = join(folder, `${createHash("sha256").update(nameOf(fault)).digest("hex")}.json`);
  writeFileSync(path, JSON.stringify({ file, text: withMutation(readFileSync(file, "utf8"), fault) }));
  const beside = join(dirname(fault.file), `${basename(file, ".ts")}.test.ts`);
  for (const tests of [globSync(beside, { cwd: root }), testsOf(area)]) {
    if (tests.length > 0 && !(await passes(path, tests))) return true;
  }
  return false;
}

function testsOf({ folder: tested, tests }: MutationArea): readonly string[] {
  return [`${tested}/`, ...tests];
}

function passes(mutation: string, tests: readonly string[]): Promise<boolean> {
  const vitest = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));
  const config = join(import.meta.dirname, "vitest.config.ts");
  const child = spawn(process.execPath, [vitest, "run", "--root", root, "--config", config, ...tests], {
    stdio: "ignore",
    env: { ...process.env, PLIMSOLL_MUTATION: mutation },
    timeout: longestRun,
    killSignal: "SIGKILL",
  });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("exit", (code) => done(code === 0));
  });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}
