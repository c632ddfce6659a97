import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Extractor } from "../../src/extractors/extractor.ts";
import { dockerLayout, layoutTar } from "../setup/image.ts";
import { everyFile, takeStock, visibleFiles } from "../setup/take-stock.ts";
import { tar } from "../setup/tar.ts";
import { temporaryFilesIn, temporaryFolder } from "../setup/temporary-folder.ts";

const folder = temporaryFolder();
const temporary = temporaryFilesIn(folder);

const isRoot: boolean = process.getuid?.() === 0;
const pipe = join(folder, "pipe");
makePipe(pipe);

describe("a target that is no archive and no folder", () => {
  test.each([
    ["a pipe that nobody writes to", pipe, "target-unreadable"],
    ["a device without end", "/dev/zero", "target-unreadable"],
    ["an empty device", "/dev/null", "target-unreadable"],
    ["a path through a file", join(pipe, "x.tar"), "target-not-found"],
    ["a name that is too long", `./${"x".repeat(5_000)}.tar`, "target-unreadable"],
    ["nothing", join(folder, "absent.tar"), "target-not-found"],
  ])("%s is an error at once", async (_, path, code) => {
    for (const target of [path, `docker-archive:${path}`, `oci-archive:${path}`, `sbom:${path}`]) {
      await expect(takeStock(target)).rejects.toMatchObject({ code, message: expect.stringMatching(/^\S[^\n]{10,}$/) });
    }
    for (const target of [`dir:${path}`, `oci-dir:${path}`]) {
      await expect(takeStock(target)).rejects.toMatchObject({ name: "PlimsollError" });
    }
  });

  test("a socket is an error at once", async () => {
    const path = join(folder, "socket");
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once("listening", resolve));
    await expect(takeStock(path)).rejects.toMatchObject({ code: "target-unreadable" });
    server.close();
  });

  test("a pipe is an error that says what to do instead", async () => {
    const path = join(folder, "pipe.tar");
    makePipe(path);
    for (const target of [path, `docker-archive:${path}`]) {
      await expect(takeStock(target)).rejects.toMatchObject({
        code: "target-unreadable",
        hint: "Pipes and devices are not supported: save the content to a file, and specify the file.",
      });
    }
  });

  test.each([
    ["bzip2", Buffer.from("BZh91AY&SY........")],
    ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4])],
  ])("an archive in %s is an error that names it", async (name, bytes) => {
    const path = join(folder, "packed");
    writeFileSync(path, bytes);
    await expect(takeStock(path)).rejects.toMatchObject({
      code: "archive-not-recognised",
      message: `${path} is compressed with ${name}, which is not supported`,
    });
  });

  test("a link in a circle or to nothing is an error", async () => {
    const circle = join(folder, "circle.tar");
    const nothing = join(folder, "nothing.tar");
    symlinkSync(circle, circle);
    symlinkSync("absent", nothing);
    await expect(takeStock(circle)).rejects.toMatchObject({ code: "target-unreadable" });
    await expect(takeStock(nothing)).rejects.toMatchObject({ code: "target-not-found" });
  });

  test.each<[string, Buffer]>([
    ["no bytes", Buffer.alloc(0)],
    ["text", Buffer.from("hello")],
    ["a kilobyte of zeros", Buffer.alloc(1024)],
    ["a gzip of nothing", gzipSync("")],
    ["a gzip of text", gzipSync("hello")],
    ["a tar of something else", tar([{ name: "readme.txt", content: "x" }])],
    ["an opening brace", Buffer.from("{")],
    ["a zip", Buffer.from("504b0304", "hex")],
  ])("a file with %s is an error", async (_, bytes) => {
    const path = join(folder, "file");
    writeFileSync(path, bytes);
    await expect(takeStock(path)).rejects.toMatchObject({ code: expect.stringMatching(/^archive-/) });
  });
});

describe("a folder", () => {
  const root = join(folder, "root");
  mkdirSync(join(root, "etc"), { recursive: true });
  writeFileSync(join(root, "good"), "x");
  writeFileSync(join(root, ".wh.good"), "y");
  makePipe(join(root, "pipe"));
  symlinkSync("/etc/passwd", join(root, "outside"));
  symlinkSync("..", join(root, "etc/up"));
  symlinkSync("loop", join(root, "loop"));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff])]), "x");

  test("with pipes, links out and circles is read without following any", async () => {
    expect(await visibleFiles(root)).toEqual({ good: "x", ".wh.good": "y" });
  });

  test("with a name that is not UTF-8 is a problem for that name", async () => {
    const { problems } = await takeStock(root, { extractors: [everyFile] });
    expect(problems).toEqual([
      { code: "unreadable", path: "bad�", message: "bad� was passed over: it does not exist" },
    ]);
  });

  test.skipIf(isRoot)("that cannot be listed is an error, and inside another a problem", async () => {
    const closed = join(root, "closed");
    mkdirSync(closed);
    writeFileSync(join(root, "secret"), "x");
    chmodSync(closed, 0);
    chmodSync(join(root, "secret"), 0);
    await expect(takeStock(closed)).rejects.toMatchObject({ code: "target-unreadable" });
    const { problems } = await takeStock(root, { extractors: [everyFile] });
    expect(problems.map(({ path }) => path)).toEqual(expect.arrayContaining(["closed", "secret"]));
    chmodSync(closed, 0o700);
  });

  test("nested deeper than a path may be long ends in problems", async () => {
    const deep = mkdtempSync(join(folder, "deep-"));
    const script = `
      process.chdir(process.argv[1]);
      require("node:fs").writeFileSync("top", "x");
      for (let depth = 0; depth < 3000; depth++) { require("node:fs").mkdirSync("dd"); process.chdir("dd"); }
      require("node:fs").writeFileSync("bottom", "x");`;
    execFileSync(process.execPath, ["-e", script, deep]);
    const { packages, problems } = await takeStock(deep, { extractors: [everyFile] });
    expect(packages.map(({ name }) => name)).toEqual(["top"]);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThan(110);
  });
});

describe("a scan that is cancelled", () => {
  const path = join(folder, "large.tar");
  const piece = gzipSync(Buffer.alloc(32 * 1024 * 1024, "some text that swells "));
  const header = gzipSync(tar([{ name: "large.jar", size: 640 * 1024 * 1024 }], { zeroBlocks: 0 }));
  const layer = Buffer.concat([header, ...Array.from({ length: 20 }, () => piece), gzipSync(Buffer.alloc(1024))]);
  writeFileSync(
    path,
    layoutTar(dockerLayout([{ layers: [{ bytes: layer }, { bytes: Buffer.concat([layer, gzipSync("")]) }] }])),
  );

  test.each([1, 30, 150])("after %i ms ends soon and leaves no temporary file", async (delay) => {
    for (const extractors of [[everyFile], [] as Extractor[]]) {
      const controller = new AbortController();
      const scanned = takeStock(path, { extractors, signal: controller.signal, largestLayer: 2 ** 40 });
      const ended = expect(scanned).rejects.toMatchObject({ code: "cancelled" });
      await setTimeout(delay);
      const started = performance.now();
      controller.abort();
      await ended;
      expect(performance.now() - started).toBeLessThan(1_500);
      expect(readdirSync(temporary)).toEqual([]);
    }
  });

  test("while a compressed archive is unpacked leaves no temporary file", async () => {
    const packed = join(folder, "packed.tar.gz");
    writeFileSync(
      packed,
      Buffer.concat([
        gzipSync(tar([{ name: "x", size: 640 * 1024 * 1024 }], { zeroBlocks: 0 })),
        ...Array.from({ length: 20 }, () => piece),
      ]),
    );
    const controller = new AbortController();
    const opened = takeStock(packed, { signal: controller.signal });
    const ended = expect(opened).rejects.toMatchObject({ code: "cancelled" });
    await setTimeout(50);
    controller.abort();
    await ended;
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("an archive that becomes shorter while it is read is a problem or an error", async () => {
    const shrinking = join(folder, "shrinking.tar");
    writeFileSync(shrinking, layoutTar(dockerLayout([{ layers: [{ bytes: layer }] }])));
    const scanned = takeStock(shrinking, { extractors: [] });
    truncateSync(shrinking, 100_000);
    const ending = await scanned.then(
      ({ problems }) => problems.length,
      (error: unknown) => error,
    );
    if (typeof ending === "number") expect(ending).toBe(1);
    else expect(ending).toMatchObject({ name: "PlimsollError" });
  });
});

function makePipe(path: string): void {
  execFileSync("/usr/bin/env", ["mkfifo", path]);
}
