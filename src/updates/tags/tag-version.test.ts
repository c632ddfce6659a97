import { expect, test } from "vitest";
import { candidateTags } from "./candidate-tags.ts";
import { parseTag, stepBetween } from "./tag-version.ts";

test.each([
  ["1.25.3", "1.25.4", "patch"],
  ["1.25.3", "1.27.0", "minor"],
  ["1.25.3", "2.0.0", "major"],
  ["1.25", "1.27", "minor"],
  ["18", "22", "major"],
  ["20.04", "22.04", "major"],
  ["v1.58.0", "v1.60.0", "minor"],
  ["1.22.3-alpine", "1.22.9-alpine", "patch"],
  ["3.11-slim-bookworm", "3.12-slim-bookworm", "minor"],
  ["1.25-alpine3.19", "1.25-alpine3.20", "minor"],
  ["1.25-alpine3.19", "1.26-alpine3.20", "minor"],
  ["7.2.4-debian-12-r9", "7.2.4-debian-12-r10", "patch"],
  ["7.2.4-debian-12-r9", "7.2.5-debian-12-r0", "patch"],
  ["7.2.4-debian-11-r9", "7.2.4-debian-12-r0", "major"],
  ["bookworm-20240101-slim", "bookworm-20240211-slim", "patch"],
  ["20240101", "20240211", "patch"],
  ["2.0.0-rc1", "2.0.0-rc2", "patch"],
])("from %s to %s is a %s step", (from, to, size) => {
  expect(stepOf(from, to)).toBe(size);
});

test.each([
  ["1.25.3", "1.25.3"],
  ["1.25.3", "1.25.2"],
  ["1.25.3", "1.27"],
  ["1.25", "1.27.0"],
  ["1.25.3", "v1.27.0"],
  ["1.25.3", "1.27.0-alpine"],
  ["1.25.3-alpine", "1.27.0-bookworm"],
  ["1.25-alpine3.20", "1.26-alpine3.19"],
  ["7.2.4-debian-12-r9", "7.2.4-debian-12-r8"],
  ["1.25.3", "2.0.0-rc1"],
  ["1.25.3", "2.0.0rc1"],
  ["1.25.3", "2.0.0.beta2"],
  ["1.25.3-alpine", "2.0.0-rc1-alpine"],
  ["5.4.0", "20190101.1.0"],
  ["3", "20240101"],
])("from %s to %s is not a step", (from, to) => {
  expect(stepOf(from, to)).toBeUndefined();
});

test.each([
  "latest",
  "bookworm",
  "nonroot",
  "1234abcd5678",
  "sha-4f2a9c1",
  "1.2.3-4f2a9c1b",
  "deadbeef",
  "123456789012345678",
])("%s has no version", (tag) => {
  expect(parseTag(tag)).toBeUndefined();
});

test("the newest tag of each size is a candidate, up to the policy", () => {
  const tags = [
    "latest",
    "1.25.3",
    "1.25.4",
    "1.25.5",
    "1.26.0",
    "1.27.2",
    "2.0.0",
    "3.0.0-rc1",
    "1.27.2-alpine",
    "--help",
  ];
  expect(candidateTags("1.25.3", tags, { largest: "minor" })).toEqual([
    { tag: "1.25.5", step: "patch" },
    { tag: "1.27.2", step: "minor" },
  ]);
  expect(candidateTags("1.25.3", tags, { largest: "major" }).map(({ tag }) => tag)).toEqual([
    "1.25.5",
    "1.27.2",
    "2.0.0",
  ]);
  expect(candidateTags("1.25.3", tags, { largest: "digest" })).toEqual([]);
  expect(candidateTags("latest", tags, { largest: "major" })).toEqual([]);
});

function stepOf(from: string, to: string): string | undefined {
  const [a, b] = [parseTag(from), parseTag(to)];
  return a && b && stepBetween(a, b);
}
