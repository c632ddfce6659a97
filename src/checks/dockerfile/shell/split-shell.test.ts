import { expect, test } from "vitest";
import { splitShell } from "./split-shell.ts";

function words(script: string): string[] {
  return splitShell(script).commands.map(({ operator, words: all }) => `${operator} ${all.join("|")}`.trim());
}

test("operators, quotes, comments and reserved words divide commands", () => {
  expect(words("a 'b c' && d\\ e || f; if g; then h; fi & i # && j")).toEqual([
    "a|b c",
    "&& d e",
    "|| f",
    "; g",
    "; h",
    "& i",
  ]);
});

test("loops and cases give the commands in them", () => {
  expect(words('for x in a b; do c "$x"; done')).toEqual(["; c|$x"]);
  expect(words('case "$a" in x|y) b ;; *) c ;; esac')).toEqual(expect.arrayContaining(["; b", "; c"]));
});

test("assignments and redirections are no words", () => {
  expect(splitShell("A=1 B='x y' c 2>&1 > out <<EOF").commands).toMatchObject([
    {
      words: ["c"],
      assignments: [
        { name: "A", value: "1" },
        { name: "B", value: "x y" },
      ],
      redirections: ["2>&1", ">out", "<<EOF"],
    },
  ]);
});

test("a pipe tells what a command reads, also through a group", () => {
  const { commands } = splitShell("(a; b) | c | d");
  expect(commands.map(({ pipedFrom }) => pipedFrom?.words[0])).toEqual([undefined, undefined, "b", "c"]);
});

test("commands of substitutions know the command they are within", () => {
  const { commands } = splitShell('a "$(b `c`)" <(d) $((1+2))');
  expect(commands.map(({ words: [first], within }) => [first, within?.words[0]])).toEqual([
    ["a", undefined],
    ["b", "a"],
    ["c", "b"],
    ["d", "a"],
  ]);
});

test.each([
  ["a 'b", "a single quote is not closed"],
  ['a "b', "a double quote is not closed"],
  ["a $(b", "a substitution has no closing )"],
  ["$(".repeat(100_000), "commands are nested too deeply"],
  ["a;".repeat(100_000), "more than 20000 commands"],
  ["`".repeat(999), "a substitution has no closing `"],
])("a script that cannot be read to its end says why: %#", (script, error) => {
  expect(splitShell(script).error).toBe(error);
});
