import { expect, test } from "vitest";
import { isKnownTime } from "../model/findings/known-time.ts";
import { recordTime } from "./record-time.ts";

test.each([
  ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"],
  ["2024-01-02T03:04:05.123456Z", "2024-01-02T03:04:05.123456Z"],
  ["2024-01-02T03:04:05+00:00", "2024-01-02T03:04:05Z"],
  ["2024-01-01T00:30:00.25+02:00", "2023-12-31T22:30:00.250Z"],
  ["2024-01-02T03:04:05", undefined],
  ["2024-13-02T03:04:05+00:00", undefined],
  ["9999-12-31T23:59:59-01:00", undefined],
  ["yesterday", undefined],
])("the time %s is %s", (text, time) => {
  expect(recordTime(text)).toBe(time);
});

test.each([
  ["2024-01-02T03:04:05Z", true],
  ["1970-01-01T00:00:00Z", false],
  ["0001-01-01T00:00:00Z", false],
  ["", false],
])("that a publisher gave the time %j: %s", (text, known) => {
  expect(isKnownTime(text)).toBe(known);
});
