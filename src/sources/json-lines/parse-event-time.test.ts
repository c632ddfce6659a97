import { expect, test } from "vitest";
import { parseEventTime } from "./parse-event-time.ts";

test("a time in RFC 3339 is nanoseconds since 1970", () => {
  expect(parseEventTime("1970-01-01T00:00:00Z")).toBe(0n);
  expect(parseEventTime("2018-10-25T14:09:12.581541Z")).toBe(1540476552581541000n);
  expect(parseEventTime("2016-08-04T16:17:57.881781397+0000")).toBe(1470327477881781397n);
  expect(parseEventTime("2016-08-04T18:17:57.8817813979+02:00")).toBe(1470327477881781397n);
  expect(parseEventTime("2016-08-04T15:47:57.881781397-00:30")).toBe(1470327477881781397n);
  expect(parseEventTime("2016-12-31T23:59:60Z")).toBe(1483228800000000000n);
});

test("what is no such time is undefined", () => {
  const wrong = [
    undefined,
    12,
    "",
    "2018-10-25",
    "2018-10-25T14:09:12",
    "2018-02-30T00:00:00Z",
    "2018-13-01T00:00:00Z",
    "2018-01-01T24:00:00Z",
    "1969-12-31T23:59:59Z",
    `2018-10-25T14:09:12.${"1".repeat(100)}Z`,
  ];
  for (const text of wrong) expect(parseEventTime(text)).toBeUndefined();
});
