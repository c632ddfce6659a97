import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { serveLocally } from "../setup/local-server.ts";
import { repository } from "../setup/source-files.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Serves the installed dependencies of a package, and theirs, as an npm registry does, until the test has ended. The tarballs
 * are written to `folder` first. Returns the address of the registry.
 */
export async function serveDependencies(packageJson: string, folder: string): Promise<string> {
  const documents = new Map<string, (origin: string) => string>();
  const tarballs = new Map<string, Buffer>();
  const waiting = Object.keys(readManifest(packageJson).dependencies ?? {});
  for (const name of waiting) {
    if (documents.has(name)) continue;
    const source = join(repository, "node_modules", name);
    const manifest = readManifest(join(source, "package.json"));
    const tarball = tarballOf(source, folder);
    const path = `/${name}/-/${manifest.version}.tgz`;
    tarballs.set(path, tarball);
    documents.set(name, (origin) => packument(manifest, { tarball, address: `${origin}${path}` }));
    waiting.push(...Object.keys(manifest.dependencies ?? {}));
  }
  const origin = await serveLocally((request, response) => {
    const path = decodeURIComponent(request.url ?? "");
    const document = documents.get(path.slice(1))?.(`http://${request.headers.host}`);
    const body = document ?? tarballs.get(path);
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  return origin;
}

function packument(
  manifest: Manifest,
  { tarball, address }: { readonly tarball: Buffer; readonly address: string },
): string {
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const { name, version } = manifest;
  const versions = { [version]: { ...manifest, dist: { tarball: address, integrity } } };
  return JSON.stringify({ name, "dist-tags": { latest: version }, versions });
}

/** A tarball with one folder at its top, whose name npm ignores. */
function tarballOf(source: string, folder: string): Buffer {
  const path = join(folder, "dependency.tgz");
  execFileSync("tar", ["-czf", path, "-C", dirname(source), basename(source)]);
  return readFileSync(path);
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}
