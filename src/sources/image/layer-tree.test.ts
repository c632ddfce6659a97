import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { dockerLayout, layoutTar, sha256 } from "../../../tests/setup/image.ts";
import { takeStock } from "../../../tests/setup/take-stock.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { DiskFile } from "../../io/bytes/random-access.ts";
import type { TreeVisitor } from "../../model/images/tree.ts";
import { LayerTree } from "./layer-tree.ts";

const folder = temporaryFolder();
const path = join(folder, "layer.tar");
const layer = tar([
  { name: "app/node_modules/a/package.json", content: '{"name":"a","version":"1.2.3"}' },
  { name: "ballast", content: "x".repeat(20_000_000) },
]);
const digest = sha256(layer);

function walk(bytes: Buffer, { visit, expected = digest }: { visit?: () => void; expected?: string } = {}) {
  writeFileSync(path, bytes);
  const file = new DiskFile(path);
  onTestFinished(() => file[Symbol.dispose]());
  const tree = new LayerTree({ file, offset: 0, size: bytes.length }, { expected: { digest: expected, of: "stored" } });
  const visitor: TreeVisitor = {
    entry: () => {
      visit?.();
      return false;
    },
    file: () => undefined,
    refused: () => undefined,
  };
  return tree.walk(visitor, { signal: new AbortController().signal });
}

describe("a large plain layer whose digest is to be proved", () => {
  test("is walked", () => expect(walk(layer)).resolves.toBeUndefined());

  test("is refused when a byte is another one that no extractor reads", async () => {
    const other = Buffer.from(layer);
    other.write("y", other.length - 1_000_000);
    await expect(walk(other)).rejects.toMatchObject({ code: "digest-mismatch" });
    await expect(walk(layer, { expected: `sha256:${digest.slice(7).toUpperCase()}` })).rejects.toMatchObject({
      code: "digest-mismatch",
    });
    await expect(walk(layer, { expected: `sha384:${digest.slice(7)}` })).rejects.toMatchObject({
      code: "digest-mismatch",
    });
  });

  test("is refused when the file is written to while it is read", async () => {
    await expect(walk(layer, { visit: () => appendFileSync(path, "more") })).rejects.toMatchObject({
      code: "target-unreadable",
      message: `${path} changed while it was read`,
    });
  });

  test("fails as its walk fails", async () => {
    const failure = new Error("from the visitor");
    const visit = (): void => {
      throw failure;
    };
    await expect(walk(layer, { visit })).rejects.toBe(failure);
  });

  test("is proved in an archive that is packed itself and unpacked to a file without a name", async () => {
    const archive = join(folder, "image.tar.gz");
    writeFileSync(archive, gzipSync(layoutTar(dockerLayout([{ layers: [{ bytes: layer }] }])), { level: 1 }));
    const { packages, problems, verified } = await takeStock(archive, { verifyDigests: true });
    expect(packages.map(({ name }) => name)).toEqual(["a"]);
    expect({ problems, verified }).toEqual({ problems: [], verified: [true] });
  });
});
