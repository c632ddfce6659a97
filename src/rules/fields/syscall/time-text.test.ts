import { expect, test } from "vitest";
import { isoTime, localDate, localDateTime, timeOfDay } from "./time-text.ts";

const time = 1_785_542_399_000_000_001n;

test("a time of day has nine digits of its second, or none", () => {
  expect(timeOfDay(time, "UTC", true)).toBe("23:59:59.000000001");
  expect(timeOfDay(time, "UTC", false)).toBe("23:59:59");
});

test("dates and times of day are those of the zone, with its summer time", () => {
  expect(localDateTime(time, "Europe/Berlin")).toBe("2026-08-01 01:59:59.000000001");
  expect(localDate(time, "America/New_York")).toBe("2026-07-31");
  expect(timeOfDay(time, "Asia/Kolkata", false)).toBe("05:29:59");
});

test("the time of ISO 8601 is in UTC with its offset", () => {
  expect(isoTime(time)).toBe("2026-07-31T23:59:59.000000001+0000");
  expect(isoTime(0n)).toBe("1970-01-01T00:00:00.000000000+0000");
});

test("the last moment of 64 bits is a time as well", () => {
  expect(localDateTime(0xffff_ffff_ffff_ffffn, "UTC")).toBe("2554-07-21 23:34:33.709551615");
});
