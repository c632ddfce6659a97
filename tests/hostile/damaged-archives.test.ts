import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PlimsollError } from "../../src/model/error.ts";
import { corpusPath, describeWithCorpus } from "../setup/corpus.ts";
import { dockerLayout, layoutTar, legacyDockerLayout } from "../setup/image.ts";
import { takeStock } from "../setup/take-stock.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";

const folder = temporaryFolder();
/** Far more than any of these archives takes; what is meant is that nothing hangs. */
const longest = 5_000;

/** A sequence of numbers below 2^32 that is the same in every run (xorshift). */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

/** How a scan ended: `error`, `problems` or `packages`. Anything but these three is thrown on. */
async function ending(path: string): Promise<string> {
  const started = performance.now();
  try {
    const { problems } = await takeStock(path);
    for (const { message } of problems) expect(message).toMatch(/^\S.{10,}$/);
    return problems.length > 0 ? "problems" : "packages";
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    expect(error.message).toMatch(/^\S[^\n]{10,}$/);
    return "error";
  } finally {
    expect(performance.now() - started).toBeLessThan(longest);
  }
}

function count(endings: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    ["error", "problems", "packages"].map((one) => [one, endings.filter((each) => each === one).length]),
  );
}

async function withFlippedBytes(path: string, places: number, seed: number): Promise<Record<string, number>> {
  const original = readFileSync(path);
  const copy = join(folder, "flipped");
  writeFileSync(copy, original);
  const random = numbers(seed);
  const endings: string[] = [];
  for (let turn = 0; turn < places; turn++) {
    const at = random.next().value % original.length;
    const change = 1 + (random.next().value % 255);
    patch(copy, at, (original[at] ?? 0) ^ change);
    try {
      endings.push(await ending(copy));
    } catch (cause) {
      throw new Error(`byte ${at} of ${path} changed by ${change}`, { cause });
    }
    patch(copy, at, original[at] ?? 0);
  }
  return count(endings);
}

function patch(path: string, at: number, byte: number): void {
  const descriptor = openSync(path, "r+");
  writeSync(descriptor, Uint8Array.of(byte), 0, 1, at);
  closeSync(descriptor);
}

async function cutOff(path: string, places: number): Promise<Record<string, number>> {
  const copy = join(folder, "cut");
  copyFileSync(path, copy);
  const { size } = statSync(path);
  const endings: string[] = [];
  for (let turn = places - 1; turn >= 0; turn--) {
    truncateSync(copy, Math.floor((size * turn) / places));
    endings.push(await ending(copy));
  }
  return count(endings);
}

describeWithCorpus("archives of the corpus that were damaged", () => {
  const archives: readonly (readonly [string, string, number])[] = [
    ["docker-archive", "java.tar", 700],
    ["docker-archive", "nodes-fake-multi.tar", 700],
    ["oci-archive", "alpine-3.12.0.tar", 600],
  ];

  test("are changed at 2,000 places in all", () => {
    expect(archives.reduce((sum, [, , places]) => sum + places, 0)).toBe(2_000);
  });

  test.each(archives)(
    "%s/%s: a changed byte is an error, a problem or no matter, at %i places",
    async (kind, file, places) => {
      const endings = await withFlippedBytes(corpusPath("images", kind, file), places, 20_260_821);
      expect(endings["error"]).toBeGreaterThan(0);
    },
  );

  test.each(archives)("%s/%s: cut off at 60 places it is an error or a problem", async (kind, file) => {
    const { packages } = await cutOff(corpusPath("images", kind, file), 60);
    expect(packages).toBe(0);
  });
});

describe("archives made here that were damaged", () => {
  const content = Array.from({ length: 3_000 }, (_, line) => `line ${line}`).join("\n");
  const layers = (["gzip", "zstd", "none"] as const).map((compression, index) => ({
    compression,
    members: [
      { name: "usr/lib/os-release", content: "ID=debian\nVERSION_ID=12\n" },
      { name: `file-${index}`, content },
      { name: "etc/os-release", type: "symlink" as const, link: "../usr/lib/os-release" },
    ],
  }));
  const path = join(folder, "made.tar");
  const legacy = join(folder, "made-legacy.tar");
  writeFileSync(path, layoutTar(dockerLayout([{ layers, tags: ["made:1"] }])));
  writeFileSync(legacy, layoutTar(legacyDockerLayout([{ layers, tags: ["made:1"] }])));

  test("are whole at first", async () => {
    expect([await ending(path), await ending(legacy)]).toEqual(["packages", "packages"]);
  });

  test("end in an error, a problem or no matter when a byte changes", async () => {
    for (const each of [path, legacy]) await withFlippedBytes(each, 300, 7);
  });

  test("end in an error or a problem when cut off", async () => {
    for (const each of [path, legacy]) expect((await cutOff(each, 100))["packages"]).toBe(0);
  });
});
