import { expect, test } from "vitest";
import { isCalendarDate } from "./calendar-date.ts";

test.each(["2024-02-29", "2024-12-31", "0001-01-01"])("%s is a day", (text) => {
  expect(isCalendarDate(text)).toBe(true);
});

test.each([
  "2024-99-99",
  "2024-00-10",
  "2023-02-29",
  "2024-02-30",
  "2024-6-10",
  "2024-06-10T00:00:00Z",
  "",
  20240610,
  null,
])("%j is none", (value) => {
  expect(isCalendarDate(value)).toBe(false);
});
