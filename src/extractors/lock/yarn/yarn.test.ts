import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { yarnLock } from "./yarn.ts";

describeExtractor(yarnLock, [
  {
    path: "yarn.lock",
    bytes: bytesOf(
      [
        "# yarn lockfile v1",
        "",
        "lodash@^4.0.0, lodash@^4.17.0:",
        '  version "4.17.15"',
        "  dependencies:",
        '    version "9.9.9"',
        "",
        '"alias@npm:@a/b@^2.0.0":',
        '  version "2.0.0"',
        '"own@link:own":',
        '  version "0.0.0"',
      ].join("\n"),
    ),
    expected: [of("lodash", "4.17.15"), of("@a/b", "2.0.0")],
  },
]);

test("lock/yarn reads what later versions of Yarn write", () => {
  const lock = [
    "__metadata:",
    "  version: 8",
    "",
    '"lodash@npm:^4.17.0, lodash@npm:^4.0.0":',
    "  version: 4.17.15",
    '  resolution: "lodash@npm:4.17.15"',
    '"app@workspace:.":',
    "  version: 0.0.0-use.local",
    '  resolution: "app@workspace:."',
  ].join("\r\n");
  const context = { signal: new AbortController().signal, problem: () => expect.unreachable() };
  expect([...yarnLock.extract(memoryFile("yarn.lock", bytesOf(lock)), context)]).toEqual([of("lodash", "4.17.15")]);
});

test("lock/yarn reports an entry without a version and a line that begins none", () => {
  expect(problemsOf("a@1:\n  resolved x\n")).toEqual([
    "a package of yarn.lock could not be read because a has no version",
  ]);
  expect(problemsOf("some text")).toHaveLength(1);
});

function problemsOf(value: unknown): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of yarnLock.extract(memoryFile("yarn.lock", bytesOf(value)), context));
  return problems.map(({ message }) => message);
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

function of(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "npm", name, version } };
}
