import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

test("the nearest name is the candidate with the fewest different letters", () => {
  const fields = ["evt.time", "evt.type", "evt.args", "fd.name"];
  expect(nearestName("evt.typ", fields)).toBe("evt.type");
  expect(nearestName("fd.nme", fields)).toBe("fd.name");
  expect(nearestName("evt.type", fields)).toBe("evt.type");
});

test("a name without a near candidate has no nearest name", () => {
  expect(nearestName("proc.nobody", ["evt.time"])).toBeUndefined();
  expect(nearestName("ab", ["cd"])).toBeUndefined();
  expect(nearestName("x".repeat(100), ["x".repeat(100)])).toBeUndefined();
});
