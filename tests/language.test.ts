import { expect, test } from "vitest";
import { findPhrases, limitsFile, phrasePattern, readPhraseLimits } from "./setup/phrase-counts.ts";
import { sourceTexts } from "./setup/source-texts.ts";

test("phrases that are not plain English become fewer and never more", () => {
  const limits = readPhraseLimits();
  const found = findPhrases(Object.keys(limits));
  const wrong: string[] = [];
  for (const [phrase, limit] of Object.entries(limits)) {
    for (const kind of ["source", "docs"] as const) {
      const places = found.get(phrase)?.[kind] ?? [];
      if (places.length > limit[kind]) {
        const shown = places.length > 20 ? "run tools/development/phrases.ts to list them" : places.join(", ");
        wrong.push(`"${phrase}" occurs ${places.length} times in ${kind}, limit ${limit[kind]}: ${shown}`);
      } else if (places.length < limit[kind]) {
        wrong.push(`"${phrase}" occurs ${places.length} times in ${kind}: lower the limit in ${limitsFile}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("comments and strings are found, over line breaks and in templates", () => {
  const source = [
    "/**",
    " * The caller is",
    " * told.",
    " */",
    "// One",
    "// comment.",
    'const a = "is no b"; // after',
    "const c = `x $" + "{d ? `inner $" + "{e}` : 'single'} y\\nz`;",
    'const f = /[`"]+/.test(g) && h;',
    'const i = "last";',
  ];
  expect(sourceTexts(source.join("\n")).map(({ kind, text, line }) => [kind, text, line])).toEqual([
    ["comment", "The caller is told.", 1],
    ["comment", "One comment.", 5],
    ["string", "is no b", 7],
    ["comment", "after", 7],
    ["string", "inner …", 8],
    ["string", "single", 8],
    ["string", "x … y z", 8],
    ["string", "last", 10],
  ]);
});

test.each([
  ["is told", "The caller Is told why", 1],
  ["is told", "this toldness is tolder", 0],
  ["Of the …,", "Of the files, some. Of the rest one; of the last, two. All of the files, in order.", 1],
  ["what is … is", "skips what is above it is", 1],
])("the phrase %j is found in %j", (phrase, text, count) => {
  expect(Array.from(text.matchAll(phrasePattern(phrase)))).toHaveLength(count);
});
