import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { contentManifest } from "./content-manifest.ts";

const path = "root/buildinfo/content_manifests/ubi9-container-9.4-1.json";

function bytes(document: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document));
}

function read(content: Uint8Array): { extractions: Extraction[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  return { extractions: [...contentManifest.extract(memoryFile(path, content), context)], problems };
}

describeExtractor(contentManifest, [
  {
    path,
    bytes: bytes({ metadata: { icm_version: 1 }, content_sets: ["b-rpms", "a-rpms", "b-rpms"], image_contents: [] }),
    expected: [{ kind: "repositories", repositories: ["a-rpms", "b-rpms"] }],
  },
  {
    path: "usr/share/buildinfo/content-sets.json",
    bytes: bytes({ from_dnf_hint: true, content_sets: ["rhel-9-for-x86_64-baseos-rpms"] }),
    expected: [{ kind: "repositories", repositories: ["rhel-9-for-x86_64-baseos-rpms"] }],
  },
  { path: "usr/share/buildinfo/labels.json", bytes: bytes({ name: "ubi9" }), expected: [] },
]);

test("what is not a name of a repository is a problem beside those that are", () => {
  const { extractions, problems } = read(bytes({ content_sets: ["", 1, null, "a b", "a-rpms"] }));
  expect(extractions).toEqual([{ kind: "repositories", repositories: ["a-rpms"] }]);
  const message = `4 content sets in ${path} are not repository names`;
  expect(problems).toEqual([{ code: "unreadable", message, path }]);
});

test.each([
  ["a text in place of the content sets", { content_sets: "a-rpms" }],
  ["a number in place of the content sets", { content_sets: 5 }],
  ["a list in place of the object", ["a-rpms"]],
  ["a null in place of the object", null],
])("%s is a problem", (_, document) => {
  const { extractions, problems } = read(bytes(document));
  expect(extractions).toEqual([]);
  expect(problems).toEqual([expect.objectContaining({ code: "unreadable", path })]);
});

test("content sets that are null, as an empty list may be written, are none", () => {
  expect(read(bytes({ content_sets: null }))).toEqual({ extractions: [], problems: [] });
});

test("more content sets than a build has are a problem", () => {
  const sets = Array.from({ length: 1001 }, (_, index) => `r${index}`);
  const { extractions, problems } = read(bytes({ content_sets: sets }));
  expect(extractions).toMatchObject([{ repositories: expect.objectContaining({ length: 1000 }) }]);
  expect(problems).toEqual([expect.objectContaining({ code: "limit-exceeded", path })]);
});

test("a file that is not JSON is a problem", () => {
  expect(read(new TextEncoder().encode("{")).problems).toEqual([expect.objectContaining({ code: "unreadable", path })]);
});
