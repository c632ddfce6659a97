import { expect, test } from "vitest";
import { sourceFiles } from "./setup/source-files.ts";

/** Characters of a text; a quadratic expression takes some 100 million steps on it, a linear one some 10,000. */
const length = 12_000;
/** Milliseconds; a linear expression takes less than one. */
const patience = 20;
/** Runs of these, and of what is written in the expression itself, are tried. */
const usualCharacters = [" ", "\t", "\n", "\0", "a", "Z", "1", "-", ".", "/"];
const endings = ["", "\x01", "\n!", "Z"];
const mostPairs = 30;

/** What gets texts that are bounded so that no run in them is long. */
const ofShortTexts: ReadonlySet<string> = new Set([
  // At most 256 characters before a value.
  "rules/loading/read-yaml.ts: /(?:[&!][^\\s,[\\]{}]*[ \\t]+){1,2}$/",
]);

test("every regular expression that is written as a literal is linear in the length of the text", {
  timeout: 300_000,
}, () => {
  const found = sourceFiles().flatMap(({ path, text }) => expressionsIn(text).map((literal) => ({ path, literal })));
  expect(found.length).toBeGreaterThan(600);
  const names = new Set(found.map(nameOf));
  expect([...ofShortTexts].filter((name) => !names.has(name))).toEqual([]);

  const tried = new Map(found.filter((one) => !ofShortTexts.has(nameOf(one))).map((one) => [one.literal, one]));
  const slow = [...tried.values()].flatMap((one) => {
    const text = slowText(one.literal);
    return text === undefined ? [] : [`${nameOf(one)} on a run of ${text}`];
  });
  expect(slow).toEqual([]);
});

test("a literal is seen wherever one can be written", () => {
  const code = [
    "const isWord = (text) => /^a+$/.test(text);",
    "const all = [.../b+/g.exec(text)];",
    "switch (true) { case /c+/.test(text): return /d+/; }",
    "const half = length / 2 + width / 2;",
    "// see /e+/",
  ];
  expect(expressionsIn(code.join("\n"))).toEqual(["/^a+$/", "/b+/g", "/c+/", "/d+/"]);
});

test("the trial itself notices what is not linear", () => {
  for (const literal of ["/^x+|x+$/g", "/\\s*#.*$/s"]) {
    expect([literal, slowText(literal)]).toEqual([literal, expect.any(String)]);
  }
  for (const literal of ["/x$/", "/#.*/s", "/^[a-z]+:/", "/\\s+/g"]) expect(slowText(literal)).toBeUndefined();
});

function nameOf({ path, literal }: { readonly path: string; readonly literal: string }): string {
  return `${path}: ${literal}`;
}

/** The literals of regular expressions in a file that repeat something; those made of texts are not seen. */
function expressionsIn(text: string): readonly string[] {
  const code = text.replace(/^ *(?:\/\*\*|\*|\/\/).*$/gm, "");
  const literals =
    /(?<=(?:[(,=:[!&|?{};+]|=>|\.\.\.)\s*|(?:return|case) )\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/[dgimsuvy]*(?=[\s.,;)\]}:?])/g;
  return Array.from(code.matchAll(literals), ([literal]) => literal).filter((literal) => /[+*]|,\}/.test(literal));
}

/** What a text is made of on which the expression takes long; undefined when there is none among those tried. */
function slowText(literal: string): string | undefined {
  const [, source = "", flags] = /^\/(.*)\/([a-z]*)$/.exec(literal) ?? [];
  const expression = new RegExp(source, flags);
  const plain = source.replace(/\\[A-Za-z]/g, "").replace(/[\\()[\]^$?+*|{}]/g, "");
  const characters = [
    ...new Set([...usualCharacters, ...plain, ...Array.from(source.matchAll(/\\(\W)/g), ([, own = ""]) => own)]),
  ];
  const pairs = characters.flatMap((one) => characters.map((other) => one + other)).slice(-mostPairs);
  // Where one of several begins at the text's begin, it hides the others there.
  const beginnings = /\^.*\|/.test(source) ? ["", "q"] : [""];
  for (const run of [...characters, ...pairs]) {
    for (const [beginning, ending] of beginnings.flatMap((one) => endings.map((other) => [one, other] as const))) {
      const textOf = (size: number): string => beginning + run.repeat(size / run.length) + ending;
      if (timeOf(expression, textOf(length)) < patience) continue;
      // Of a quarter a linear expression takes a quarter of the time, a quadratic one a sixteenth.
      const best = bestTimeOf(expression, textOf(length));
      if (best > patience && best > 8 * bestTimeOf(expression, textOf(length / 4))) {
        return JSON.stringify(run + ending);
      }
    }
  }
  return undefined;
}

/** Milliseconds; the least of some trials, since the first ones also compile. */
function bestTimeOf(expression: RegExp, text: string): number {
  return Math.min(...[1, 2, 3].map(() => timeOf(expression, text)));
}

/** Milliseconds of this thread's work: a thread that must wait for a processor takes no longer. */
function timeOf(expression: RegExp, text: string): number {
  const started = process.threadCpuUsage();
  expression.lastIndex = 0;
  if (expression.global) text.replace(expression, "");
  else expression.exec(text);
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1000;
}
