import { createHash, randomBytes } from "node:crypto";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { DiskFile } from "./random-access.ts";
import { readRange } from "./read-range.ts";

const folder = temporaryFolder();
const bytes = randomBytes(5_500_000);
const path = join(folder, "bytes");
writeFileSync(path, bytes);

for (const reuse of [false, true]) {
  test(`gives the bytes of a range in order ${reuse ? "in the same few buffers" : "in memory of their own"}`, async () => {
    using file = new DiskFile(path);
    const hash = createHash("sha256");
    const progress: number[] = [];
    const memories = new Set<ArrayBufferLike>();
    const range = { file, offset: 1000, size: 5_000_000 };
    for await (const piece of readRange(range, { reuse, progress: (count) => void progress.push(count) })) {
      hash.update(piece);
      memories.add(piece.buffer);
    }
    expect(hash.digest("hex")).toBe(createHash("sha256").update(bytes.subarray(1000, 5_001_000)).digest("hex"));
    expect(progress.reduce((sum, count) => sum + count, 0)).toBe(5_000_000);
    expect(memories.size).toBe(reuse ? 3 : 5);
  });
}

test("says so when the file became shorter", async () => {
  const shrinking = join(folder, "shrinking");
  writeFileSync(shrinking, bytes);
  using file = new DiskFile(shrinking);
  truncateSync(shrinking, 100);
  const reading = async (): Promise<void> => {
    for await (const piece of readRange({ file, offset: 0, size: file.size })) expect(piece.length).toBe(100);
  };
  await expect(reading()).rejects.toMatchObject({ code: "target-unreadable" });
});
