import { expect, test } from "vitest";
import { remember } from "./remember.ts";

test("a text is read once, also when many others were read since", () => {
  const read: string[] = [];
  const length = remember((text) => {
    read.push(text);
    return text.length;
  });
  expect([length("1.0"), length("1.0"), length("2.0.0")]).toEqual([3, 3, 5]);
  expect(read).toEqual(["1.0", "2.0.0"]);
  for (let index = 0; index < 20_000; index++) length(`${index}-${index}`);
  expect(length("1.0")).toBe(3);
});

test("texts of unusual length and those that cannot be read are read again", () => {
  let reads = 0;
  const nothing = remember((): undefined => {
    reads++;
    return undefined;
  });
  nothing("x");
  nothing("x");
  expect(reads).toBe(2);
  const long = remember(() => ++reads);
  long("x".repeat(500));
  expect(long("x".repeat(500))).toBe(4);
});
