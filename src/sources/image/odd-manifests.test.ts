import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type ImageSpec, type LayoutContent, ociLayout, sha256, writeLayout } from "../../../tests/setup/image.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Image, ImageOptions } from "./image.ts";
import { hostPlatform } from "./image-choice.ts";
import { openLayoutFolder } from "./open-layout-folder.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
let count = 0;

const architecture = hostPlatform().slice("linux/".length);
const image = (name: string): ImageSpec => ({
  tags: [`${name}:1`],
  architecture,
  layers: [{ members: [{ name: `${name}.txt`, content: name }] }],
});

type Members = Readonly<Record<string, unknown>>;

/** A layout of one image and what is put into it. */
class Layout {
  readonly #files: Record<string, Uint8Array>;
  /** The entry of the image, and that of one that no entry leads to. */
  readonly entries: readonly [own: Members, other: Members];

  constructor() {
    const files = ociLayout([image("app"), image("evil")]);
    this.#files = { ...files };
    this.entries = JSON.parse(Buffer.from(files["index.json"] ?? "").toString()).manifests;
  }

  /** The manifest of the other image. */
  get other(): Members {
    return JSON.parse(
      Buffer.from(this.#files[`blobs/sha256/${String(this.entries[1]["digest"]).slice(7)}`] ?? "").toString(),
    );
  }

  /** Puts a document there; gives an entry for it. */
  put(document: unknown, about: Members = {}): Members {
    const bytes = document instanceof Uint8Array ? document : Buffer.from(JSON.stringify(document));
    this.#files[`blobs/sha256/${sha256(bytes).slice(7)}`] = bytes;
    return { digest: sha256(bytes), size: bytes.length, ...about };
  }

  open(manifests: readonly unknown[], options: Partial<ImageOptions> = {}): Image {
    const path = join(folder, String(count++));
    const files: LayoutContent = { ...this.#files, "index.json": Buffer.from(JSON.stringify({ manifests })) };
    writeLayout(path, files);
    return openLayoutFolder(path, { verifyDigests: false, signal, ...options });
  }
}

/** The header of an empty file that holds no byte which is not of text. */
function headerOfText(): Buffer {
  const octal = "0000000 ";
  const header = Buffer.from(
    `${"a".padEnd(100)}${octal.repeat(3)}${"0".repeat(11)} ${"0".repeat(11)} ${" ".repeat(8)}0`.padEnd(512),
  );
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}  `, 148);
  return header;
}

const named = (name: string): Members => ({ annotations: { "org.opencontainers.image.ref.name": name } });

describe("what Podman and containerd run is an image, whatever it calls itself", () => {
  test("as an artifact of the first drafts, with the config and the layers of an image", () => {
    const layout = new Layout();
    const mediaType = "application/vnd.oci.artifact.manifest.v1+json";
    const entry = layout.put({ ...layout.other, mediaType }, named("evil:1"));
    using beside = layout.open([layout.entries[0], entry]);
    expect(beside.unexamined).toEqual(["evil:1"]);
    using alone = layout.open([entry]);
    expect(alone.layers).toHaveLength(1);
  });

  test.each([
    ["a tar", tar([{ name: "a", content: "a" }])],
    ["what is compressed", Buffer.from([0x1f, 0x8b, 8, 0])],
    ["a program", Buffer.from("\0asm")],
    ["a tar in gzip", gzipSync(tar([{ name: "a", content: "a" }]))],
    [
      "a tar in gzip behind what is empty",
      Buffer.concat([...Array(60).fill(gzipSync("")), gzipSync(tar([{ name: "a", content: "a" }]))]),
    ],
    ["text in gzip that is cut off", gzipSync("{}").subarray(0, 12)],
    ["a tar of nothing but text", Buffer.concat([headerOfText(), Buffer.alloc(1024)])],
  ])("with layers that are called text, of which one is %s", (_, bytes) => {
    const layout = new Layout();
    const text = layout.put(Buffer.from("{}"), { mediaType: "application/vnd.in-toto+json" });
    const layer = layout.put(bytes, { mediaType: "text/plain" });
    const entry = layout.put({ ...layout.other, layers: [text, layer] }, named("evil:1"));
    using beside = layout.open([layout.entries[0], entry]);
    expect(beside.unexamined).toEqual(["evil:1"]);
    using alone = layout.open([entry]);
    expect(alone.layers).toHaveLength(2);
  });

  test("and is none with layers of text alone, as attestations and signatures have them", () => {
    const layout = new Layout();
    const mediaType = "application/vnd.in-toto+json";
    const layers = [
      layout.put(Buffer.from('{"_type":\t"x"}\r\n'), { mediaType }),
      layout.put(Buffer.from("\ufeff{}\f"), { mediaType }),
      layout.put(Buffer.alloc(0), { mediaType }),
      layout.put(gzipSync("{}"), { mediaType: "application/vnd.syft+json+gzip" }),
      layout.put(gzipSync(randomBytes(100_000).toString("hex")), { mediaType: "application/vnd.syft+json+gzip" }),
      { mediaType, digest: sha256("none") },
    ];
    using opened = layout.open([layout.entries[0], layout.put({ ...layout.other, layers }, named("sha256-a.att"))]);
    expect(opened.unexamined).toEqual([]);
  });
});

describe("a document that is an index and a manifest at once is neither, and is told", () => {
  test.each<[string, (layout: Layout) => Members]>([
    ["a manifest with an empty list of manifests", ({ other }) => ({ ...other, manifests: [] })],
    ["a manifest with a list of others", ({ other, entries }) => ({ ...other, manifests: [entries[0]] })],
    ["an index with a config", ({ other, entries }) => ({ config: other["config"], manifests: [entries[0]] })],
  ])("as %s", (_, document) => {
    const layout = new Layout();
    const entry = layout.put(document(layout), named("evil:1"));
    using beside = layout.open([layout.entries[0], entry]);
    expect(beside.unexamined).toEqual(["evil:1"]);
    expect(() => layout.open([entry])).toThrow(expect.objectContaining({ code: "layout-malformed" }));
  });
});

describe("what an index holds and was not looked at is told", () => {
  const platform = { os: "linux", architecture };

  test("beyond the number of manifests that are read, for the same platform or for none", () => {
    const layout = new Layout();
    const [own, { annotations: _, ...evil }] = layout.entries;
    const junk = Array.from({ length: 1_000 }, (_, index) => ({
      digest: sha256(String(index)),
      platform: { os: "linux", architecture: "s390x" },
    }));
    const index = layout.put({ manifests: [own, ...junk, evil] }, named("app:1"));
    using opened = layout.open([index]);
    expect(opened.unexamined).toEqual([evil["digest"]]);
    const parts = junk.map((entry) => ({ ...entry, mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" }));
    using cache = layout.open([layout.put({ manifests: [own, ...junk, ...parts] }, named("app:1"))]);
    expect(cache.unexamined).toEqual([]);
  });

  test("of several indexes that share out that number", () => {
    const layout = new Layout();
    const junk = (from: number): Members[] =>
      Array.from({ length: 600 }, (_, index) => ({ digest: sha256(String(from + index)), platform }));
    const inner = [junk(0), [...junk(600), layout.entries[1]]].map((manifests) => layout.put({ manifests }));
    using opened = layout.open([layout.put({ manifests: [layout.entries[0], ...inner] }, named("app:1"))]);
    expect(opened.unexamined).toContain(layout.entries[1]["digest"]);
  });

  test("of an index in an index that come last, where all that each lists is within that number", () => {
    const layout = new Layout();
    const junk = (from: number, count: number): Members[] =>
      Array.from({ length: count }, (_, index) => ({ digest: sha256(String(from + index)), platform }));
    const inner = [junk(0, 600), [...junk(600, 399), layout.entries[1]]].map((manifests) => layout.put({ manifests }));
    using opened = layout.open([layout.put({ manifests: [layout.entries[0], ...inner] }, named("app:1"))]);
    expect(opened.unexamined).toContain(layout.entries[1]["digest"]);
  });

  test("too deep beside one that is not, where it may be for the same platform", () => {
    const layout = new Layout();
    const deep = (about: Members): Members => {
      let entry: Members = layout.entries[1];
      for (let depth = 0; depth < 4; depth++) entry = layout.put({ manifests: [{ ...entry, ...about }] }, about);
      return entry;
    };
    const open = (entry: Members): Image => layout.open([layout.put({ manifests: [entry, layout.entries[0]] })]);
    using any = open(deep({}));
    expect(any.unexamined).toHaveLength(1);
    using other = open(deep({ platform: { os: "linux", architecture: "s390x" } }));
    expect(other.unexamined).toEqual([]);
  });

  test("where an entry holds the document itself, as containerd takes it", () => {
    const layout = new Layout();
    const bytes = Buffer.from(JSON.stringify({ ...layout.other, annotations: { a: "b" } }));
    const embedded = { digest: sha256(bytes), size: bytes.length, data: bytes.toString("base64") };
    const open = (entry: Members): readonly string[] => {
      using opened = layout.open([layout.put({ manifests: [entry, layout.entries[0]] }, named("app:1"))]);
      return opened.unexamined;
    };
    expect(open({ ...embedded, platform })).toEqual([embedded.digest]);
    expect(open({ ...embedded, platform: { os: "unknown", architecture: "unknown" } })).toEqual([]);
    expect(open({ digest: embedded.digest, platform })).toEqual([]);
  });
});
