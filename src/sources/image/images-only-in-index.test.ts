import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  dockerLayout,
  type ImageSpec,
  type LayoutContent,
  layoutOfTwoLists,
  legacyDockerLayout,
  ociLayout,
  sha256,
} from "../../../tests/setup/image.ts";
import { type TarMember, tar } from "../../../tests/setup/tar.ts";
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

interface Entry {
  readonly digest: string;
  readonly platform?: object;
}

function entriesOf(files: LayoutContent): readonly Entry[] {
  return (JSON.parse(Buffer.from(files["index.json"] ?? "").toString()) as { manifests: readonly Entry[] }).manifests;
}

/** The first manifest that `index.json` names. */
function manifestOf(files: LayoutContent): Readonly<Record<string, unknown>> {
  const [entry] = entriesOf(files);
  return JSON.parse(Buffer.from(files[`blobs/sha256/${entry?.digest.slice(7)}`] ?? "").toString());
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

/** An archive without `oci-layout` that has its manifest at the root, as apko writes it, and that file. */
function fromApko(): { readonly files: LayoutContent; readonly mark: Uint8Array } {
  const { "oci-layout": mark = Buffer.alloc(0), ...files } = dockerLayout([clean]);
  const [entry = { digest: "" }] = entriesOf(files);
  const { [`blobs/sha256/${entry.digest.slice(7)}`]: manifest = Buffer.alloc(0), ...rest } = files;
  return { files: { ...rest, [entry.digest]: manifest, "index.json": json({ manifests: [entry] }) }, mark };
}

let count = 0;

/** The images reported as not examined beside the opened one. */
async function others(
  files: LayoutContent,
  {
    kind,
    more = [],
    ...options
  }: Partial<ImageOptions> & { readonly kind?: ArchiveKind; readonly more?: readonly TarMember[] } = {},
): Promise<readonly string[]> {
  const path = join(folder, `${count++}.tar`);
  writeFileSync(path, tar([...Object.entries(files).map(([name, content]) => ({ name, content })), ...more]));
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
      expect(await others(layoutOfTwoLists([clean], [evil]), forced)).toEqual(["oci-archive:FILE:app:1"]);
      expect(await others(layoutOfTwoLists([clean], [evil]), { ...forced, reference: "app:1" })).toEqual([
        "oci-archive:FILE:app:1",
      ]);
    },
  );

  test("that index.json names beside others is not alone", async () => {
    const extra = image("evil", "extra:1");
    expect(await others(layoutOfTwoLists([clean], [clean, extra]))).toEqual(["oci-archive:FILE:extra:1"]);
    expect(await others(layoutOfTwoLists([clean], [clean, extra]), { reference: "app:1" })).toEqual([]);
  });

  test("that index.json has under another name is not what was asked for", async () => {
    const files = layoutOfTwoLists([clean], [evil, image("clean", "extra:1")]);
    expect(await others(files, { reference: "app:1" })).toEqual(["oci-archive:FILE:app:1"]);
  });

  test.each([
    ["under a platform that it is not for", { os: "linux", architecture: "s390x" }],
    ["under its own", { os: "linux", architecture: "amd64" }],
  ])("that an index has %s beside another for its own platform is not alone", async (_, platform) => {
    const files = layoutOfTwoLists([clean], [clean, evil]);
    const [first, second] = entriesOf(files);
    for (const reference of [{}, { reference: "app:1" }]) {
      expect(await others(nested(files, [{ ...first, platform }, second]), reference)).toEqual([
        "oci-archive:FILE:docker.io/library/app:1",
      ]);
    }
  });

  test("is not alone beside one of its name without a platform", async () => {
    const bare = { ...evil, config: { os: undefined, architecture: undefined } };
    const files = layoutOfTwoLists([clean], [clean, bare]);
    const [first, { platform: _, ...second } = { digest: "" }] = entriesOf(files);
    expect(await others(nested(files, [first, second]))).toEqual(["oci-archive:FILE:docker.io/library/app:1"]);
  });

  test("is not alone beside one of its name that index.json lists under a platform that it is not for", async () => {
    const files = layoutOfTwoLists([clean], [clean, evil]);
    const [first, second] = entriesOf(files);
    const manifests = [first, { ...second, platform: { os: "linux", architecture: "s390x" } }];
    expect(await others({ ...files, "index.json": json({ manifests }) })).toEqual(["oci-archive:FILE:app:1"]);
  });

  test("is not alone beside one that index.json lists as a layer first", async () => {
    const files = layoutOfTwoLists([clean], [clean, evil]);
    const [first, second] = entriesOf(files);
    const manifests = [first, { ...second, mediaType: "application/vnd.oci.image.layer.v1.tar" }, second];
    expect(await others({ ...files, "index.json": json({ manifests }) })).toEqual(["oci-archive:FILE:app:1"]);
  });

  test.each(["as docker save writes it", "in the older form"])(
    "is not one of its config and others' layers, %s",
    async (form) => {
      const forms = form === "in the older form" ? legacyDockerLayout([clean]) : dockerLayout([clean]);
      const layers = manifestOf(ociLayout([evil]))["layers"];
      for (const changed of [layers, [], [layers, layers].flat()]) {
        const manifest = json({ ...manifestOf(ociLayout([clean])), layers: changed });
        const files = { ...ociLayout([clean]), ...ociLayout([evil]), ...forms };
        const path = `blobs/sha256/${sha256(manifest).slice(7)}`;
        const whole = { ...files, [path]: manifest, "index.json": json({ manifests: [{ digest: sha256(manifest) }] }) };
        expect(await others(whole)).toEqual([`oci-archive:FILE:${sha256(manifest)}`]);
      }
    },
  );

  test("knows one config with its layers in two compressions, each under its own name", async () => {
    const packed = (tag: string, compression: "gzip" | "zstd"): ImageSpec => ({
      ...clean,
      tags: [tag],
      layers: clean.layers.map((layer) => ({ ...layer, compression })),
    });
    const both = [packed("app:gz", "gzip"), packed("app:zstd", "zstd")];
    const files = dockerLayout(both);
    expect(await others(files, { reference: "app:gz" })).toEqual([]);
    expect(await others(files, { reference: "app:zstd" })).toEqual([]);
    const swapped = layoutOfTwoLists(both, [packed("app:gz", "zstd"), packed("app:zstd", "gzip")]);
    expect(await others(swapped, { reference: "app:gz" })).toEqual(["oci-archive:FILE:app:gz"]);
  });

  test("believes the platform of an entry without a name, of which no loader makes an image", async () => {
    const other = image("other", "app:1");
    const files = layoutOfTwoLists([clean], [clean, other]);
    const unnamed = entriesOf(files).map(({ digest }, index) => ({
      digest,
      platform: { os: "linux", architecture: index === 0 ? "amd64" : "arm64" },
    }));
    expect(await others({ ...files, "index.json": json({ manifests: unnamed }) })).toEqual([]);
  });

  test.each<[string, Omit<TarMember, "name">]>([
    ["a folder", { type: "directory" }],
    ["a symbolic link", { type: "symlink", link: "oci-layout" }],
    ["a hard link", { type: "hardlink", link: "oci-layout" }],
    ["a file of another type", { type: "contiguous", content: "{}" }],
    ["a pipe", { type: "fifo" }],
  ])("is not alone where index.json is a file and then %s", async (_, member) => {
    const files = layoutOfTwoLists([clean], [evil]);
    const more = [{ ...member, name: "index.json" }];
    expect(await others(files, { more })).toEqual(["oci-archive:FILE"]);
    const index = { name: "index.json", content: ociLayout([clean])["index.json"] ?? "" };
    expect(await others(files, { more: [...more, index] })).toEqual(["oci-archive:FILE"]);
    await expect(others(files, { more: [{ ...member, name: "./manifest.json" }] })).rejects.toThrow(
      /manifest.json in .* cannot be read: the archive contains it twice/,
    );
  });

  test("is not alone where index.json and /index.json are two files", async () => {
    const more = [{ name: "/index.json", content: ociLayout([clean])["index.json"] ?? "" }];
    expect(await others(layoutOfTwoLists([clean], [evil]), { more })).toEqual(["oci-archive:FILE"]);
  });

  test("is not alone where containerd takes the manifests of index.json from anywhere", async () => {
    const { files, mark } = fromApko();
    expect(await others({ ...files, "oci-layout": mark })).toEqual(["oci-archive:FILE:app:1"]);
  });

  test("is not alone beside one whose manifest lies elsewhere, where containerd takes it from there", async () => {
    const files = layoutOfTwoLists([clean], [clean, evil]);
    const path = `blobs/sha256/${entriesOf(files)[1]?.digest.slice(7)}`;
    const { [path]: manifest = "", "oci-layout": mark = "", ...rest } = files;
    const elsewhere = { ...rest, elsewhere: Buffer.from(manifest) };
    expect(await others({ ...elsewhere, "oci-layout": Buffer.from(mark) })).toEqual(["oci-archive:FILE:app:1"]);
    expect(await others(elsewhere)).toEqual([]);
  });

  test("that has very many names is not compared with those of index.json", async () => {
    const files = dockerLayout([{ ...clean, tags: Array.from({ length: 200_000 }, (_, index) => `app:${index}`) }]);
    const [first] = entriesOf(files);
    const entry = { ...first, annotations: { "io.containerd.image.name": "docker.io/library/other:1" } };
    const whole = { ...files, "index.json": json({ manifests: Array.from({ length: 1_000 }, () => entry) }) };
    const started = performance.now();
    expect(await others(whole, { reference: "app:1" })).toEqual(["oci-archive:FILE"]);
    expect(performance.now() - started).toBeLessThan(8_000);
  }, 300_000);

  test.each<[string, Buffer]>([
    ["is not JSON", Buffer.from("{")],
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
    const files = layoutOfTwoLists([clean], [clean, arm]);
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

  test("apko build writes it, whose index.json names what lies nowhere below blobs", async () => {
    const { files } = fromApko();
    expect(await others(files)).toEqual([]);
  });

  test("somebody appends index.json once more, and with absolute names", async () => {
    const files = dockerLayout([clean]);
    const more = Object.entries(files).map(([name, content]) => ({ name, content }));
    expect(await others(files, { more })).toEqual([]);
    const absolute = Object.fromEntries(Object.entries(files).map(([name, content]) => [`/${name}`, content]));
    expect(await others(absolute)).toEqual([]);
  });

  test("its layers lie where manifest.json says and index.json leads by links", async () => {
    const legacy = legacyDockerLayout([clean]);
    const oci = ociLayout([clean]);
    const [layer = ""] = Object.keys(legacy).filter((name) => name.endsWith("layer.tar"));
    const blob = Object.keys(oci).find((path) => Buffer.from(oci[path] ?? "").equals(Buffer.from(legacy[layer] ?? "")));
    const { [layer]: _, ...rest } = legacy;
    const more: TarMember[] = [{ name: layer, type: "symlink", link: `../${blob}` }];
    expect(await others({ ...oci, ...rest }, { more })).toEqual([]);
  });

  test("many long names lead to one image, and that is seen in time", async () => {
    const files = dockerLayout([clean]);
    const [entry] = entriesOf(files);
    const annotations = { "io.containerd.image.name": '"'.repeat(8_000) };
    const manifests = Array.from({ length: 1_000 }, (_, index) => ({
      ...entry,
      annotations: { ...annotations, "org.opencontainers.image.ref.name": `${index}` },
    }));
    const started = performance.now();
    expect(await others({ ...files, "index.json": json({ manifests }) })).toEqual([]);
    expect(performance.now() - started).toBeLessThan(8_000);
  }, 300_000);

  test("a list of platforms under one name", async () => {
    expect(await others(layoutOfTwoLists([clean], [clean, image("arm", "app:1", "arm64")]))).toEqual([]);
  });
});
