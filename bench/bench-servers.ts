import { createReadStream } from "node:fs";
import { parseReference } from "../src/model/packages/reference.ts";
import { RegistryClient } from "../src/registry/connection/registry-client.ts";
import { blobOf } from "../src/registry/content/blob-source.ts";
import { obstacle as engineObstacle, startDockerd } from "../tests/engines/dockerd.ts";
import { startDockerRegistry } from "../tests/registry/setup/docker-registry.ts";
import { type BenchArchives, tagOf } from "./images/archives.ts";
import type { BenchImage } from "./images/bench-images.ts";
import { runProgram } from "./images/content-folder.ts";
import { configType, imageConfig, imageManifest, manifestType } from "./images/image-config.ts";
import { findProgram } from "./measure.ts";

/** A Docker Engine or a registry that the bench started, with images in it. */
export interface BenchServer {
  /** A value of `DOCKER_HOST`, or `127.0.0.1:PORT`. */
  readonly host: string;
  /** Ends it; what it holds is removed then, or when the bench ends. */
  stop(): Promise<void>;
}

/** Starts a registry and pushes images to it. The reason in one line when there can be none. */
export async function startRegistryWith(images: readonly BenchImage[]): Promise<BenchServer | string> {
  if (findProgram("docker-registry") === undefined) return "docker-registry is not installed";
  const registry = await startDockerRegistry();
  try {
    const client = new RegistryClient({
      credentials: { find: () => Promise.resolve(undefined) },
      signal: new AbortController().signal,
    });
    const held = new Map<string, string>();
    for (const image of images) await pushImage(client, { host: registry.host, image, held });
    return registry;
  } catch (error) {
    await registry.stop();
    throw error;
  }
}

interface Push {
  readonly host: string;
  readonly image: BenchImage;
  /** By digest, the repository to which a layer was pushed before: it is taken over from there. */
  readonly held: Map<string, string>;
}

async function pushImage(client: RegistryClient, { host, image, held }: Push): Promise<void> {
  const reference = parseReference(`${host}/${tagOf(image)}`);
  if (!reference) throw new Error(`${image.name} is no name for a repository`);
  for (const { gzip, digest, packedSize } of image.layers) {
    const mountFrom = held.get(digest);
    const blob = { digest, size: packedSize, open: () => createReadStream(gzip, { highWaterMark: 1024 * 1024 }) };
    await client.pushBlob(reference, blob, mountFrom === undefined ? {} : { mountFrom });
    held.set(digest, reference.repository);
  }
  const config = blobOf(imageConfig(image.layers));
  await client.pushBlob(reference, config);
  const { digest, size } = config;
  const bytes = imageManifest({ mediaType: configType, digest, size }, image.layers);
  await client.pushManifest(reference, { bytes, mediaType: manifestType });
}

/** Starts a Docker Engine and loads an image's archive. The reason in one line when there can be none. */
export async function startEngineWith({ dockerArchive }: BenchArchives): Promise<BenchServer | string> {
  if (engineObstacle !== undefined) return engineObstacle;
  if (findProgram("docker") === undefined) return "docker, the command, is not installed";
  const engine = await startFirst(["overlay2", "vfs"]);
  if (typeof engine === "string") return engine;
  try {
    runProgram("docker", ["--host", engine.host, "load", "--quiet", "--input", dockerArchive]);
    return engine;
  } catch (error) {
    await engine.stop();
    return error instanceof Error ? error.message : String(error);
  }
}

/** With the storage driver that most engines have, where this machine's file system can. */
async function startFirst(drivers: readonly ("overlay2" | "vfs")[]): Promise<BenchServer | string> {
  let reason = "there is no storage driver";
  for (const driver of drivers) {
    const engine = await startDockerd(driver);
    if (typeof engine !== "string") return engine;
    reason = engine;
  }
  return reason;
}
