import { writeFileSync } from "node:fs";
import type { Reporter } from "vitest/node";

/** How many tests passed, and how much went wrong: failed tests, suites and files that broke outside a test, other errors. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  /** The skipped tests and suites by name, with the reason where one is given. */
  readonly skipped: readonly string[];
}

/** A Vitest reporter that writes a {@link TestCount} to the file that `PLIMSOLL_TEST_COUNT` names. */
// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by its default export.
export default class CountReporter implements Reporter {
  readonly onTestRunEnd: NonNullable<Reporter["onTestRunEnd"]> = (modules, unhandledErrors) => {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped: string[] = [];
    for (const testModule of modules) {
      failed += testModule.errors().length;
      for (const suite of testModule.children.allSuites()) failed += suite.errors().length;
      for (const test of testModule.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed++;
        else if (result.state === "failed") failed++;
        else if (result.state === "skipped") skipped.push(`${test.fullName}${result.note ? `: ${result.note}` : ""}`);
      }
    }
    const file = process.env["PLIMSOLL_TEST_COUNT"];
    if (file !== undefined) writeFileSync(file, JSON.stringify({ passed, failed, skipped } satisfies TestCount));
  };
}
