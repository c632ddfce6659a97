import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { dockerLayout, type LayerSpec, layoutTar, sha256 } from "../setup/image.ts";
import { tar } from "../setup/tar.ts";
import { zip } from "../setup/zip.ts";

/** A layer with one installed npm package. */
export function npmLayer(name: string, version: string): LayerSpec {
  return {
    members: [{ name: `app/node_modules/${name}/package.json`, content: JSON.stringify({ name, version }) }],
  };
}

/** Writes an image of these layers as `docker save` does, and returns its path. */
export function writeImage(folder: string, name: string, layers: readonly LayerSpec[]): string {
  const path = join(folder, name);
  writeFileSync(path, layoutTar(dockerLayout([{ tags: [`${name}:1`], layers }])));
  return path;
}

/** A gzip layer with one installed npm package and so many bytes beside it that the layers of an image go to threads. */
export function largeLayer(name: string, version: string): LayerSpec {
  const ballast = { name: `srv/${name}.bin`, content: randomBytes(52_000_000) };
  const plain = tar([...(npmLayer(name, version).members ?? []), ballast]);
  return { bytes: gzipSync(plain, { level: 0 }), diffId: sha256(plain) };
}

/** Writes a bucket of advisories for the npm packages `leaky` (high, fixed in 2.0.0) and `odd` (unrated), and returns its path. */
export function writeBucket(folder: string): string {
  const bucket = join(folder, "bucket");
  mkdirSync(join(bucket, "npm"), { recursive: true });
  const records = [
    record("TEST-2024-1", { name: "leaky", fixed: "2.0.0", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N" }),
    record("TEST-2024-2", { name: "odd", fixed: "3.0.0" }),
  ];
  writeFileSync(
    join(bucket, "npm", "all.zip"),
    zip(records.map((content) => ({ name: `${content.id}.json`, content: JSON.stringify(content) }))),
  );
  return bucket;
}

function record(
  id: string,
  { name, fixed, vector }: { name: string; fixed: string; vector?: string },
): { readonly id: string } & Readonly<Record<string, unknown>> {
  return {
    id,
    schema_version: "1.7.0",
    modified: "2024-01-02T03:04:05Z",
    summary: `A hole in ${name}`,
    ...(vector === undefined ? {} : { severity: [{ type: "CVSS_V3", score: vector }] }),
    affected: [
      {
        package: { ecosystem: "npm", name },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed }] }],
      },
    ],
  };
}
