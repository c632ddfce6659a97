import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** An image made from this machine's own files, in the forms that are timed. */
export interface BenchImage {
  readonly name: string;
  /** An OCI layout in a tar, its layers gzip. */
  readonly ociArchive: string;
  /** The same layout as a folder. */
  readonly ociFolder: string;
  /** As `docker save` writes it, its layers plain. */
  readonly dockerArchive: string;
  /** The compressed layers as files. */
  readonly layers: readonly string[];
  /** Bytes of the plain layers. */
  readonly size: number;
}

const mebibyte = 1024 * 1024;

/** Makes the two images of the bench, or takes those that an earlier run left in `folder`. */
export function makeImages(folder: string): BenchImage[] {
  mkdirSync(folder, { recursive: true });
  const system = ["/etc/os-release", "/usr/lib/os-release", "/var/lib/dpkg", "/lib/apk/db", "/var/lib/rpm"].filter(
    existsSync,
  );
  const files = filesBelow("/usr");
  const first = take(files, 200 * mebibyte);
  const base = makeLayer(
    folder,
    "base",
    [...system.flatMap(filesBelow), ...first].map(({ path }) => path),
  );
  const others = Array.from({ length: 7 }, (_, index) =>
    makeLayer(
      folder,
      `layer-${index + 1}`,
      take(files, 118 * mebibyte).map(({ path }) => path),
    ),
  );
  return [makeImage(folder, "system-200MB", [base]), makeImage(folder, "eight-layers-1GB", [base, ...others])];
}

interface FoundFile {
  readonly path: string;
  readonly size: number;
}

function filesBelow(root: string): FoundFile[] {
  const stat = lstatSync(root);
  if (!stat.isDirectory()) return [{ path: root, size: stat.size }];
  return readdirSync(root, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((item) => {
      const path = join(root, item.name);
      if (item.isDirectory()) return filesBelow(path);
      return item.isFile() || item.isSymbolicLink() ? [{ path, size: lstatSync(path).size }] : [];
    });
}

/** Takes files from the front until they have so many bytes. */
function take(files: FoundFile[], bytes: number): FoundFile[] {
  let sum = 0;
  let count = 0;
  for (; count < files.length && sum < bytes; count++) sum += files[count]?.size ?? 0;
  return files.splice(0, count);
}

function makeLayer(folder: string, name: string, paths: readonly string[]): string {
  const tar = join(folder, `${name}.tar`);
  if (existsSync(`${tar}.gz`)) return tar;
  run(
    "tar",
    ["--create", "--file", tar, "--directory=/", "--null", "--files-from=-"],
    paths.map((path) => path.slice(1)).join("\0"),
  );
  run("gzip", ["-6", "--keep", "--force", tar]);
  return tar;
}

function makeImage(folder: string, name: string, layers: readonly string[]): BenchImage {
  const layout = join(folder, name);
  const ociArchive = `${layout}.oci.tar`;
  const dockerArchive = `${layout}.docker.tar`;
  const image = {
    name,
    ociArchive,
    ociFolder: layout,
    dockerArchive,
    layers: layers.map((layer) => `${layer}.gz`),
    size: layers.reduce((sum, layer) => sum + statSync(layer).size, 0),
  };
  if (existsSync(ociArchive) && existsSync(dockerArchive)) return image;
  mkdirSync(join(layout, "blobs", "sha256"), { recursive: true });
  const diffIds = layers.map((layer) => `sha256:${hashOf(readFileSync(layer))}`);
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: diffIds },
  });
  const blobs = layers.map((layer) => ({ ...addBlob(layout, readFileSync(`${layer}.gz`)), mediaType: layerType }));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { ...addBlob(layout, Buffer.from(config)), mediaType: "application/vnd.oci.image.config.v1+json" },
    layers: blobs,
  });
  const index = {
    schemaVersion: 2,
    manifests: [{ ...addBlob(layout, Buffer.from(manifest)), mediaType: manifestType }],
  };
  writeFileSync(join(layout, "index.json"), JSON.stringify(index));
  writeFileSync(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  run("tar", ["--create", "--file", ociArchive, "--directory", layout, "oci-layout", "index.json", "blobs"]);
  saveAsDocker(folder, { name, layers, config, dockerArchive });
  return image;
}

const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";
const manifestType = "application/vnd.oci.image.manifest.v1+json";

function saveAsDocker(
  folder: string,
  {
    name,
    layers,
    config,
    dockerArchive,
  }: { name: string; layers: readonly string[]; config: string; dockerArchive: string },
): void {
  const save = join(folder, `${name}-save`);
  mkdirSync(save, { recursive: true });
  layers.forEach((layer, index) => {
    if (!existsSync(join(save, `${index}.tar`))) linkSync(layer, join(save, `${index}.tar`));
  });
  writeFileSync(join(save, "config.json"), config);
  const item = {
    Config: "config.json",
    RepoTags: [`${name.toLowerCase()}:1`],
    Layers: layers.map((_, index) => `${index}.tar`),
  };
  writeFileSync(join(save, "manifest.json"), JSON.stringify([item]));
  run("tar", ["--create", "--file", dockerArchive, "--directory", save, "."]);
}

function addBlob(layout: string, bytes: Buffer): { digest: string; size: number } {
  const hex = hashOf(bytes);
  writeFileSync(join(layout, "blobs", "sha256", hex), bytes);
  return { digest: `sha256:${hex}`, size: bytes.length };
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function run(program: string, args: readonly string[], input = ""): void {
  const { status, stderr } = spawnSync(program, args, { input });
  // GNU tar ends with 1 when a file changed while it was read, which does no harm here.
  if (status !== 0 && status !== 1) throw new Error(`${program} ended with ${status}: ${stderr}`);
}
