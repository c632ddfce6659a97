import { expect, test } from "vitest";
import { documents, read } from "./setup/documents.ts";
import { sourceFiles } from "./setup/source-files.ts";

const widest = 120;

test("no line of text in a document is over 120 characters", () => {
  const wide: string[] = [];
  let seen = 0;
  for (const document of documents) {
    const text = read(document).replace(/^ *```[\s\S]*?^ *```$/gm, (code) => code.replace(/.+/g, ""));
    for (const [index, line] of text.split("\n").entries()) {
      if (line.startsWith("|")) continue;
      seen++;
      if (line.length > widest) wide.push(`${document}:${index + 1}`);
    }
  }
  expect(wide).toEqual([]);
  expect(seen).toBeGreaterThan(2000);
});

test("no line of a comment in the source is over 120 characters", () => {
  const wide: string[] = [];
  let seen = 0;
  for (const { path, text } of sourceFiles()) {
    for (const [index, line] of text.split("\n").entries()) {
      if (!/^\s*(?:\/\/|\/?\*)/.test(line)) continue;
      seen++;
      if (line.length > widest) wide.push(`${path}:${index + 1}`);
    }
  }
  expect(wide).toEqual([]);
  expect(seen).toBeGreaterThan(3000);
});
