import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type BenchImage, imageSize } from "./bench-images.ts";
import { runProgram } from "./content-folder.ts";
import { configType, imageConfig, imageManifest, manifestType } from "./image-config.ts";

/** One image in the forms that it has on disk. */
export interface BenchArchives {
  /** The folder that holds them all. */
  readonly place: string;
  /** An OCI layout as a folder, its layers gzip, and the same in a tar. */
  readonly ociFolder: string;
  readonly ociArchive: string;
  /** As `docker save` writes it, its layers plain. */
  readonly dockerArchive: string;
}

/** The name that the archives give the image. */
export function tagOf({ name }: BenchImage): string {
  return `plimsoll-bench/${name}:1`;
}

/** Where the archives of an image are, or will be. */
export function archivesOf(folder: string, image: BenchImage): BenchArchives {
  const version = `${imageSize(image).packed}-${hashOf(imageConfig(image.layers)).slice(0, 8)}`;
  const place = join(folder, "images", `${image.name}-${version}`);
  return {
    place,
    ociFolder: join(place, "oci"),
    ociArchive: join(place, "oci.tar"),
    dockerArchive: join(place, "docker.tar"),
  };
}

/** Writes the archives of an image, or takes those that an earlier run left. */
export function makeArchives(folder: string, image: BenchImage): BenchArchives {
  const archives = archivesOf(folder, image);
  if (existsSync(archives.place)) return archives;
  const unfinished = `${archives.place}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const config = imageConfig(image.layers);
  const [layout, save] = [join(unfinished, "oci"), join(unfinished, "save")];
  writeLayout(layout, image, config);
  runProgram("tar", [
    "--create",
    "--file",
    `${layout}.tar`,
    "--directory",
    layout,
    "oci-layout",
    "index.json",
    "blobs",
  ]);
  writeSave(save, image, config);
  runProgram("tar", ["--create", "--file", join(unfinished, "docker.tar"), "--directory", save, "."]);
  rmSync(save, { recursive: true });
  renameSync(unfinished, archives.place);
  return archives;
}

function writeLayout(layout: string, image: BenchImage, config: Buffer): void {
  const blobs = join(layout, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const add = (bytes: Buffer): { digest: string; size: number } => {
    const hex = hashOf(bytes);
    writeFileSync(join(blobs, hex), bytes);
    return { digest: `sha256:${hex}`, size: bytes.length };
  };
  for (const { gzip, digest } of image.layers) linkSync(gzip, join(blobs, digest.replace("sha256:", "")));
  const manifest = add(imageManifest({ mediaType: configType, ...add(config) }, image.layers));
  const index = { schemaVersion: 2, manifests: [{ mediaType: manifestType, ...manifest }] };
  writeFileSync(join(layout, "index.json"), JSON.stringify(index));
  writeFileSync(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
}

function writeSave(save: string, image: BenchImage, config: Buffer): void {
  mkdirSync(save, { recursive: true });
  for (const { tar } of image.layers) linkSync(tar, join(save, basename(tar)));
  const configName = `${hashOf(config)}.json`;
  writeFileSync(join(save, configName), config);
  const item = { Config: configName, RepoTags: [tagOf(image)], Layers: image.layers.map(({ tar }) => basename(tar)) };
  writeFileSync(join(save, "manifest.json"), JSON.stringify([item]));
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
