import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { type OpenTargetOptions, type OpenTree, openTarget } from "../../src/pipeline/targets/open-target.ts";
import { type ImageSpec, layoutTar, legacyDockerLayout } from "../setup/image.ts";
import { everyFile, takeStock } from "../setup/take-stock.ts";

const signal = new AbortController().signal;

/** The name of the image that {@link storedImage} writes. */
export const storedName = "plimsoll.example/team/app:1.0";

const dpkg = (...packages: readonly string[]): string =>
  packages
    .map((entry) => {
      const [title, version] = entry.split("=");
      return `Package: ${title}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: amd64\n\n`;
    })
    .join("");
const npm = (title: string, version: string): string => JSON.stringify({ name: title, version });

/** Whatever an engine could get wrong when it unpacks: all kinds of whiteouts, links, long and odd names, large bodies. */
const image: ImageSpec = {
  tags: [storedName],
  user: "app",
  layers: [
    {
      createdBy: "ADD rootfs.tar /",
      members: [
        { name: "etc/", type: "directory" },
        { name: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
        { name: "etc/shadow", content: "root:*:\n", mode: 0o600 },
        { name: "var/lib/dpkg/status", content: dpkg("bash=5.2.15-2", "openssl=3.0.11-1~deb12u1") },
        { name: "usr/lib/node_modules/removed/package.json", content: npm("removed", "1.0.0") },
        { name: "usr/lib/node_modules/hidden/package.json", content: npm("hidden", "1.0.0") },
        { name: "usr/lib/node_modules/hidden/node_modules/deep/package.json", content: npm("deep", "1.0.0") },
        { name: "opt/node_modules/replaced/package.json", content: npm("replaced", "1.0.0") },
        { name: "srv/large.bin", content: randomBytes(3 * 1024 * 1024 + 17) },
        { name: "srv/linked.bin", type: "hardlink", link: "srv/large.bin" },
        { name: `srv/${"long".repeat(40)}/file.txt`, content: "long", longNames: "pax" },
        { name: `srv/${"gnu".repeat(40)}/file.txt`, content: "gnu", longNames: "gnu" },
        { name: "srv/umlaut-ä-✓.txt", content: "text" },
        { name: "lib", type: "symlink", link: "usr/lib" },
        { name: "srv/empty", content: "" },
      ],
    },
    {
      createdBy: "RUN change",
      members: [
        { name: "usr/lib/node_modules/.wh.removed", content: "" },
        { name: "usr/lib/node_modules/hidden/", type: "directory" },
        { name: "usr/lib/node_modules/hidden/.wh..wh..opq", content: "" },
        { name: "usr/lib/node_modules/hidden/package.json", content: npm("hidden", "2.0.0") },
        { name: "opt/node_modules", content: "now a file" },
        { name: "var/lib/dpkg/status", content: dpkg("bash=5.2.15-2", "openssl=3.0.13-1~deb12u1", "zlib1g=1:1.2.13") },
      ],
    },
    {
      createdBy: "RUN clean up",
      members: [
        { name: ".wh.opt", content: "" },
        { name: "srv/.wh.empty", content: "" },
        { name: "app/node_modules/third/package.json", content: npm("third", "3.0.0") },
      ],
    },
  ],
};

/** The image that engines are given, and what Plimsoll must say of it wherever they keep it. */
export interface StoredImage {
  /** The path of its archive. */
  readonly archive: string;
  /** Compares a target with the archive: the whole tree by content, and the report. */
  expectSameAsArchive(target: string, options: Partial<OpenTargetOptions>): Promise<void>;
  /** Scans from a cold and then from a warm cache. */
  expectSameTwice(target: string, options: Partial<OpenTargetOptions>): Promise<void>;
}

/** Writes the image to a folder. */
export function storedImage(folder: string): StoredImage {
  const archive = join(folder, "image.tar");
  writeFileSync(archive, layoutTar(legacyDockerLayout([image])));
  return {
    archive,
    expectSameAsArchive: (target, options) => expectSame(target, archive, options),
    expectSameTwice: (target, options) => {
      const cache = join(folder, `cache-${randomBytes(4).toString("hex")}`);
      return expectSameTwice(target, { cache, ...options });
    },
  };
}

async function expectSame(target: string, archive: string, options: Partial<OpenTargetOptions>): Promise<void> {
  const tree = { extractors: [everyFile], ...options };
  const expectedTree = await takeStock(archive, { extractors: [everyFile] });
  const tookTree = await takeStock(target, tree);
  expect(tookTree.problems).toEqual(expectedTree.problems);
  expect(tookTree.packages).toEqual(expectedTree.packages);
  expect(tookTree.packages.length).toBeGreaterThanOrEqual(9);

  const scanOptions = { signal, now: new Date(0), verifyDigests: false };
  const expected = await scanTarget(archive, { ...scanOptions, verifyDigests: true });
  const report = await scanTarget(target, { ...scanOptions, ...options });
  expect(report.packages).toEqual(expected.packages);
  expect(report.packages.map((found) => found.name)).toEqual(
    expect.arrayContaining(["bash", "openssl", "zlib1g", "hidden", "third"]),
  );
  expect(report.findings).toEqual(expected.findings);
  expect(report.problems).toEqual(expected.problems);
  const withoutSizes = ({ layers }: typeof report): unknown =>
    layers.map(({ digest: _digest, size: _size, ...layer }) => layer);
  expect(withoutSizes(report)).toEqual(withoutSizes(expected));
  expect(report.layers.every(({ verified }) => verified)).toBe(true);
  expect(report.target).toMatchObject({ imageId: expected.target.imageId, tags: [storedName], user: "app" });
}

async function expectSameTwice(target: string, options: Partial<OpenTargetOptions>): Promise<void> {
  const all = { signal, now: new Date(0), verifyDigests: false, ...options };
  const first = await scanTarget(target, all);
  expect(await scanTarget(target, all)).toEqual(first);
}

/** Opens a target with files. */
export async function openOnly(target: string, options: Partial<OpenTargetOptions>): Promise<OpenTree> {
  const opened = await openTarget(target, { signal, verifyDigests: false, ...options });
  if (opened.form !== "tree") throw new Error(`${target} is no tree`);
  return opened;
}

/** Plimsoll reads in place only as root; here it is told that it is somebody else. */
export async function asAnotherUser(work: () => Promise<void>): Promise<void> {
  const { getuid } = process;
  process.getuid = () => 1000;
  try {
    await work();
  } finally {
    Object.assign(process, { getuid });
  }
}

/** ` (REASON)` for the title of tests that are skipped. */
export function why(obstacle: string | undefined): string {
  return obstacle === undefined ? "" : ` (${obstacle})`;
}
