import { expect, test } from "vitest";
import { readVerdict } from "./vex-verdict.ts";

const start = "This package (for the given release) ";

test.each([
  ["needs fixing.", { reason: "needs fixing" }],
  ["is no longer supported. Please upgrade your system.", { status: "end-of-life", reason: "no longer supported" }],
  [
    "is vulnerable to the CVE, the problem is understood, but the Ubuntu Security Team decided to not fix it. CVE Notes / justification: too intrusive",
    { status: "will-not-fix", reason: "decided to not fix it: too intrusive" },
  ],
  ["is vulnerable, but a fix has been deferred.", { status: "fix-deferred", reason: "deferred" }],
  ["does something new.", { reason: "does something new" }],
])("affected: %s", (words, plan) => {
  expect(readVerdict({ status: "affected", words: start + words, sources: [] })).toEqual({ kind: "affected", ...plan });
});

test("not affected keeps its justification and the notes", () => {
  const words = `${start}is not affected. CVE Notes / justification: affects 7.69 and higher`;
  const justification = "vulnerable_code_not_present";
  expect(readVerdict({ status: "not_affected", justification, words, sources: [] })).toEqual({
    kind: "not-affected",
    justification,
    note: "affects 7.69 and higher",
  });
  expect(readVerdict({ status: "not_affected", words: `${start}is not affected.`, sources: [] })).toEqual({
    kind: "not-affected",
  });
});

test("a fix without its version and a package that is not shipped say nothing", () => {
  expect(readVerdict({ status: "fixed", words: "", sources: [] })).toBeUndefined();
  const absent = { status: "not_affected", justification: "component_not_present", words: "", sources: [] } as const;
  expect(readVerdict(absent)).toBeUndefined();
});

test("what is not decided is under investigation", () => {
  expect(readVerdict({ status: "under_investigation", words: "", sources: [] })).toMatchObject({
    status: "under-investigation",
  });
});
