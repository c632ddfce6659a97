import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestCount } from "./count-reporter.ts";

// npm test: runs the quick tests (vitest.config.ts) with Vitest's own output, then prints `N passed, N failed` alone on the
// last line. A crash counts as one failure, and so does a run of no tests.
// npm run test:all, and npm test -- ARGUMENTS OF VITEST: select from all tests.

const [first, ...rest] = process.argv.slice(2);
const selection = first === "--all" ? rest : process.argv.slice(2);
const isQuick = first === undefined;

const folder = mkdtempSync(join(tmpdir(), "plimsoll-tests-"));
try {
  const countFile = join(folder, "count.json");
  const ending = await runVitest(countFile);
  const { passed, failed, skipped } = readCount(countFile);
  const isUnexplained = failed === 0 && (ending !== 0 || passed === 0);
  if (isUnexplained) console.error(ending === 0 ? "No test ran." : `Vitest ended with ${ending}.`);
  const failures = failed + (isUnexplained ? 1 : 0);
  process.exitCode = failures > 0 ? 1 : 0;
  for (const name of skipped) console.log(`skipped: ${name}`);
  console.log(`${passed} passed, ${failures} failed`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function runVitest(countFile: string): Promise<number | string> {
  const vitest = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));
  const reporters = ["--reporter=default", `--reporter=${join(import.meta.dirname, "count-reporter.ts")}`];
  const child = spawn(process.execPath, [vitest, "run", ...reporters, ...selection], {
    stdio: "inherit",
    env: { ...process.env, PLIMSOLL_TEST_COUNT: countFile, ...(isQuick && { PLIMSOLL_TESTS: "quick" }) },
  });
  // A terminal interrupts the child as well; this process outlives it to count and to clean up.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? signal ?? "no exit code"));
  });
}

function readCount(file: string): TestCount {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as TestCount;
  } catch {
    return { passed: 0, failed: 0, skipped: [] };
  }
}
