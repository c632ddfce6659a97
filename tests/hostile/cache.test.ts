import { execFile } from "node:child_process";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import {
  dockerLayout,
  type ImageSpec,
  layoutTar,
  legacyDockerLayout,
  ociLayout,
  sha256,
  writeLayout,
} from "../setup/image.ts";
import { takeStock } from "../setup/take-stock.ts";
import { tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";

const folder = temporaryFolder();
let caches = 0;

function newCache(): string {
  return join(folder, `cache-${++caches}`);
}

function apk(version: string): string {
  return `P:openssl\nV:${version}\nA:x86_64\n\n`;
}

function image(version: string, claims: { digest?: string; diffId?: string } = {}): ImageSpec {
  return { layers: [{ members: [{ name: "lib/apk/db/installed", content: apk(version) }], ...claims }] };
}

const honest = image("1.0-r0");
const honestDigest = sha256(tar(honest.layers[0]?.members ?? []));
const liar = image("9.9-r9", { digest: honestDigest, diffId: honestDigest });

describe("an image that lies about the digest of its layer", () => {
  const forms = [
    ["legacy docker archive", legacyDockerLayout],
    ["docker archive", dockerLayout],
    ["OCI archive", ociLayout],
    ["OCI folder", ociLayout],
  ] as const;

  function write(
    form: string,
    layout: (images: readonly ImageSpec[]) => Readonly<Record<string, Uint8Array>>,
    spec: ImageSpec,
  ): string {
    const path = join(folder, `${form} ${spec === liar ? "liar" : "honest"}`);
    const files = layout([spec]);
    if (form === "OCI folder") writeLayout(path, files);
    else writeFileSync(path, layoutTar(files));
    return path;
  }

  test.each(forms)("does not change what others find in the cache: %s", async (form, layout) => {
    for (const verifyDigests of [false, true]) {
      const options = { cacheFolder: newCache(), verifyDigests };
      const [first, second] = [write(form, layout, liar), write(form, layout, honest)];
      const lied = await takeStock(first, options);
      expect(lied.verified).toEqual([false]);
      expect(lied.problems.length).toBe(verifyDigests ? 1 : 0);
      for (const path of [second, first, second]) {
        const { packages, verified } = await takeStock(path, options);
        if (path === second) {
          expect(packages.map(({ version }) => version)).toEqual(["1.0-r0"]);
          expect(verified).toEqual([verifyDigests]);
        } else expect(verified).toEqual([false]);
      }
    }
  });

  test.each(forms)("is found out when digests are verified after a run that did not: %s", async (form, layout) => {
    const cacheFolder = newCache();
    const path = write(form, layout, liar);
    expect((await takeStock(path, { cacheFolder })).problems).toEqual([]);
    const { problems } = await takeStock(path, { cacheFolder, verifyDigests: true });
    expect(problems).toEqual([{ code: "unreadable", message: expect.stringContaining("should have the digest") }]);
  });
});

describe("a cache", () => {
  const path = join(folder, "image.tar");

  test("is not asked about a file that changed", async () => {
    const cacheFolder = newCache();
    for (const version of ["1.0-r0", "1.0-r1", "1.0-r2"]) {
      writeFileSync(path, layoutTar(dockerLayout([image(version)])));
      expect((await takeStock(path, { cacheFolder })).packages[0]?.version).toBe(version);
    }
  });

  test("with damaged entries gives the same as none", async () => {
    const cacheFolder = newCache();
    writeFileSync(path, layoutTar(dockerLayout([honest])));
    const expected = await takeStock(path, { cacheFolder });
    for (const damage of [
      Buffer.alloc(0),
      Buffer.from("garbage"),
      Buffer.from("28b52ffd", "hex"),
      Buffer.alloc(5_000, 0xff),
    ]) {
      for (const entry of filesIn(cacheFolder)) writeFileSync(entry, damage);
      expect(await takeStock(path, { cacheFolder })).toEqual(expected);
    }
    expect(await takeStock(path, { cacheFolder })).toEqual(expected);
  });

  test("holds nothing of a layer that was not read to its end", async () => {
    const cacheFolder = newCache();
    const bytes = layoutTar(
      dockerLayout([{ layers: [{ bytes: tar(honest.layers[0]?.members ?? []).subarray(0, 600) }] }]),
    );
    writeFileSync(path, bytes);
    for (let run = 0; run < 2; run++) expect((await takeStock(path, { cacheFolder })).problems).toHaveLength(1);
    expect(filesIn(cacheFolder)).toEqual([]);
  });

  test("serves processes that run at once", async () => {
    const cacheFolder = newCache();
    const layers = Array.from({ length: 20 }, (_, index) => ({
      compression: "gzip" as const,
      members: [
        {
          name: `a${index}/node_modules/p/package.json`,
          content: JSON.stringify({ name: `p${index}`, version: "1.0.0" }),
        },
      ],
    }));
    writeFileSync(path, layoutTar(dockerLayout([{ layers }])));
    const script = `
      const { takeStock } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/pipeline/inventory/inventory.ts"))}).then(async ({ inventory }) => {
        const { openTarget } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/pipeline/targets/open-target.ts"))});
        const { InventoryCache } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/pipeline/inventory/inventory-cache.ts"))});
        const { extractors } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/extractors/builtin.ts"))});
        return { takeStock: async (path, folder) => {
          const signal = new AbortController().signal;
          const opened = await openTarget(path, { verifyDigests: false, signal });
          return inventory(opened.trees, { extractors, cache: new InventoryCache(folder, extractors), signal });
        } };
      });
      for (let run = 0; run < 5; run++) {
        const { packages } = await takeStock(process.argv[1], process.argv[2]);
        console.log(packages.map(({ name, layer }) => name + layer).join());
      }`;
    const run = promisify(execFile);
    const runs = Array.from({ length: 3 }, () =>
      run(process.execPath, ["--input-type=module", "-e", script, path, cacheFolder]),
    );
    const lines = (await Promise.all(runs)).flatMap(({ stdout }) => stdout.trim().split("\n"));
    expect(lines).toHaveLength(15);
    expect(new Set(lines).size).toBe(1);
    expect(filesIn(cacheFolder)).toHaveLength(20);
  });
});

function filesIn(cacheFolder: string): string[] {
  try {
    return readdirSync(cacheFolder, { recursive: true, encoding: "utf8" })
      .map((name) => join(cacheFolder, name))
      .filter((path) => statSync(path).isFile());
  } catch {
    return [];
  }
}
