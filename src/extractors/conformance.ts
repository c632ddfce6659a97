import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { damaged, seededRandom } from "../../tests/setup/damaged-bytes.ts";
import { memoryFile } from "../io/bytes/memory-file.ts";
import type { FilePattern, OpenFile } from "../model/images/file.ts";
import type { Context } from "../model/plugin.ts";
import type { Problem } from "../model/reports/problem.ts";
import type { Extraction, Extractor } from "./extractor.ts";

/** One file and everything that the extractor reads from it, in order. */
export interface ExtractorCase {
  /** Where the file lies in the tree; it must match the extractor's patterns. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Permission bits; 0o644 unless given. */
  readonly mode?: number;
  readonly expected: readonly Extraction[];
}

/** The most bytes that an extractor may ask for in one read. */
const longestRead = 64 * 1024 * 1024;
/**
 * The longest that one damaged file may take, in milliseconds. A case that takes long when undamaged is too big for
 * this.
 */
const longestRun = 2_000;
const truncations = 20;
const damagedCopies = 200;
const randomFiles = 60;
const problemCodes: readonly Problem["code"][] = [
  "unreadable",
  "limit-exceeded",
  "unknown-distribution",
  "no-advisories",
  "unknown-version",
];

/**
 * The conformance suite of the {@link Extractor} interface, run for every plug-in: the cases give exactly the expected
 * output, twice; every read starts inside the file and is of a bounded length; the bytes stay as they were; truncated,
 * damaged and random bytes never throw, never take longer than two seconds and yield well-formed extractions only.
 *
 * The damage is seeded, so a failure repeats. Choose cases of a few kilobytes: each runs more than two hundred times.
 */
export function describeExtractor(extractor: Extractor, cases: readonly ExtractorCase[]): void {
  describe(`extractor ${extractor.id}`, () => {
    test("has an id, a revision, patterns and cases", () => {
      expect(extractor.id).toMatch(/^[a-z]+(\/[a-z0-9]+(-[a-z0-9]+)*)+$/);
      expect(Number.isSafeInteger(extractor.revision) && extractor.revision > 0).toBe(true);
      expect(extractor.files.length).toBeGreaterThan(0);
      expect(cases.length).toBeGreaterThan(0);
    });

    describe.each(cases.map((value, index) => ({ ...value, index })))("$path (case $index)", (value) => {
      test("matches the patterns", () => {
        expect(extractor.files.some((pattern) => matches(pattern, value))).toBe(true);
      });

      test("yields what is expected, twice, and leaves the bytes alone", () => {
        const before = sha256(value.bytes);
        const first = run(extractor, value.path, value.bytes, value.mode);
        expect(first.extractions).toEqual(value.expected);
        expect(first.faults).toEqual([]);
        expect(run(extractor, value.path, value.bytes, value.mode)).toEqual(first);
        expect(sha256(value.bytes)).toBe(before);
      });

      test(`survives truncation at ${truncations} places`, () => {
        for (let place = 0; place < truncations; place++) {
          const length = Math.floor((value.bytes.length * place) / truncations);
          expectSurvival(extractor, value, value.bytes.subarray(0, length), `cut to ${length} bytes`);
        }
      });

      test(`survives ${damagedCopies} damaged copies`, () => {
        const random = seededRandom(value.index + 1);
        for (let copy = 0; copy < damagedCopies; copy++) {
          expectSurvival(extractor, value, damaged(value.bytes, random), `damaged copy ${copy}`);
        }
      });

      test(`survives ${randomFiles} files of random bytes`, () => {
        const random = seededRandom(value.index + 1001);
        for (let index = 0; index < randomFiles; index++) {
          const bytes = Uint8Array.from({ length: Math.floor(random() * 8192) }, () => Math.floor(random() * 256));
          // With the start of a real file the noise comes past the check of the magic number.
          if (index % 2 === 1) bytes.set(value.bytes.subarray(0, Math.min(bytes.length, 16 << (index % 5))));
          expectSurvival(extractor, value, bytes, `random file ${index}`);
        }
      });
    });
  });
}

interface Outcome {
  readonly extractions: readonly Extraction[];
  readonly problems: readonly Problem[];
  /** Broken promises, one sentence each. */
  readonly faults: readonly string[];
}

/** Runs an extractor over bytes and collects its output and every promise that it broke. */
function run(extractor: Extractor, path: string, bytes: Uint8Array, mode?: number): Outcome {
  const extractions: Extraction[] = [];
  const problems: Problem[] = [];
  const faults: string[] = [];
  const context: Context = {
    signal: new AbortController().signal,
    problem: (problem) => problems.push(problem),
  };
  const deadline = performance.now() + longestRun;
  try {
    for (const extraction of extractor.extract(guardedFile(memoryFile(path, bytes, mode), faults), context)) {
      extractions.push(extraction);
      if (performance.now() > deadline) break;
    }
  } catch (error) {
    faults.push(`threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  if (performance.now() > deadline) faults.push(`took longer than ${longestRun} ms`);
  for (const extraction of extractions) {
    const fault = extractionFault(extraction);
    if (fault !== undefined) faults.push(`${fault}: ${JSON.stringify(extraction)}`);
  }
  for (const problem of problems) {
    if (!problemCodes.includes(problem.code)) faults.push(`a problem has the unknown code ${problem.code}`);
    if (problem.message.trim() === "") faults.push("a problem says nothing");
    if (problem.message.endsWith(".")) faults.push(`a message ends with a full stop: ${problem.message}`);
  }
  return { extractions, problems, faults };
}

function expectSurvival(extractor: Extractor, { path, mode }: ExtractorCase, bytes: Uint8Array, what: string): void {
  const { faults } = run(extractor, path, bytes, mode);
  if (faults.length > 0) expect.fail(`${what}: ${faults.slice(0, 5).join("\n")}`);
}

/**
 * The file, with every read checked: `faults` receives a sentence for a read that starts outside the file, is not a
 * whole number of bytes, or asks for more than 64 MiB. A read may ask for bytes past the end, as the interface says.
 */
export function guardedFile(file: OpenFile, faults: string[]): OpenFile {
  return {
    ...file,
    read: (offset, length) => {
      if (!Number.isSafeInteger(offset) || offset < 0 || offset > file.size) {
        faults.push(`read at ${offset} of a file of ${file.size} bytes`);
        return new Uint8Array();
      }
      if (!Number.isSafeInteger(length) || length < 0 || length > longestRead) {
        faults.push(`read of ${length} bytes at ${offset}`);
        return new Uint8Array();
      }
      return file.read(offset, length);
    },
  };
}

/** The fault in the form of an extraction, undefined for a valid one. */
export function extractionFault(extraction: Extraction): string | undefined {
  switch (extraction.kind) {
    case "package": {
      const {
        source,
        licenses,
        qualifiers,
        linkedPackages,
        mainModule: _flag,
        declaration,
        ...texts
      } = extraction.package;
      const { version, ...others } = texts;
      for (const [key, value] of Object.entries(others)) {
        if (!isText(value)) return `package.${key} is empty or not a text`;
      }
      if (
        !isText(texts.type) ||
        !isText(texts.name) ||
        (!isText(version) && !(texts.type === "maven" && version === ""))
      ) {
        return "the package lacks its type, name or version";
      }
      if (declaration?.line !== undefined && !(declaration.line >= 1)) return "the line is not one";
      if (declaration?.requires?.every(isText) === false) return "a required package is empty";
      if (source !== undefined && !(isText(source.name) && isText(source.version))) return "the source is incomplete";
      if (licenses !== undefined && !(licenses.length > 0 && licenses.every(isText))) return "a licence is empty";
      if (linkedPackages?.every(isText) === false) return "a linked package is empty";
      if (qualifiers !== undefined && !Object.values(qualifiers).every(isText)) return "a qualifier is empty";
      return undefined;
    }
    case "ownership": {
      if (!isText(extraction.owner.type) || !isText(extraction.owner.name)) return "the owner has no type or name";
      if (extraction.paths.length === 0) return "the owner owns nothing";
      const bad = extraction.paths.find((path) => !isText(path) || path.startsWith("/"));
      return bad === undefined ? undefined : `the path ${JSON.stringify(bad)} does not start at the root`;
    }
    case "diversion": {
      const bad = [extraction.path, extraction.to].find((path) => !isText(path) || path.startsWith("/"));
      if (bad !== undefined) return `the path ${JSON.stringify(bad)} does not start at the root`;
      return extraction.by === "" ? "the package that diverts has no name" : undefined;
    }
    case "distribution": {
      const { id, idLike, ...texts } = extraction.distribution;
      if (!isText(id) || id !== id.toLowerCase()) return "the id is empty or not in lower case";
      if (!Array.isArray(idLike) || !idLike.every(isText)) return "an ID_LIKE is empty";
      if (!isText(texts.name)) return "the distribution has no name";
      return Object.values(texts).every(isText) ? undefined : "a field is empty or not a text";
    }
    case "repositories": {
      const { repositories } = extraction;
      return repositories.length > 0 && repositories.every(isText) ? undefined : "a repository has no name";
    }
    case "completes":
      return isText(extraction.path) ? undefined : "the completed file has no path";
    case "unread":
      return isText(extraction.format.packagesOf) ? undefined : "the unread format has no name";
    default:
      return "the kind is unknown";
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function matches(pattern: FilePattern, { path, bytes }: ExtractorCase): boolean {
  if ("path" in pattern) return path === pattern.path;
  if ("basename" in pattern) return path.slice(path.lastIndexOf("/") + 1) === pattern.basename;
  if ("prefix" in pattern) return path.slice(path.lastIndexOf("/") + 1).startsWith(pattern.prefix);
  if ("suffix" in pattern) return path.endsWith(pattern.suffix) && path.includes(pattern.containing ?? "");
  if ("upTo" in pattern) return bytes.length > 0 && bytes.length <= pattern.upTo;
  if ("magic" in pattern) return pattern.magic.some((magic) => magic.every((byte, index) => bytes[index] === byte));
  const inFolder = path.slice(0, Math.max(0, path.lastIndexOf("/"))) === pattern.directory;
  return inFolder && (pattern.suffixes === undefined || pattern.suffixes.some((suffix) => path.endsWith(suffix)));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
