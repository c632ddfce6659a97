import { expect, test } from "vitest";
import { readReportSchema } from "../../../tests/setup/report-schema.ts";
import { thresholds } from "../threshold.ts";
import { readPolicy } from "./read-policy.ts";

const { errorsOf } = readReportSchema("policy.schema.json");

test.each(["", "# only a comment\n", "{}"])("%j is a policy that denies nothing", (text) => {
  expect(readPolicy(text, "plimsoll.yaml")).toEqual({});
});

test.each(thresholds)("failOn: %s", (severity) => {
  expect(readPolicy(`failOn: ${severity}\n`, "plimsoll.yaml")).toEqual({ failOn: severity });
  expect(errorsOf({ failOn: severity })).toEqual([]);
});

test.each([
  ["failOn: severe", "plimsoll.yaml:1:9: failOn is not one of critical, high, medium, low, negligible"],
  ["\nfailOn: [high]", "plimsoll.yaml:2:9: failOn is not one of critical, high, medium, low, negligible"],
  ["fail-on: high", 'plimsoll.yaml:1:10: has the unknown key "fail-on"; allowed keys: '],
  ["- high", "plimsoll.yaml:1:1: is not a mapping"],
])("%j is refused with its place", (text, message) => {
  expect(() => readPolicy(text, "plimsoll.yaml")).toThrow(message);
});

test("what is not YAML is refused with its place", () => {
  expect(() => readPolicy("failOn: high\n  a: [", "plimsoll.yaml")).toThrow(/^plimsoll\.yaml:\d+:\d+: /);
});
