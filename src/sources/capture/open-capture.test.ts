import { execFileSync, spawnSync } from "node:child_process";
import { createWriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { capture, eventBlock, packed } from "../../../tests/setup/write-capture.ts";
import type { KernelEventSource } from "../../model/events/kernel-event.ts";
import { openCapture } from "./open-capture.ts";

const folder = temporaryFolder();
const event = eventBlock({ code: "PROCINFO_E", parameters: [packed([64, 1]), packed([64, 2])] });
const bytes = capture(...new Array<Buffer>(5000).fill(event));

async function countEvents(
  source: KernelEventSource,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  let count = 0;
  for await (const batch of source.events(signal)) count += batch.count;
  return count;
}

function pipe(name: string): string {
  const path = join(folder, name);
  execFileSync("mkfifo", [path]);
  return path;
}

test("a file is read, gzip or raw", async () => {
  for (const [name, content] of [["raw", bytes] as const, ["gzip", gzipSync(bytes)] as const]) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const source = await openCapture(path, { generation: "head" });
    expect(source.snapshot.machine.hostname).toBe("host");
    expect(await countEvents(source)).toBe(5000);
  }
});

test("the standard input is read", () => {
  const module = JSON.stringify(new URL("./open-capture.ts", import.meta.url).href);
  const program = `
    const { openCapture } = await import(${module});
    const source = await openCapture("-", { generation: "head" });
    let count = 0;
    for await (const batch of source.events(new AbortController().signal)) count += batch.count;
    console.log(count);`;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", program], { input: bytes, encoding: "utf8" });
  expect([run.stdout.trim(), run.stderr]).toEqual(["5000", ""]);
});

test("a named pipe is read while it is written", async () => {
  const path = pipe("written");
  const writer = createWriteStream(path);
  writer.end(bytes);
  expect(await countEvents(await openCapture(path, { generation: "head" }))).toBe(5000);
});

test.each(["before it is written to", "between its events"])(
  "waiting for a named pipe ends %s when aborted",
  async (when) => {
    const path = pipe(when.replaceAll(" ", "-"));
    const abort = new AbortController();
    if (when.startsWith("before")) {
      const opening = openCapture(path, { generation: "head", signal: abort.signal });
      setTimeout(() => abort.abort(), 50);
      await expect(opening).rejects.toMatchObject({ code: "cancelled" });
      return;
    }
    const writer = createWriteStream(path);
    writer.write(bytes);
    const source = await openCapture(path, { generation: "head" });
    setTimeout(() => abort.abort(), 50);
    await expect(countEvents(source, abort.signal)).rejects.toMatchObject({ code: "cancelled" });
    writer.on("error", () => undefined).destroy();
  },
);

test("what is not there, a folder and a text are errors", async () => {
  const text = join(folder, "text");
  writeFileSync(text, "This is not a capture, but it is long enough to have been one.");
  const open = (path: string) => openCapture(path, { generation: "head" });
  await expect(open(join(folder, "none"))).rejects.toMatchObject({ code: "target-unreadable" });
  await expect(open(folder)).rejects.toMatchObject({ code: "target-unreadable" });
  await expect(open(text)).rejects.toMatchObject({ code: "file-malformed" });
});
