import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { longestLine } from "./alert-queue.ts";
import { DiskQueue } from "./disk-queue.ts";

const root = temporaryFolder();
let count = 0;

test("lines come out in the order in which they went in, and stay until they are acknowledged", async () => {
  const queue = await DiskQueue.open(newFolder());
  for (const line of ["a", "b", "ü", ""]) expect(await queue.enqueue(line)).toBe(true);
  expect(queue.depth).toBe(4);
  expect(queue.peek(2)).toEqual(["a", "b"]);
  expect(queue.peek(9)).toEqual(["a", "b", "ü", ""]);
  queue.acknowledge(2);
  expect(queue.peek(9)).toEqual(["ü", ""]);
  queue.acknowledge(2);
  expect(queue).toMatchObject({ depth: 0, bytes: 0 });
  expect(queue.peek(9)).toEqual([]);
  await queue.close();
});

test("what was not acknowledged comes again in the next process, what was does not", async () => {
  const folder = newFolder();
  const first = await DiskQueue.open(folder);
  for (const line of ["a", "b", "c"]) await first.enqueue(line);
  first.peek(1);
  first.acknowledge(1);
  await first.close();
  const second = await DiskQueue.open(folder);
  expect(second).toMatchObject({ depth: 2, damaged: 0 });
  await second.enqueue("d");
  expect(second.peek(9)).toEqual(["b", "c", "d"]);
  second.acknowledge(3);
  await second.close();
  expect(segments(folder)).toEqual([]);
});

test("segments are begun again when they are large, and go when all of them is acknowledged", async () => {
  const folder = newFolder();
  const queue = await DiskQueue.open(folder, { maxBytes: 80_000, outlives: "process" });
  for (let index = 0; index < 300; index++) await queue.enqueue(`${index} ${"x".repeat(100)}`);
  expect(segments(folder).length).toBeGreaterThan(3);
  expect(modes(folder)).toEqual(new Set([0o600]));
  for (let index = 0; index < 300; index++) {
    expect(queue.peek(1)[0]?.split(" ")[0]).toBe(String(index));
    queue.acknowledge(1);
  }
  expect(segments(folder).length).toBeLessThan(2);
  await queue.close();
});

test("a full queue refuses the newest line, and keeps its last fifth for what is urgent", async () => {
  const folder = newFolder();
  const queue = await DiskQueue.open(folder, { maxBytes: 10_000, outlives: "process" });
  const line = "x".repeat(88);
  let taken = 0;
  while (await queue.enqueue(line)) taken++;
  expect(taken).toBe(80);
  let urgent = 0;
  while (await queue.enqueue(line, { isUrgent: true })) urgent++;
  expect(urgent).toBe(20);
  expect(diskBytes(folder)).toBeLessThanOrEqual(10_000);
  queue.peek(50);
  queue.acknowledge(50);
  expect(await queue.enqueue(line)).toBe(true);
  await queue.close();
});

test("a line that is too long is refused", async () => {
  const queue = await DiskQueue.open(newFolder());
  expect(await queue.enqueue("x".repeat(longestLine))).toBe(true);
  expect(await queue.enqueue("x".repeat(longestLine + 1))).toBe(false);
  expect(await queue.enqueue("ü".repeat(longestLine / 2 + 1))).toBe(false);
  expect(queue.peek(5)).toHaveLength(1);
  await queue.close();
});

test("a torn end is known by its checksum and passed over", async () => {
  const folder = newFolder();
  await filled(folder, ["a", "b", "c"]);
  const [segment = ""] = segments(folder);
  truncateSync(join(folder, segment), statSync(join(folder, segment)).size - 1);
  const queue = await DiskQueue.open(folder);
  expect(queue).toMatchObject({ depth: 2, damaged: 1 });
  await queue.enqueue("d");
  expect(queue.peek(9)).toEqual(["a", "b", "d"]);
  await queue.close();
});

test("damage in the middle costs only the lines that it hits", async () => {
  const folder = newFolder();
  await filled(folder, ["first", "second", "third"]);
  const path = join(folder, segments(folder)[0] ?? "");
  const bytes = readFileSync(path);
  bytes[bytes.indexOf("second") + 1] = 0;
  writeFileSync(path, bytes);
  const queue = await DiskQueue.open(folder);
  expect(queue).toMatchObject({ depth: 2, damaged: 1 });
  expect(queue.peek(9)).toEqual(["first", "third"]);
  await queue.close();
});

test("whatever happens to the files, opening and reading end, and what is read was written", async () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index} ${"y".repeat(index * 7)}`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ at: fc.nat(3000), byte: fc.nat(255) }), { maxLength: 8 }),
      fc.nat(3000),
      fc.uint8Array({ maxLength: 40 }),
      async (changes, size, tail) => {
        const folder = newFolder();
        await filled(folder, lines);
        for (const name of ["position", ...segments(folder)]) {
          const path = join(folder, name);
          const bytes = readFileSync(path);
          for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
          writeFileSync(path, bytes.subarray(0, Math.max(0, bytes.length - (size > 2000 ? 0 : size))));
          appendFileSync(path, tail);
        }
        const queue = await DiskQueue.open(folder, { outlives: "process" });
        const read: string[] = [];
        for (let next = queue.peek(3); next.length > 0; next = queue.peek(3)) {
          read.push(...next);
          queue.acknowledge(next.length);
        }
        await queue.close();
        expect(read.filter((line) => !lines.includes(line))).toEqual([]);
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test("a position that is lost gives lines again, and loses none", async () => {
  const folder = newFolder();
  const first = await DiskQueue.open(folder);
  for (const line of ["a", "b"]) await first.enqueue(line);
  first.peek(1);
  first.acknowledge(1);
  await first.close();
  writeFileSync(join(folder, "position"), "");
  const second = await DiskQueue.open(folder);
  expect(second.peek(9)).toEqual(["a", "b"]);
  await second.close();
});

test("files of others in the folder are left alone", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, "notes.txt"), "keep");
  const queue = await DiskQueue.open(folder);
  await queue.enqueue("a");
  queue.peek(1);
  queue.acknowledge(1);
  await queue.close();
  expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("keep");
});

test.runIf(process.platform === "linux")("two queues do not share a folder", async () => {
  const folder = newFolder();
  const queue = await DiskQueue.open(folder);
  await expect(DiskQueue.open(folder)).rejects.toMatchObject({ code: "output-not-written" });
  await queue.close();
  await (await DiskQueue.open(folder)).close();
});

test("a folder that cannot be is an error", async () => {
  const path = join(root, "file");
  writeFileSync(path, "");
  await expect(DiskQueue.open(join(path, "queue"))).rejects.toMatchObject({ code: "output-not-written" });
});

async function filled(folder: string, lines: readonly string[]): Promise<void> {
  const queue = await DiskQueue.open(folder, { outlives: "process" });
  for (const line of lines) await queue.enqueue(line);
  await queue.close();
}

function newFolder(): string {
  return join(root, `queue-${count++}`);
}

function segments(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".alerts"));
}

function diskBytes(folder: string): number {
  return segments(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function modes(folder: string): Set<number> {
  return new Set(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777));
}
