import { expect, test } from "vitest";
import { whiteoutOf } from "./whiteout-of.ts";

test.each([
  ["a", undefined],
  ["a/b.wh.c", undefined],
  [".wh/a", undefined],
  [".wh.a/b", undefined],
  [".wh.a", { kind: "removal", path: "a" }],
  ["a/.wh.b", { kind: "removal", path: "a/b" }],
  ["a/.wh....", { kind: "removal", path: "a/..." }],
  [".wh..wh..opq", { kind: "opaque", folder: "" }],
  ["a/b/.wh..wh..opq", { kind: "opaque", folder: "a/b" }],
  [".wh.", { kind: "nothing" }],
  ["a/.wh..", { kind: "nothing" }],
  ["a/.wh...", { kind: "nothing" }],
  ["a/.wh..wh.plnk", { kind: "nothing" }],
  ["a/.wh..wh.", { kind: "nothing" }],
])("%s is %o", (path, expected) => {
  expect(whiteoutOf(path)).toEqual(expected);
});
