import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { digestOf } from "../src/registry/content/content-digest.ts";
import type { BenchServer } from "./bench-servers.ts";
import { tagOf } from "./images/archives.ts";
import type { BenchImage } from "./images/bench-images.ts";
import { configType, imageConfig, imageManifest, manifestType } from "./images/image-config.ts";
import { findProgram } from "./measure.ts";
import { removeAtExit } from "./remove-at-exit.ts";

const startWithin = 10_000;

/**
 * Serves the pull part of a registry from files, by nginx: a registry that takes next to no processor time, as one on another machine
 * takes none. The reason in one line when there can be none.
 */
export async function startStaticRegistry(images: readonly BenchImage[]): Promise<BenchServer | string> {
  if (findProgram("nginx") === undefined) return "nginx is not installed";
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-static-"));
  removeAtExit(folder);
  chmodSync(folder, 0o755);
  writeRegistry(folder, images);
  const port = await freePort();
  writeFileSync(join(folder, "nginx.conf"), configuration(folder, port));
  const child = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  const host = `127.0.0.1:${port}`;
  for (const deadline = Date.now() + startWithin; Date.now() < deadline && child.exitCode === null; ) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer?.ok) return { host, stop };
    await delay(50);
  }
  await stop();
  return "nginx did not start";
}

function writeRegistry(folder: string, images: readonly BenchImage[]): void {
  mkdirSync(join(folder, "blobs"));
  for (const image of images) {
    const [name = "", tag = ""] = tagOf(image).split(":");
    const repository = join(folder, "v2", name);
    for (const part of ["manifests", "tags"]) mkdirSync(join(repository, part), { recursive: true });
    const config = imageConfig(image.layers);
    const descriptor = { mediaType: configType, digest: digestOf(config), size: config.length };
    const manifest = imageManifest(descriptor, image.layers);
    writeFileSync(join(repository, "tags", "list"), JSON.stringify({ name, tags: [tag] }));
    for (const reference of [tag, digestOf(manifest)]) {
      writeFileSync(join(repository, "manifests", reference), manifest);
    }
    writeFileSync(join(folder, "blobs", descriptor.digest), config);
    for (const { digest, gzip } of image.layers) {
      const path = join(folder, "blobs", digest);
      if (!existsSync(path)) symlinkSync(gzip, path);
    }
  }
  const repositories = images.map((image) => tagOf(image).split(":")[0]).sort();
  writeFileSync(join(folder, "v2", "_catalog"), JSON.stringify({ repositories }));
}

function configuration(folder: string, port: number): string {
  const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  return `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/errors;
    events {}
    http {
      access_log off; sendfile on; keepalive_requests 1000000; types {} ${scratch.join(" ")}
      server {
        listen 127.0.0.1:${port}; root ${folder}; default_type application/json;
        location = /v2/ { return 200 "{}"; }
        location ~ ^/v2/.+/manifests/ { default_type ${manifestType}; }
        location ~ ^/v2/.+/blobs/(.+)$ { default_type application/octet-stream; alias ${folder}/blobs/$1; }
      }
    }
  `;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
