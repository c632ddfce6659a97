import { expect, test } from "vitest";
import { mutationAreas } from "../tools/development/mutations/areas.ts";
import { mutationsOf, withMutation } from "../tools/development/mutations/mutate-source.ts";
import { sourceFiles } from "./setup/source-files.ts";

const mutated = (source: string): string[] => mutationsOf(source).map((mutation) => withMutation(source, mutation));

test("a fault is one change of what the program does", () => {
  expect(mutated("const a: number = b < 2 && !c;")).toEqual([
    "const a: number = b <= 2 && !c;",
    "const a: number = b < 3 && !c;",
    "const a: number = b < 2 || !c;",
    "const a: number = b < 2 && c;",
  ]);
  expect(mutated('if (list.every(isGood)) stop("text");')).toEqual([
    'if (true) stop("text");',
    'if (false) stop("text");',
    'if (list.some(isGood)) stop("text");',
    "if (list.every(isGood)) ;",
  ]);
});

test("types, imports and texts for people have no fault", () => {
  expect(
    mutated(
      'import { a } from "a";\ntype B = "x" | 1;\nexport const c = (text: B): string => print(text, "is not here");',
    ),
  ).toEqual([]);
});

test("each area of mutations has sources with faults", () => {
  for (const { folder } of Object.values(mutationAreas)) {
    const faults = sourceFiles()
      .filter(({ path }) => `src/${path}`.startsWith(`${folder}/`))
      .flatMap(({ text }) => mutationsOf(text));
    expect(faults.length, folder).toBeGreaterThan(100);
  }
});

test("methods that every object has are left alone", () => {
  expect(mutated("b = a.constructor() ? a.toString() : c;").filter((text) => text.includes("native code"))).toEqual([]);
});
