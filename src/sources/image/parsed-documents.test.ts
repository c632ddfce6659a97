import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { dockerLayout, type ImageSpec, layoutTar } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { configMembers, ociMembers } from "../../io/documents/ambiguous-document.ts";
import { FolderLayout, withOwnBudget } from "./layout-files.ts";
import { openArchive } from "./open-archive.ts";
import { ParsedDocuments } from "./parsed-documents.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();

afterEach(() => vi.restoreAllMocks());

const image = (name: string, architecture = "amd64"): ImageSpec => ({
  tags: [`${name}:1`],
  architecture,
  layers: [{ members: [{ name, content: name }] }],
});

test.each([{}, { reference: "a:1" }, { platform: "linux/arm64" }, { platform: "linux/amd64", verifyDigests: true }])(
  "each document of an archive is parsed once, however many lists lead to it (%j)",
  async (options) => {
    const path = join(folder, "archive.tar");
    writeFileSync(path, layoutTar(dockerLayout([image("a"), image("b"), image("c", "arm64")])));
    const parse = vi.spyOn(JSON, "parse");
    using opened = (await openArchive(path, { verifyDigests: false, signal, ...options })).image;
    const texts = parse.mock.calls.map(([text]) => text);
    expect(texts.length).toBeGreaterThan(4);
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
    expect(opened.layers).toHaveLength(1);
  },
);

test("a document is looked at again as one of another kind, after an error, and once all are forgotten", () => {
  const parsed = new ParsedDocuments();
  const bytes = Buffer.from("{}");
  let count = 0;
  const parse = (): number => ++count;
  const fail = (): never => {
    throw new Error("damaged");
  };
  expect(() => parsed.get(bytes, { members: ociMembers, parse: fail })).toThrow("damaged");
  expect(parsed.get(bytes, { members: ociMembers, parse })).toBe(1);
  expect(parsed.get(Buffer.from("{}"), { members: ociMembers, parse })).toBe(1);
  expect(parsed.get(bytes, { members: configMembers, parse })).toBe(2);
  parsed.forget();
  expect(parsed.get(bytes, { members: ociMembers, parse })).toBe(3);
});

test("all comparisons of a layout share one budget, which is not that of the image", () => {
  using files = new FolderLayout(folder);
  const view = withOwnBudget(files);
  expect([withOwnBudget(files) === view, withOwnBudget(view) === view]).toEqual([true, true]);
  view.documentBytes = 5;
  expect(files.documentBytes).toBe(0);
});
