import { createHash } from "node:crypto";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { DiskFile } from "../bytes/random-access.ts";
import { hashBeside } from "./range-hash.ts";

/** What becomes of the threads that are started next. */
const fate = vi.hoisted(() => ({ next: "works" as "works" | "cannot start" | "is lost", terminated: 0 }));

vi.mock("node:worker_threads", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:worker_threads")>();
  class Worker extends real.Worker {
    constructor(...options: ConstructorParameters<typeof real.Worker>) {
      if (fate.next === "cannot start") throw new Error("no more threads");
      super(...options);
      if (fate.next === "is lost") setImmediate(() => super.terminate());
    }

    override terminate(): Promise<number> {
      fate.terminated++;
      return super.terminate();
    }
  }
  return { ...real, Worker };
});

afterEach(() => void Object.assign(fate, { next: "works", terminated: 0 }));

const path = join(temporaryFolder(), "bytes");
const bytes = Buffer.alloc(3_000_000, "bytes to hash");

function open(content = bytes): DiskFile {
  writeFileSync(path, content);
  const file = new DiskFile(path);
  onTestFinished(() => file[Symbol.dispose]());
  return file;
}

const { signal } = new AbortController();
const range = { offset: 1000, size: 2_000_000 };
const part = bytes.subarray(1000, 2_001_000);

test.each(["sha256", "sha512"] as const)("a part of a file has its %s hash", async (algorithm) => {
  const hash = createHash(algorithm).update(part).digest("hex");
  expect(await hashBeside({ file: open(), ...range }, { algorithm, signal })).toBe(hash);
});

test.each(["cannot start", "is lost"] as const)("a thread that %s is replaced by this one", async (next) => {
  // The thread of an earlier test has nothing to do any more and ends.
  await new Promise((resolve) => setTimeout(resolve, 400));
  fate.next = next;
  const hash = createHash("sha256").update(part).digest("hex");
  expect(await hashBeside({ file: open(), ...range }, { algorithm: "sha256", signal })).toBe(hash);
});

test("a file that is cut off meanwhile has no hash", async () => {
  const file = open();
  truncateSync(path, 1_000_000);
  await expect(hashBeside({ file, ...range }, { algorithm: "sha256", signal })).rejects.toMatchObject({
    code: "target-unreadable",
    message: `${path} was truncated while it was read`,
  });
});

test("a cancelled thread answers at once, and serves again without being ended from outside", async () => {
  const file = open(Buffer.alloc(200_000_000));
  const controller = new AbortController();
  const hashing = hashBeside({ file, offset: 0, size: file.size }, { algorithm: "sha512", signal: controller.signal });
  setTimeout(() => controller.abort(), 60);
  await expect(hashing).rejects.toMatchObject({ code: "cancelled" });
  const hash = createHash("sha256").update(Buffer.alloc(5)).digest("hex");
  expect(await hashBeside({ file, offset: 7, size: 5 }, { algorithm: "sha256", signal })).toBe(hash);
  expect(fate.terminated).toBe(0);
});
