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

/** The same with other entries in its index.json. */
function withEntries(files: LayoutContent, manifests: readonly unknown[]): LayoutContent {
  return { ...files, "index.json": Buffer.from(JSON.stringify({ manifests })) };
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

  test("tells of a second image for a platform that it names in another way", () => {
    for (const platforms of [
      [{ architecture: "arm64" }, { architecture: "arm64", variant: "v8" }],
      [{ architecture: "aarch64" }, { architecture: "arm64" }],
      [{ architecture: "amd64", variant: "v1" }, { architecture: "x86_64" }],
    ]) {
      const images = [image("a", own), image("b", own), image("c", "s390x")];
      const files = ociLayout(images);
      const [first, second, third] = manifestsOf(files);
      const manifests = [
        { ...first, platform: { os: "linux", ...platforms[0] } },
        { ...second, platform: { os: "linux", ...platforms[1] } },
        third,
      ];
      const index = Buffer.from(JSON.stringify({ manifests }));
      const path = join(folder, `layout-${count++}`);
      writeLayout(path, { ...files, "index.json": index });
      const platform = `linux/${platforms[0]?.architecture}`;
      using opened = openLayoutFolder(path, { verifyDigests: true, signal, platform });
      expect([opened.manifestDigest, ...opened.unexamined].sort()).toEqual([first?.digest, second?.digest].sort());
    }
  });

  test("tells of an image of the same name that is listed under a platform which is not that of its config", () => {
    const files = ociLayout([image("a", own, ["app"]), image("b", own, ["app"])]);
    const [first, second] = manifestsOf(files);
    const lie = { ...second, platform: { os: "linux", architecture: "s390x" } };
    using opened = open(withEntries(files, [first, lie]));
    expect([opened.manifestDigest, opened.unexamined]).toEqual([first?.digest, [second?.digest]]);
    const inner = Buffer.from(JSON.stringify({ manifests: [first, lie] }));
    const digest = sha256(inner);
    const annotations = { "org.opencontainers.image.ref.name": "app" };
    const both = { ...files, [`blobs/sha256/${digest.slice(7)}`]: inner };
    using within = open(withEntries(both, [{ digest, annotations }]));
    expect([within.manifestDigest, within.unexamined]).toEqual([first?.digest, []]);
    using beside = open(withEntries(both, [{ digest, annotations }, second]));
    expect([beside.manifestDigest, beside.unexamined]).toEqual([first?.digest, [second?.digest]]);
  });

  test("tells of one listed under another platform whose config cannot be read, not of one without a config", () => {
    const files = ociLayout([image("a", own, ["app"]), image("b", other, ["app"])]);
    const [first, second] = manifestsOf(files);
    const manifest = JSON.parse(Buffer.from(files[`blobs/sha256/${second?.digest.slice(7)}`] ?? "").toString());
    const path = `blobs/sha256/${manifest.config.digest.slice(7)}`;
    using opened = open({ ...files, [path]: Buffer.from("no JSON") });
    expect([opened.manifestDigest, opened.unexamined]).toEqual([first?.digest, [second?.digest]]);
    const { [path]: _, ...without } = files;
    using partial = open(without);
    expect([partial.manifestDigest, partial.unexamined]).toEqual([first?.digest, []]);
  });

  test("tells of a second image of the same name by its digest, which names it", () => {
    const files = ociLayout([image("a", own, ["app"]), image("b", own, ["app"]), image("c", own, ["other"])]);
    const [first, second] = manifestsOf(files);
    using opened = open(files);
    expect([opened.manifestDigest, opened.unexamined]).toEqual([first?.digest, [second?.digest, "other"]]);
    using named = open(files, second?.digest);
    expect([named.manifestDigest, named.unexamined]).toEqual([second?.digest, []]);
  });

  test("tells of a second image within an index by its digest, which names it", () => {
    const files = ociLayout([image("a", own, ["app"]), image("b", own, ["app"])]);
    const [first, second] = manifestsOf(files);
    const inner = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [first, second] }));
    const outer = {
      ...withEntries(files, [{ digest: sha256(inner) }]),
      [`blobs/sha256/${sha256(inner).slice(7)}`]: inner,
    };
    using opened = open(outer);
    expect([opened.manifestDigest, opened.unexamined]).toEqual([first?.digest, [second?.digest]]);
    using named = open(outer, second?.digest);
    expect([named.manifestDigest, named.tags, named.unexamined]).toEqual([second?.digest, ["app"], []]);
    expect(() => open(outer, sha256("other"))).toThrow(expect.objectContaining({ code: "image-not-found" }));
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

  test.each([
    ["an entry whose digest is a number", { digest: 5 }],
    ["an entry whose digest is null", { digest: null }],
    ["an entry whose digest is of an unknown algorithm", { digest: "md5:abc" }],
    ["an entry whose digest is too short", { digest: "sha256:abc" }],
    ["an entry without a digest", { digest: undefined }],
  ])("with %s tells that this was not examined, wherever it stands", (_, change) => {
    const files = ociLayout([image("a", own, ["app1"]), image("b", own, ["app2"])]);
    const [first, second] = manifestsOf(files);
    using before = open(withEntries(files, [{ ...first, ...change }, second]));
    expect([before.tags, before.unexamined]).toEqual([["app2"], ["app1"]]);
    using after = open(withEntries(files, [first, { ...second, ...change }]));
    expect([after.tags, after.unexamined]).toEqual([["app1"], ["app2"]]);
    expect(() => open(withEntries(files, [{ ...first, ...change }, second]), "app1")).toThrow(
      expect.objectContaining({ code: "layout-malformed" }),
    );
  });

  test("with an entry that is not object tells of it by its place, also within an index", () => {
    const files = ociLayout([image("a", own)]);
    const [first] = manifestsOf(files);
    using flat = open(withEntries(files, [null, first, 5]));
    expect(flat.unexamined).toEqual(["entry 1 of index.json", "entry 3 of index.json"]);
    const inner = Buffer.from(JSON.stringify({ manifests: [first, null] }));
    const digest = sha256(inner);
    const path = `blobs/sha256/${digest.slice(7)}`;
    using nested = open(withEntries({ ...files, [path]: inner }, [{ digest }]));
    expect(nested.unexamined).toEqual([`entry 2 of ${digest}`]);
    expect(() => open(withEntries(files, [null]))).toThrow(expect.objectContaining({ code: "layout-malformed" }));
  });

  test("says nothing of a damaged entry for another platform of the same image", () => {
    const files = ociLayout([image("a", own), image("b", other)]);
    const [first, second] = manifestsOf(files);
    using opened = open(withEntries(files, [first, { ...second, digest: null }]));
    expect(opened.unexamined).toEqual([]);
  });

  test.each([
    ["null", null],
    ["a list", []],
    ["an empty object", {}],
    ["a number", 5],
    ["a text", "x"],
    ["without layers", { config: { mediaType: "application/vnd.oci.image.config.v1+json" } }],
    ["with layers that are null", { layers: null }],
    ["with layers that are a text", { layers: "x", config: {} }],
    ["with a config whose type is a number", { layers: [], config: { mediaType: 5 } }],
  ])("tells of a manifest that is %s, and does not take it for an artifact", (_, manifest) => {
    const files = ociLayout([image("b", own, ["app2"])]);
    const [whole] = manifestsOf(files);
    const bytes = Buffer.from(JSON.stringify(manifest));
    const digest = sha256(bytes);
    const annotations = { "org.opencontainers.image.ref.name": "app1" };
    const broken = { ...files, [`blobs/sha256/${digest.slice(7)}`]: bytes };
    using opened = open(withEntries(broken, [{ digest, annotations }, whole]));
    expect([opened.tags, opened.unexamined]).toEqual([["app2"], ["app1"]]);
    expect(() => open(withEntries(broken, [{ digest, annotations }]))).toThrow(
      expect.objectContaining({ code: "layout-malformed" }),
    );
  });

  test("leaves out what says that it is an artifact, and an attestation by all of its layers", () => {
    const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest: sha256("{}") };
    const layers = [{ mediaType: "application/vnd.in-toto+json", digest: sha256("{}") }];
    const files = ociLayout([image("b", own, ["app2"])]);
    const [whole] = manifestsOf(files);
    for (const manifest of [
      { config, layers },
      { artifactType: "application/vnd.example", layers: [] },
      { artifactType: "application/vnd.example", blobs: [] },
      { config: { mediaType: "application/vnd.oci.empty.v1+json" }, layers: [] },
    ]) {
      const bytes = Buffer.from(JSON.stringify(manifest));
      const digest = sha256(bytes);
      const entries = [{ digest }, whole];
      using opened = open(withEntries({ ...files, [`blobs/sha256/${digest.slice(7)}`]: bytes }, entries));
      expect([opened.tags, opened.unexamined]).toEqual([["app2"], []]);
    }
  });

  const withManifest = (manifest: unknown): { readonly files: LayoutContent; readonly digest: string } => {
    const bytes = Buffer.from(JSON.stringify(manifest));
    const digest = sha256(bytes);
    const files = { ...ociLayout([image("b", own, ["app2"])]), [`blobs/sha256/${digest.slice(7)}`]: bytes };
    return { files, digest };
  };
  const configOf = (files: LayoutContent): unknown => {
    const path = `blobs/sha256/${manifestsOf(files)[0]?.digest.slice(7)}`;
    return JSON.parse(Buffer.from(files[path] ?? "").toString()).config;
  };
  const imageConfig = { mediaType: "application/vnd.oci.image.config.v1+json", digest: sha256("{}") };

  test.each([
    "application/vnd.dev.cosign.simplesigning.v1+json",
    "application/vnd.dsse.envelope.v1+json",
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    "application/vnd.cyclonedx+json",
    "text/spdx+json",
    "text/spdx",
  ])("leaves out what has the config of an image and layers that are none, as %s", (mediaType) => {
    const { files, digest } = withManifest({ config: imageConfig, layers: [{ mediaType, digest: sha256("x") }] });
    const annotations = { "org.opencontainers.image.ref.name": `sha256-${"a".repeat(64)}.sig` };
    using opened = open(withEntries(files, [{ digest, annotations }, ...manifestsOf(files)]));
    expect([opened.tags, opened.unexamined]).toEqual([["app2"], []]);
    expect(() => open(withEntries(files, [{ digest, annotations }]))).toThrow(
      expect.objectContaining({ code: "image-not-found" }),
    );
  });

  test.each([
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "application/octet-stream",
    "application/x-gzip",
    "",
    undefined,
    5,
  ])("is an image where a layer has the type %s", (mediaType) => {
    const config = configOf(ociLayout([image("b", own, ["app2"])]));
    const layers = [{ mediaType: "text/spdx+json" }, { mediaType, digest: sha256("x") }];
    const { files, digest } = withManifest({ config, layers });
    using opened = open(withEntries(files, [{ digest }]));
    expect(opened.manifestDigest).toBe(digest);
  });

  test.each([
    ["an index whose list is null", { mediaType: "application/vnd.oci.image.index.v1+json", manifests: null }],
    ["an index whose list is empty", { manifests: [] }],
    ["an artifact manifest", { mediaType: "application/vnd.oci.artifact.manifest.v1+json", blobs: [] }],
    ["an artifact manifest of ORAS", { mediaType: "application/vnd.cncf.oras.artifact.manifest.v1+json" }],
  ])("leaves out %s", (_, manifest) => {
    const { files, digest } = withManifest(manifest);
    using opened = open(withEntries(files, [{ digest }, ...manifestsOf(files)]));
    expect([opened.tags, opened.unexamined]).toEqual([["app2"], []]);
  });

  test("takes a list of layers that is null, as Go writes an empty one, for one of none", () => {
    const config = configOf(ociLayout([image("b", own, ["app2"])]));
    const { files, digest } = withManifest({ config, layers: null });
    using opened = open(withEntries(files, [{ digest }]));
    expect([opened.manifestDigest, opened.layers]).toEqual([digest, []]);
  });

  test("does not take an image with a list of manifests that is null for an index", () => {
    const config = configOf(ociLayout([image("b", own, ["app2"])]));
    const { files, digest } = withManifest({ config, layers: [], manifests: null });
    using opened = open(withEntries(files, [{ digest }]));
    expect(opened.manifestDigest).toBe(digest);
  });

  test.each([
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.buildkit.cacheconfig.v0",
  ])("leaves out an entry of the type %s without reading it, as a build's cache has them", (mediaType) => {
    const files = ociLayout([image("b", own, ["app2"])]);
    const bytes = Buffer.from("no JSON");
    const index = Buffer.from(JSON.stringify({ manifests: [{ mediaType, digest: sha256(bytes) }] }));
    const blobs = Object.fromEntries([bytes, index].map((blob) => [`blobs/sha256/${sha256(blob).slice(7)}`, blob]));
    const cache = { ...files, ...blobs };
    const entry = { mediaType: "application/vnd.oci.image.index.v1+json", digest: sha256(index) };
    using opened = open(withEntries(cache, [entry, ...manifestsOf(files)]));
    expect([opened.tags, opened.unexamined]).toEqual([["app2"], []]);
    expect(() => open(withEntries(cache, [entry]))).toThrow(expect.objectContaining({ code: "image-not-found" }));
  });

  test("with an image of which one layer is called an attestation is that image", () => {
    const files = ociLayout([image("a", own, ["app1"]), image("b", own, ["app2"])]);
    const [first, second] = manifestsOf(files);
    const path = `blobs/sha256/${first?.digest.slice(7)}`;
    const manifest = JSON.parse(Buffer.from(files[path] ?? "").toString());
    manifest.layers.push({ mediaType: "application/vnd.in-toto+json", digest: sha256("{}") });
    const bytes = Buffer.from(JSON.stringify(manifest));
    const digest = sha256(bytes);
    const entries = [{ ...first, digest }, second];
    using opened = open(withEntries({ ...files, [`blobs/sha256/${digest.slice(7)}`]: bytes }, entries));
    expect([opened.tags, opened.unexamined]).toEqual([["app1"], ["app2"]]);
  });

  test("for several versions of Windows holds one image, and tells of two for one version", () => {
    const files = ociLayout([image("a", own), image("b", own), image("c", own)]);
    const [first, second, third] = manifestsOf(files);
    const windows = (version: string) => ({ platform: { os: "windows", architecture: own, "os.version": version } });
    const one = { ...first, ...windows("10.0.17763.1") };
    const two = { ...second, ...windows("10.0.20348.1") };
    using opened = open(withEntries(files, [one, two]));
    expect([opened.manifestDigest, opened.unexamined]).toEqual([first?.digest, []]);
    using rivals = open(withEntries(files, [one, two, { ...third, ...windows("10.0.17763.1") }]));
    expect(rivals.unexamined).toEqual([third?.digest]);
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
