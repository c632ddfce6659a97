import { expect, test } from "vitest";
import { entryLines } from "../../../../tests/setup/parse-part.ts";
import { affectedExtension } from "../../../model/findings/advisory.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { erratumAdvisory } from "./erratum.ts";
import { FixLines } from "./fix-lines.ts";
import { affectedBy, type RpmFix } from "./rpm-fix.ts";

function read(...fixes: Partial<RpmFix>[]) {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const lines = new FixLines("X-1", context);
  for (const fix of fixes) lines.add({ ecosystem: "L:1", name: "a", ...fix });
  const make = (usable: readonly RpmFix[]) =>
    erratumAdvisory({ id: "X-1", cves: [], affected: affectedBy(usable, ["aarch64", "x86_64"]) });
  return { items: [...lines.items("X-1", make)], messages: problems.map(({ message }) => message) };
}

test("lines that can all be read are an advisory", () => {
  const { items, messages } = read({ fixed: "0:1-2" }, { name: "b" });
  expect(items).toMatchObject([{ kind: "advisory", advisory: { id: "X-1" } }]);
  expect(messages).toEqual([]);
});

test("a line whose version is none leaves the advisory that was there, and stands in for it as affected in all versions", () => {
  const { items, messages } = read(
    { fixed: "0:1-2" },
    { name: "b", fixed: "", architecture: "x86_64" },
    { name: "c", introduced: "1 2", fixed: "0:3-1" },
  );
  expect(items).toMatchObject([{ kind: "unreadable", id: "X-1" }]);
  const standIn = items[0]?.kind === "unreadable" ? items[0].standIn : undefined;
  expect(entryLines(standIn)).toEqual(["L:1 a [0, 0:1-2)", "L:1 b [0, ) x86_64", "L:1 c [0, )"]);
  expect(standIn?.affected?.map((entry) => affectedExtension(entry).reason)).toEqual([
    undefined,
    "In versions that cannot be read",
    "In versions that cannot be read",
  ]);
  expect(messages).toEqual([
    'X-1 has an unusable entry for b: "" is not a valid version',
    'X-1 has an unusable entry for c: "1 2" is not a valid version',
  ]);
});

test("a line without a name of a package leaves the advisory that was there, and nothing is known beside it", () => {
  const { items, messages } = read({ name: "a b", fixed: "0:1-2" });
  expect(items).toEqual([{ kind: "unreadable", id: "X-1" }]);
  expect(messages).toEqual(['X-1 has an unusable entry for a b: "a b" is not a valid package name']);
});
