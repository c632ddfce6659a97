import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { applySplices, editReference } from "./edits/edit-reference.ts";
import { fileKind } from "./references/file-kind.ts";
import { findReferences } from "./references/find-references.ts";
import type { ImageReference } from "./references/image-reference.ts";
import { sourceText } from "./references/placed-text.ts";

interface ExpectedReference {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly byte_column: number;
  readonly text: string;
  readonly repository: string | null;
  readonly tag: string | null;
  readonly digest: string | null;
  readonly unresolved?: boolean;
}

interface Bump {
  readonly ref: string;
  readonly to_tag: string | null;
  readonly to_digest: string | null;
  readonly output?: string;
  readonly other_files?: Readonly<Record<string, string>>;
}

interface Case {
  readonly id: string;
  readonly file: string;
  readonly input: string;
  readonly references: readonly ExpectedReference[];
  readonly bumps: readonly Bump[];
  readonly beside?: Readonly<Record<string, string>>;
}

const corpus = new URL("../../../shared/corpus/platform/update/own-cases.jsonl", import.meta.url);
const cases = readFileSync(corpus, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line): Case => JSON.parse(line));

test("the corpus is there", () => {
  expect(cases.length).toBeGreaterThan(30);
});

test.each(cases.map((entry) => [entry.id, entry] as const))("%s: references", (_, entry) => {
  expect(
    referencesOf(entry).map(({ start, end, line, column, text, repository, tag, digest, unresolved }) => ({
      start,
      end,
      line,
      byte_column: column,
      text,
      ...(unresolved.length > 0 ? { unresolved: true } : { repository, tag: tag ?? null, digest: digest ?? null }),
    })),
  ).toEqual(
    entry.references.map(({ start, end, line, byte_column, text, repository, tag, digest, unresolved }) => ({
      start,
      end,
      line,
      byte_column,
      text,
      ...(unresolved === true ? { unresolved } : { repository, tag, digest }),
    })),
  );
});

const bumps = cases.flatMap((entry) => entry.bumps.map((bump) => [entry.id, bump.ref, entry, bump] as const));

test.each(bumps)("%s: bump of %s", (_, ref, entry, bump) => {
  const start = entry.references.find(({ id }) => id === ref)?.start;
  const reference = referencesOf(entry).find((found) => found.start === start);
  if (!reference) throw new Error("the reference was not found");
  const edit = editReference(reference, {
    ...(bump.to_tag !== null && { tag: bump.to_tag }),
    ...(bump.to_digest !== null && { digest: bump.to_digest }),
  });
  if ("refused" in edit) throw new Error(edit.refused);
  for (const [name, before] of Object.entries({ [entry.file]: entry.input, ...entry.beside })) {
    const after = applySplices(
      Buffer.from(before),
      edit.splices.filter(({ file }) => file === name),
    );
    const changed = name === entry.file ? bump.output : undefined;
    const expected = bump.other_files?.[name] ?? changed ?? before;
    expect(after.toString()).toBe(expected);
  }
});

function referencesOf({ file, input, beside }: Case): readonly ImageReference[] {
  const found = findReferences(sourceText(file, Buffer.from(input)), fileKind(file) ?? "yaml", (name) => {
    const text = beside?.[name];
    return text === undefined ? undefined : sourceText(name, Buffer.from(text));
  });
  if ("error" in found) throw new Error(found.error);
  return found.references;
}
