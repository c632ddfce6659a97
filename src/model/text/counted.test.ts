import { expect, test } from "vitest";
import { counted } from "./counted.ts";

test.each([
  [counted(1, "package"), "1 package"],
  [counted(0, "package"), "0 packages"],
  [counted(1_200, "vulnerability", "vulnerabilities"), "1,200 vulnerabilities"],
])("a number with its noun is written %s", (text, expected) => {
  expect(text).toBe(expected);
});
