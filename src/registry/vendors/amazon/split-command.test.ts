import { expect, test } from "vitest";
import { splitCommand } from "./split-command.ts";

// What Python's shlex.split gives.
test.each([
  ["/opt/bin/helper --user ada", ["/opt/bin/helper", "--user", "ada"]],
  ['"/opt/my tools/helper"  \'a b\'\t""', ["/opt/my tools/helper", "a b", ""]],
  ['a\\ b "c\\"d\\n\\\\" \'e\\f\'', ["a b", 'c"d\\n\\', "e\\f"]],
  ["x'y'\"z\"", ["xyz"]],
  ["a $(id) `id` ; id | id > x", ["a", "$(id)", "`id`", ";", "id", "|", "id", ">", "x"]],
  ["  ", []],
])("%j is split without a shell", (text, words) => {
  expect(splitCommand(text)).toEqual(words);
});

test.each(["a 'b", 'a "b', "a \\"])("%j is not a command line", (text) => {
  expect(splitCommand(text)).toBeUndefined();
});
