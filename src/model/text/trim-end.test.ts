import { expect, test } from "vitest";
import { trimEnd } from "./trim-end.ts";

test("takes these characters from the end, in any order, and no others", () => {
  expect(trimEnd("a/b//", "/")).toBe("a/b");
  expect(trimEnd(" a \n\t", " \t\n")).toBe(" a");
  expect(trimEnd("///", "/")).toBe("");
  expect(trimEnd("", "/")).toBe("");
  expect(trimEnd("a.b", "")).toBe("a.b");
});

test("long runs before another character take no time", () => {
  const run = `${" ".repeat(200_000)}x`;
  const started = performance.now();
  for (let time = 0; time < 100; time++) expect(trimEnd(run, " ")).toBe(run);
  expect(trimEnd(" ".repeat(200_000), " ")).toBe("");
  expect(performance.now() - started).toBeLessThan(1000);
});
