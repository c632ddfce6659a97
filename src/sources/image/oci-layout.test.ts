import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type ImageSpec, type LayoutContent, ociLayout, sha256, writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Image } from "./image.ts";
import { hostPlatform } from "./image-choice.ts";
import { openLayoutFolder } from "./open-layout-folder.ts";

const folder = temporaryFolder();
const signal = new AbortController().signal;
let count = 0;

const own = hostPlatform().slice("linux/".length);
const other = own === "arm64" ? "amd64" : "arm64";
const image = (name: string, architecture: string, tags: readonly string[] = []): ImageSpec => ({
  tags,
  architecture,
  os: "linux",
  layers: [{ members: [{ name: `${name}.txt`, content: name }] }],
});

function manifestsOf(files: LayoutContent): readonly { readonly digest: string }[] {
  const index = JSON.parse(Buffer.from(files["index.json"] ?? "").toString()) as {
    manifests: readonly { digest: string }[];
  };
  return index.manifests;
}

function open(files: LayoutContent, reference?: string): Image {
  const path = join(folder, `layout-${count++}`);
  writeLayout(path, files);
  return openLayoutFolder(path, { verifyDigests: true, signal, ...(reference !== undefined && { reference }) });
}

describe("an OCI layout", () => {
  test("with images of other names tells that they were not examined, whatever their platform", () => {
    const files = ociLayout([image("a", own, ["app1"]), image("b", other, ["app2"]), image("c", own, ["app3"])]);
    using opened = open(files);
    expect([opened.tags, opened.unexamined]).toEqual([["app1"], ["app2", "app3"]]);
    using named = open(files, "app2");
    expect([named.platform, named.unexamined]).toEqual([`linux/${other}`, []]);
  });

  test("with one image for several platforms holds one image", () => {
    for (const tags of [["app"], []]) {
      using opened = open(ociLayout([image("a", other, tags), image("b", own, tags)]));
      expect([opened.platform, opened.unexamined]).toEqual([`linux/${own}`, []]);
    }
  });

  test("tells of an image whose manifest is missing", () => {
    const files = ociLayout([image("a", own, ["app1"]), image("b", own, ["app2"])]);
    const path = join(folder, `layout-${count}`);
    const manifests = manifestsOf(files);
    writeLayout(path, files);
    rmSync(join(path, "blobs", ...(manifests[1]?.digest.split(":") ?? [])));
    using opened = openLayoutFolder(path, { verifyDigests: true, signal });
    expect([opened.tags, opened.unexamined]).toEqual([["app1"], ["app2"]]);
    count++;
  });

  test("is read up to a number of manifests, however its indexes share them out", () => {
    const blobs: Record<string, Uint8Array> = {};
    const add = (value: unknown): { digest: string } => {
      const bytes = Buffer.from(JSON.stringify(value));
      const digest = sha256(bytes);
      blobs[`blobs/sha256/${digest.slice(7)}`] = bytes;
      return { digest };
    };
    const indexes = Array.from({ length: 30 }, (_, index) =>
      add({ manifests: Array.from({ length: 40 }, (_, position) => add({ number: index * 40 + position })) }),
    );
    const files = ociLayout([image("a", own)]);
    const [first] = manifestsOf(files);
    const index = Buffer.from(JSON.stringify({ manifests: [first, ...indexes] }));
    const path = join(folder, `layout-${count++}`);
    writeLayout(path, { ...blobs, ...files, "index.json": index });
    const read = vi.spyOn(JSON, "parse");
    onTestFinished(() => read.mockRestore());
    using opened = openLayoutFolder(path, { verifyDigests: true, signal });
    expect(opened.unexamined.length).toBeGreaterThan(0);
    expect(read.mock.calls.length).toBeLessThan(1_010);
  });

  test("with an index that is nested too deep opens what else it holds, and without anything else is refused", () => {
    const nested: Record<string, Uint8Array> = {};
    let deep = { digest: sha256("none") };
    for (let depth = 0; depth < 6; depth++) {
      const bytes = Buffer.from(JSON.stringify({ manifests: [deep] }));
      deep = { digest: sha256(bytes) };
      nested[`blobs/sha256/${deep.digest.slice(7)}`] = bytes;
    }
    const files = ociLayout([image("a", own)]);
    const withIndex = (manifests: readonly unknown[]): LayoutContent => {
      return { ...nested, ...files, "index.json": Buffer.from(JSON.stringify({ manifests })) };
    };
    using opened = open(withIndex([deep, ...manifestsOf(files)]));
    expect([opened.platform, opened.unexamined]).toEqual([`linux/${own}`, [deep.digest]]);
    expect(() => open(withIndex([deep]))).toThrow(
      expect.objectContaining({ code: "layout-malformed", message: expect.stringContaining("nested") }),
    );
  });

  test("of a chart is said to hold no image", () => {
    const files = ociLayout([image("a", own, ["chart"])]);
    const text = Object.entries(files).map(([path, bytes]) => {
      const changed = Buffer.from(bytes)
        .toString("latin1")
        .replace("vnd.oci.image.config.v1", "vnd.cncf.helm.config.v1");
      return [path, Buffer.from(changed, "latin1")] as const;
    });
    const path = join(folder, `layout-${count++}`);
    writeLayout(path, Object.fromEntries(text));
    const opening = (): Image => openLayoutFolder(path, { verifyDigests: false, signal });
    expect(opening).toThrow(
      expect.objectContaining({ code: "image-not-found", hint: expect.stringContaining("chart") }),
    );
  });
});
