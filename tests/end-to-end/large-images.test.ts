import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { type LayerSpec, layoutTar, ociLayout, sha256 } from "../setup/image.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { largeLayer, writeBucket } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const db = join(folder, "advisories.sqlite");
const [sound, leaky] = [largeLayer("sound", "1.0.0"), largeLayer("leaky", "1.0.0")];

beforeAll(async () => {
  const { code } = await plimsoll(["db", "build", "--from", writeBucket(folder), "--db", db]);
  expect(code).toBe(0);
});

/** The path of an image of these layers. */
function imageOf(...layers: readonly LayerSpec[]): string {
  const path = join(folder, "image.tar");
  writeFileSync(path, layoutTar(ociLayout([{ layers }])));
  return path;
}

/** Scans an image; tells how many threads that took. */
async function scan(image: string, args: readonly string[], nodeOptions = "") {
  const options = { env: { NODE_DEBUG: "worker", NODE_OPTIONS: nodeOptions } };
  const { code, stdout, stderr } = await plimsoll(["scan", image, "--db", db, "--format", "json", ...args], options);
  return { code, threads: stderr.match(/create new worker/g)?.length ?? 0, report: JSON.parse(stdout) as Report };
}

/** The layer with another byte, `from` bytes before its end, under the digest that it had. */
function changed({ bytes = Buffer.alloc(0), diffId }: LayerSpec, from: number): LayerSpec {
  const other = Buffer.from(bytes);
  other.writeUInt8(other.readUInt8(other.length - from) ^ 1, other.length - from);
  return { bytes: other, digest: sha256(bytes), ...(diffId !== undefined && { diffId }) };
}

describe.skipIf(availableParallelism() < 2)("an image with much to inflate is read in threads", () => {
  test("with what is found in smaller ones, and nothing is left to read in the next scan", async () => {
    const cache = ["--cache", join(folder, "cache"), "--fail-on", "high", "--verify-digests"];
    const image = imageOf(sound, leaky);
    const first = await scan(image, cache);
    expect(first.code).toBe(1);
    expect(first.threads).toBeGreaterThan(0);
    expect(first.report).toMatchObject({
      packages: [
        { name: "leaky", layer: 1 },
        { name: "sound", layer: 0 },
      ],
      findings: [{ id: "TEST-2024-1", package: { name: "leaky" } }],
      layers: [{ verified: true }, { verified: true }],
      problems: [],
    });
    const second = await scan(image, cache);
    expect(second).toMatchObject({ code: 1, threads: 0 });
    expect({ ...second.report, createdAt: "" }).toEqual({ ...first.report, createdAt: "" });
  });

  test("where one is damaged in its last bytes, the others count and the answer is open", async () => {
    // A byte of the checksum in gzip's trailer.
    const image = imageOf(leaky, changed(sound, 8));
    const { code, threads, report } = await scan(image, ["--fail-on", "critical", "--no-cache"]);
    expect(code).toBe(3);
    expect(threads).toBeGreaterThan(0);
    expect(report.packages.map(({ name }) => name)).toContain("leaky");
    expect(report.problems).toMatchObject([{ code: "unreadable", message: expect.stringContaining("damaged") }]);
  });

  test("but in one where Node's permissions allow no other", async () => {
    const permissions = "--permission --allow-fs-read=* --allow-fs-write=*";
    const { code, threads, report } = await scan(imageOf(sound, leaky), ["--no-cache"], permissions);
    expect({ code, threads }).toEqual({ code: 0, threads: 0 });
    expect(report).toMatchObject({ packages: [{ name: "leaky" }, { name: "sound" }], problems: [] });
  });

  test("and the digest of what is stored is proved when that is asked for", async () => {
    // In the ballast: the layer can be inflated and holds the same package.
    const image = imageOf(sound, changed(leaky, 40_000_000));
    const { code, report } = await scan(image, ["--verify-digests", "--fail-on", "high", "--no-cache"]);
    expect(code).toBe(1);
    expect(report.problems).toMatchObject([
      { code: "unreadable", message: expect.stringContaining("should have the digest") },
    ]);
    expect(report.layers.map(({ verified }) => verified)).toEqual([true, false]);
  });
});
