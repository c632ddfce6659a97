import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  dockerLayout,
  type ImageSpec,
  type LayoutContent,
  layoutTar,
  ociLayout,
  sha256,
} from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { ImageOptions } from "./image.ts";
import { type ArchiveKind, openArchive } from "./open-archive.ts";

const folder = temporaryFolder();
const image = (name: string, tag: string, architecture = "amd64"): ImageSpec => ({
  tags: [tag],
  architecture,
  layers: [{ members: [{ name: `${name}.txt`, content: name }] }],
});
const clean = image("clean", "app:1");
const evil = image("evil", "app:1");

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** An archive of what `manifest.json` names and what `index.json` names. */
function archive(named: readonly ImageSpec[], indexed: readonly ImageSpec[]): LayoutContent {
  const own = dockerLayout(named);
  return { ...own, ...ociLayout(indexed), "manifest.json": own["manifest.json"] ?? Buffer.alloc(0) };
}

interface Entry {
  readonly digest: string;
  readonly platform?: object;
}

function entriesOf(files: LayoutContent): readonly Entry[] {
  return (JSON.parse(Buffer.from(files["index.json"] ?? "").toString()) as { manifests: readonly Entry[] }).manifests;
}

/** The same with one entry in its `index.json`, an index of these, as containerd exports an image. */
function nested(files: LayoutContent, manifests: readonly unknown[]): LayoutContent {
  const inner = json({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests });
  const annotations = {
    "io.containerd.image.name": "docker.io/library/app:1",
    "org.opencontainers.image.ref.name": "1",
  };
  const outer = { mediaType: "application/vnd.oci.image.index.v1+json", digest: sha256(inner), annotations };
  return {
    ...files,
    [`blobs/sha256/${sha256(inner).slice(7)}`]: inner,
    "index.json": json({ schemaVersion: 2, manifests: [outer] }),
  };
}

let count = 0;

/** What is told as not examined beside the image that is opened. */
async function others(
  files: LayoutContent,
  { kind, ...options }: Partial<ImageOptions> & { readonly kind?: ArchiveKind } = {},
): Promise<readonly string[]> {
  const path = join(folder, `${count++}.tar`);
  writeFileSync(path, layoutTar(files));
  const forced = kind === undefined ? {} : { kind };
  const { signal } = new AbortController();
  const opened = await openArchive(path, { verifyDigests: false, signal, ...options, ...forced });
  using image = opened.image;
  expect(opened.kind).toBe("docker-archive");
  return image.unexamined.map((name) => name.replace(path, "FILE"));
}

describe("the image of manifest.json", () => {
  test.each([undefined, "docker-archive"] as const)(
    "that index.json does not name is not alone (%s:)",
    async (kind) => {
      const forced = kind === undefined ? {} : { kind };
      expect(await others(archive([clean], [evil]), forced)).toEqual(["oci-archive:FILE:app:1"]);
      expect(await others(archive([clean], [evil]), { ...forced, reference: "app:1" })).toEqual([
        "oci-archive:FILE:app:1",
      ]);
    },
  );

  test("that index.json names beside others is not alone", async () => {
    const extra = image("evil", "extra:1");
    expect(await others(archive([clean], [clean, extra]))).toEqual(["oci-archive:FILE:extra:1"]);
    expect(await others(archive([clean], [clean, extra]), { reference: "app:1" })).toEqual([]);
  });

  test("that index.json has under another name is not what was asked for", async () => {
    const files = archive([clean], [evil, image("clean", "extra:1")]);
    expect(await others(files, { reference: "app:1" })).toEqual(["oci-archive:FILE:app:1"]);
  });

  test.each([
    ["under a platform that it is not for", { os: "linux", architecture: "s390x" }],
    ["under its own", { os: "linux", architecture: "amd64" }],
  ])("that an index has %s beside another for its own platform is not alone", async (_, platform) => {
    const files = archive([clean], [clean, evil]);
    const [first, second] = entriesOf(files);
    for (const reference of [{}, { reference: "app:1" }]) {
      expect(await others(nested(files, [{ ...first, platform }, second]), reference)).toEqual([
        "oci-archive:FILE:docker.io/library/app:1",
      ]);
    }
  });

  test("is not alone beside one of its name without a platform", async () => {
    const bare = { ...evil, config: { os: undefined, architecture: undefined } };
    const files = archive([clean], [clean, bare]);
    const [first, { platform: _, ...second } = { digest: "" }] = entriesOf(files);
    expect(await others(nested(files, [first, second]))).toEqual(["oci-archive:FILE:docker.io/library/app:1"]);
  });

  test.each<[string, Buffer]>([
    ["is no JSON", Buffer.from("{")],
    ["is empty", Buffer.alloc(0)],
    ["lists nothing", json({ schemaVersion: 2, manifests: [] })],
    ["names a manifest that is not there", json({ manifests: [{ digest: sha256("x") }] })],
    ["names no digest", json({ manifests: [{ digest: 5 }] })],
    ["has too many entries", json({ manifests: Array.from({ length: 1001 }, () => ({ digest: sha256("x") })) })],
  ])("beside an index.json that %s is read, and that is told", async (_, index) => {
    const [text] = await others({ ...dockerLayout([clean]), "index.json": index });
    expect(text).toMatch(/^oci-archive:FILE/);
  });
});

describe("an archive is whole as", () => {
  test("docker save writes it, of one image and of several", async () => {
    expect(await others(dockerLayout([clean]))).toEqual([]);
    expect(await others(dockerLayout([clean, image("b", "other:1")]))).toEqual(["other:1"]);
    expect(await others(dockerLayout([clean, image("b", "other:1")]), { reference: "other:1" })).toEqual([]);
  });

  test("docker save writes it of one image with several tags", async () => {
    const files = dockerLayout([{ ...clean, tags: ["app:1", "app:2"] }]);
    const [entry] = entriesOf(files);
    const named = ["app:1", "app:2"].map((tag) => ({
      ...entry,
      annotations: { "io.containerd.image.name": `docker.io/library/${tag}` },
    }));
    const whole = { ...files, "index.json": json({ manifests: named }) };
    for (const reference of ["app:1", "app:2"]) expect(await others(whole, { reference })).toEqual([]);
    expect(await others(whole)).toEqual([]);
  });

  test("containerd exports it, with an attestation and platforms that are and are not there", async () => {
    const arm = image("arm", "app:1", "arm64");
    const files = archive([clean], [clean, arm]);
    const attestation = json({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: sha256("{}"), size: 2 },
      layers: [{ mediaType: "application/vnd.in-toto+json", digest: sha256("a"), size: 1 }],
    });
    const whole = nested({ ...files, [`blobs/sha256/${sha256(attestation).slice(7)}`]: attestation }, [
      ...entriesOf(files),
      { digest: sha256("missing"), platform: { os: "linux", architecture: "s390x" } },
      { digest: sha256(attestation), platform: { os: "unknown", architecture: "unknown" } },
    ]);
    for (const options of [{}, { reference: "app:1" }, { platform: "linux/amd64" }])
      expect(await others(whole, options)).toEqual([]);
  });

  test("a list of platforms under one name", async () => {
    expect(await others(archive([clean], [clean, image("arm", "app:1", "arm64")]))).toEqual([]);
  });
});
