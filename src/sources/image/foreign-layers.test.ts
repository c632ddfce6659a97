import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dockerLayout, type LayoutContent, layoutTar, sha256 } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { type ArchiveKind, openArchive } from "./open-archive.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
let count = 0;

const foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
const base = { members: [{ name: "Files/Windows/a.dll", content: "a" }] };
const own = { members: [{ name: "Files/app/b", content: "b" }] };
const absent = sha256("as Microsoft's registry has it");

/**
 * What Docker saves of an image that is built on one with foreign layers: these are in the archive as they are
 * unpacked, and the OCI manifest names them as they are in the registry. Source: moby
 * `daemon/internal/image/tarexport/save.go`, where a layer describes itself on Windows.
 */
function saved(os: string, descriptor: object = {}): LayoutContent {
  const files = dockerLayout([{ tags: ["app:1"], os, layers: [base, own] }]);
  const { manifests } = JSON.parse(Buffer.from(files["index.json"] ?? "").toString());
  const manifest = JSON.parse(Buffer.from(files[`blobs/sha256/${manifests[0].digest.slice(7)}`] ?? "").toString());
  const [, above] = manifest.layers;
  const below = { mediaType: foreign, size: 30, digest: absent, urls: ["https://mcr.example/v2/x"], ...descriptor };
  const bytes = Buffer.from(JSON.stringify({ ...manifest, layers: [below, above] }));
  const entry = { ...manifests[0], digest: sha256(bytes), size: bytes.length };
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  return { ...files, [`blobs/sha256/${sha256(bytes).slice(7)}`]: bytes, "index.json": index };
}

async function others(files: LayoutContent, kind?: ArchiveKind): Promise<readonly string[]> {
  const path = join(folder, `${count++}.tar`);
  writeFileSync(path, layoutTar(files));
  const opened = await openArchive(path, { verifyDigests: false, signal, ...(kind === undefined ? {} : { kind }) });
  using image = opened.image;
  expect(image.layers).toHaveLength(2);
  return image.unexamined.map((name) => name.replace(path, "FILE"));
}

test("the layers of Windows that Docker saves, and its OCI manifest names as they were pulled, are the same", async () => {
  for (const kind of [undefined, "docker-archive", "oci-archive"] as const)
    expect(await others(saved("windows"), kind)).toEqual([]);
});

test("those of an image for another system are not, since Podman fetches them from where the manifest says", async () => {
  expect(await others(saved("linux"))).toEqual(["oci-archive:FILE:app:1"]);
  expect(await others(saved("linux"), "oci-archive")).toEqual(["docker-archive:FILE:app:1"]);
});

test.each([
  ["is not foreign", { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" }],
  ["is in the archive as another", { digest: sha256("elsewhere") }],
  ["has no digest", { digest: undefined }],
])("a layer of Windows that %s is another one", async (_, descriptor) => {
  const files = { ...saved("windows", descriptor), [`blobs/sha256/${sha256("elsewhere").slice(7)}`]: Buffer.from("x") };
  expect(await others(files)).toEqual(["oci-archive:FILE:app:1"]);
});
