import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type LayoutContent, layoutTar, legacyDockerLayout, ociLayout, sha256, writeLayout } from "../setup/image.ts";
import { everyFile, takeStock } from "../setup/take-stock.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";

// Go's encoding/json takes members that differ in case for one, and the last of two: of such lists and manifests Docker
// 20.10, Podman 4.3 and containerd 1.6 run the second image, where the first is harmless.

const folder = temporaryFolder();
let count = 0;

const clean = { tags: ["app:1"], layers: [{ members: [{ name: "clean", content: "x" }] }] };
const evil = { tags: ["app:1"], layers: [{ members: [{ name: "evil", content: "x" }] }] };

const documentOf = (files: LayoutContent, path: string) => JSON.parse(Buffer.from(files[path] ?? "").toString());
const pathOf = (digest: string): string => `blobs/sha256/${digest.slice(7)}`;

/** A JSON object of pairs, of which several may have one name. */
function written(pairs: readonly (readonly [string, unknown])[]): string {
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
}

/** An OCI layout of both, with `index.json` and what it names as this text, unless that is given. */
function layoutOf({ index, manifest, config }: { index?: string; manifest?: string; config?: string }): LayoutContent {
  const files: Record<string, Uint8Array> = { ...ociLayout([clean, evil]) };
  const put = (text: string): { digest: string; size: number } => {
    const bytes = Buffer.from(text);
    files[pathOf(sha256(bytes))] = bytes;
    return { digest: sha256(bytes), size: bytes.length };
  };
  const [entry] = documentOf(files, "index.json").manifests;
  const own = documentOf(files, pathOf(entry.digest));
  const changed =
    config === undefined ? manifest : JSON.stringify({ ...own, config: { ...own.config, ...put(config) } });
  const listed = JSON.stringify({ manifests: [changed === undefined ? entry : { ...entry, ...put(changed) }] });
  return { ...files, "index.json": Buffer.from(index ?? listed) };
}

const both = ociLayout([clean, evil]);
const [first, second] = documentOf(both, "index.json").manifests;
const [own, other] = [documentOf(both, pathOf(first.digest)), documentOf(both, pathOf(second.digest))];
const config = documentOf(both, pathOf(own.config.digest));

test.each<[string, LayoutContent]>([
  [
    "an index whose list is there twice",
    layoutOf({
      index: written([
        ["manifests", [second]],
        ["manifests", [first]],
      ]),
    }),
  ],
  [
    "an index whose list is there in two cases",
    layoutOf({
      index: written([
        ["manifests", [first]],
        ["Manifests", [second]],
      ]),
    }),
  ],
  [
    "an index that gives a platform in another case",
    layoutOf({
      index: written([["manifests", [{ ...second, platform: undefined, Platform: second.platform }, first]]]),
    }),
  ],
  ["a manifest with two lists of layers", layoutOf({ manifest: JSON.stringify({ ...own, Layers: other.layers }) })],
  ["a manifest with two configs", layoutOf({ manifest: JSON.stringify({ ...own, Config: other.config }) })],
  [
    "a layer with two digests",
    layoutOf({ manifest: JSON.stringify({ ...own, layers: [{ ...own.layers[0], Digest: other.layers[0].digest }] }) }),
  ],
  ["a config with two lists of digests", layoutOf({ config: JSON.stringify({ ...config, RootFS: {} }) })],
  ["a config with two users", layoutOf({ config: JSON.stringify({ ...config, config: { User: "1000", user: "0" } }) })],
])("an OCI layout with %s is not read", async (_, files) => {
  const path = join(folder, String(count++));
  writeLayout(path, files);
  writeFileSync(`${path}.tar`, layoutTar(files));
  for (const target of [path, `${path}.tar`]) {
    await expect(takeStock(target)).rejects.toMatchObject({
      code: "layout-malformed",
      message: expect.stringContaining("may hide an image"),
    });
  }
});

describe("a list of docker save", () => {
  const files = legacyDockerLayout([clean, evil]);
  const [one, two] = documentOf(files, "manifest.json");

  test.each([
    ["configs", { ...one, config: two.Config, Layers: two.Layers }],
    ["lists of layers", { ...one, layers: two.Layers }],
    ["lists of tags", { ...one, repotags: ["other:1"] }],
  ])("with two %s is not read", async (_, item) => {
    const path = join(folder, `${count++}.tar`);
    writeFileSync(path, layoutTar({ ...files, "manifest.json": Buffer.from(JSON.stringify([item])) }));
    await expect(takeStock(path)).rejects.toMatchObject({
      code: "layout-malformed",
      message: expect.stringContaining(`manifest.json in ${path} may hide an image`),
    });
  });
});

test("a config that somebody wrote by hand, in small letters, is read as engines read it", async () => {
  const path = join(folder, String(count++));
  const labels = { os: "a", OS: "b", User: "c", user: "d" };
  writeLayout(path, ociLayout([{ ...clean, config: { config: { user: "1000", cmd: ["sh"], Labels: labels } } }]));
  const { target, packages } = await takeStock(path, { extractors: [everyFile] });
  expect([target.user, packages.map(({ name }) => name)]).toEqual(["1000", ["clean"]]);
});
