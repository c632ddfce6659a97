import { expect, test } from "vitest";
import { isDeclaredIncomplete } from "./is-declared-incomplete.ts";

function declares(compositions: unknown): boolean {
  return isDeclaredIncomplete({ bomFormat: "CycloneDX", compositions });
}

test("a document is incomplete when it says so of itself or of a part", () => {
  expect(declares([{ aggregate: "incomplete", assemblies: ["target"] }])).toBe(true);
  expect(declares([{ aggregate: "complete" }, { aggregate: "incomplete_first_party_only" }])).toBe(true);
});

test("unknown relations between packages are not missing packages, and other documents say nothing", () => {
  expect(declares([{ aggregate: "incomplete", dependencies: ["a"] }])).toBe(false);
  expect(declares([{ aggregate: "incomplete", vulnerabilities: ["a"] }])).toBe(false);
  expect(declares([{ aggregate: "unknown", assemblies: ["target"] }, { aggregate: "not_specified" }])).toBe(false);
  for (const other of [undefined, null, {}, [], [{ aggregate: "complete" }], [1], [{ aggregate: 1 }]]) {
    expect(declares(other)).toBe(false);
  }
});
