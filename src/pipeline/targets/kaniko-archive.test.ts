import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { corpusBytes, describeWithCorpus } from "../../../tests/setup/corpus.ts";
import { layoutTar, sha256 } from "../../../tests/setup/image.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { scanTarget } from "../scan/scan.ts";

const folder = temporaryFolder();
const options = { signal: new AbortController().signal, now: new Date(0), verifyDigests: false };

/** What kaniko writes with `--tar-path`: a config named by its digest, layers by those of their compressed bytes. */
function kanikoArchive(tags: readonly string[] | null): { readonly bytes: Buffer; readonly id: string } {
  const npm = JSON.stringify({ name: "leaky", version: "1.0.0" });
  const layers = [
    tar([{ name: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' }]),
    tar([{ name: "app/node_modules/leaky/package.json", content: npm }]),
  ];
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { User: "app" },
      history: layers.map((_, index) => ({ author: "kaniko", created_by: `COPY ${index} /` })),
      rootfs: { type: "layers", diff_ids: layers.map(sha256) },
    }),
  );
  const stored = layers.map((layer) => gzipSync(layer));
  const paths = stored.map((layer) => `${sha256(layer).slice(7)}.tar.gz`);
  const manifest = [{ Config: sha256(config), RepoTags: tags, Layers: paths }];
  const files = Object.fromEntries(stored.map((layer, index) => [paths[index] ?? "", layer]));
  const listed = { [sha256(config)]: config, ...files, "manifest.json": Buffer.from(JSON.stringify(manifest)) };
  return { bytes: layoutTar(listed), id: sha256(config) };
}

describe("an archive that kaniko wrote", () => {
  test.each([
    ["has no tag", null, undefined],
    ["has a tag", ["registry.example/shop:1"], ["registry.example/shop:1"]],
  ])("is scanned where it %s", async (_, tags, told) => {
    const { bytes, id } = kanikoArchive(tags);
    const path = join(folder, `${told?.length ?? 0}.tar`);
    writeFileSync(path, bytes);
    for (const target of [path, `docker-archive:${path}`]) {
      const { layers, packages, problems, ...report } = await scanTarget(target, { ...options, verifyDigests: true });
      expect(report.target).toMatchObject({
        kind: "docker-archive",
        imageId: id,
        user: "app",
        platform: "linux/amd64",
      });
      expect(report.target.tags).toEqual(told);
      expect(layers).toMatchObject([
        { createdBy: "COPY 0 /", verified: true },
        { createdBy: "COPY 1 /", verified: true },
      ]);
      expect(packages).toMatchObject([{ name: "leaky", version: "1.0.0", layer: 1 }]);
      expect([report.distro?.name, problems]).toEqual(["debian 12", []]);
    }
  });
});

describeWithCorpus("an archive of kaniko's that somebody else made", () => {
  test("is scanned", async () => {
    const path = join(folder, "kaniko-busybox.tar");
    writeFileSync(path, corpusBytes("images", "docker-archive", "kaniko-busybox.tar"));
    const { target, layers } = await scanTarget(path, { ...options, verifyDigests: true });
    expect(target).toMatchObject({
      kind: "docker-archive",
      tags: ["kaniko-busybox:latest"],
      imageId: "sha256:c5003bd0bae2d0bcb5419307c9cf54264a9e5783626caf218f8aa177173b7cf4",
    });
    expect(layers).toMatchObject([{ createdBy: "ADD busybox.tar.gz /", verified: true }]);
  });
});
