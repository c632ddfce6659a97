import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fileKind } from "../references/file-kind.ts";
import { findReferences } from "../references/find-references.ts";
import type { ImageReference } from "../references/image-reference.ts";
import { sourceText } from "../references/placed-text.ts";
import { applySplices, editReference, type Splice } from "./edit-reference.ts";

interface Case {
  readonly id: string;
  readonly file: string;
  readonly input: string;
}

const folder = new URL("../../../../shared/corpus/platform/update/", import.meta.url);
const cases = ["own-cases.jsonl", "upstream-cases.jsonl"].flatMap((name) =>
  readFileSync(new URL(name, folder), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Case => JSON.parse(line)),
);

const tags = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
const digests = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);
// Lines that change where everything is, and must stay as they are.
const surroundings = fc.constantFrom("", "# ünïcode 🙂\n", "\r\n", "# a\r\n# b\n", "\n\n");

test("an edit changes only its bytes, twice is once, and the reverse gives the original", () => {
  let edited = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...cases),
      fc.record({ tag: tags, digest: digests, before: surroundings, after: surroundings, hasMark: fc.boolean() }),
      fc.nat(),
      ({ file, input }, { tag, digest, before, after, hasMark }, choice) => {
        // JSON has no comments.
        const around = file.endsWith(".json") ? ["", ""] : [before, after];
        const text = input.replace(/^\uFEFF/, "");
        const bytes = Buffer.from(`${hasMark ? "\uFEFF" : ""}${around[0]}${text}${around[1]}`);
        const references = referencesOf(file, bytes);
        const reference = references[choice % Math.max(references.length, 1)];
        const edit = reference && editReference(reference, { tag, digest });
        if (!reference || !edit || "refused" in edit) return;
        edited += 1;
        const result = applySplices(bytes, edit.splices);
        expect(reverse(result, bytes, edit.splices)).toEqual(bytes);
        const found = referencesOf(file, result);
        expect(found).toHaveLength(references.length);
        for (const [index, one] of found.entries()) {
          const old = references[index];
          if (old?.start === reference.start) {
            expect([one.repository, one.tag]).toEqual([reference.repository, tag]);
            const again = editReference(one, { tag, ...(one.digest !== undefined && { digest }) });
            expect(again).toEqual({ splices: [] });
          } else if (old && !sharesBytes(old, edit.splices)) {
            expect([one.repository, one.tag, one.digest]).toEqual([old.repository, old.tag, old.digest]);
          }
        }
      },
    ),
    { numRuns: 1500 },
  );
  expect(edited).toBeGreaterThan(500);
});

function referencesOf(file: string, bytes: Buffer): readonly ImageReference[] {
  const found = findReferences(sourceText(file, bytes), fileKind(file) ?? "yaml", () => undefined);
  return "error" in found ? [] : found.references;
}

/** Undoes splices; fails when a byte outside of them changed. */
function reverse(result: Buffer, original: Buffer, splices: readonly Splice[]): Buffer {
  let moved = 0;
  const back = [...splices]
    .sort((a, b) => a.start - b.start)
    .map(({ file, start, end, replacement }) => {
      const from = start + moved;
      moved += replacement.length - (end - start);
      const old = original.subarray(start, end).toString("latin1");
      return { file, start: from, end: from + replacement.length, replacement: old };
    });
  return applySplices(result, back);
}

function sharesBytes({ tagPart, digestPart, pinAt }: ImageReference, splices: readonly Splice[]): boolean {
  return [tagPart?.span, digestPart?.span, pinAt].some(
    (span) => span && splices.some(({ start, end }) => span.start <= end && start <= span.end),
  );
}
