import { expect, test } from "vitest";
import { oneLine } from "./one-line.ts";

test("anything becomes one short harmless line", () => {
  expect(oneLine("\u001b]0;title\u0007 a\r\n\u2028b ")).toBe("]0;title a b");
  expect(oneLine("x".repeat(100_000)).length).toBeLessThanOrEqual(301);
});
