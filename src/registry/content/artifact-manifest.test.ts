import { expect, test } from "vitest";
import { artifactManifest } from "./artifact-manifest.ts";
import { blobOf, piecesOf } from "./blob-source.ts";

const subject = {
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  digest: `sha256:${"1".repeat(64)}`,
  size: 7,
};

test("the same artifact gives the same bytes, in whatever order its annotations come", () => {
  const layer = { mediaType: "application/spdx+json", blob: blobOf(Buffer.from("{}")) };
  const one = artifactManifest({ artifactType: "a/b", layers: [layer], annotations: { a: "1", b: "2" }, subject });
  const other = artifactManifest({ subject, annotations: { b: "2", a: "1" }, layers: [layer], artifactType: "a/b" });
  expect(one.bytes).toEqual(other.bytes);
  expect(JSON.parse(one.bytes.toString())).toMatchObject({
    artifactType: "a/b",
    subject,
    annotations: { a: "1", b: "2" },
  });
});

test("an artifact of nothing has the empty object as its config and its layer, pushed once", () => {
  const { bytes, blobs } = artifactManifest({ artifactType: "a/b", layers: [] });
  const { config, layers } = JSON.parse(bytes.toString()) as { config: object; layers: object[] };
  expect(config).toMatchObject({ mediaType: "application/vnd.oci.empty.v1+json", size: 2 });
  expect(layers).toEqual([config]);
  expect(blobs).toHaveLength(1);
});

test("a source is cut into pieces of one size, whatever comes at once and however it is used again", async () => {
  const shared = Buffer.alloc(3);
  const source = {
    ...blobOf(Buffer.from("aaabbbcc")),
    async *open() {
      for (const text of ["aaa", "bbb", "cc"]) yield shared.fill(text).subarray(0, text.length);
    },
  };
  const pieces: string[] = [];
  for await (const piece of piecesOf(source, 4)) pieces.push(piece.toString());
  expect(pieces).toEqual(["aaab", "bbcc"]);
  const whole: string[] = [];
  for await (const piece of piecesOf(blobOf(Buffer.from("12345")), 2)) whole.push(piece.toString());
  expect(whole).toEqual(["12", "34", "5"]);
});
