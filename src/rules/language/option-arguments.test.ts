import { expect, test } from "vitest";
import { optionArgument, optionArguments } from "./option-arguments.ts";

test.each([
  [["-lpe", "/bin/sh"], "lpe:", ["l", "p", "e", "/bin/sh"]],
  [["-t", "-x"], "t:", ["t", "-x"]],
  [["-x", "-n"], "n", ["?", "n"]],
  [["-t"], "t:", [""]],
  [["--long", "-n", "word", "-n"], "n", ["n"]],
  [["-n", "--", "-n"], "n", ["n"]],
  [["-"], "n", []],
])("the options of %j by %j are %j", (words, description, options) => {
  expect(optionArguments(words, description)).toEqual(options);
});

test("one option has its last value, its letter when it takes none, and none when it is not there", () => {
  expect(optionArgument(["-t", "a", "-tb"], "t:", "t")).toBe("b");
  expect(optionArgument(["-n"], "n", "n")).toBe("n");
  expect(optionArgument(["-t"], "t:", "t")).toBe("");
  expect(optionArgument(["-n"], "nt:", "t")).toBeUndefined();
});
