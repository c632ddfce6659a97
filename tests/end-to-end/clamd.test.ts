import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { clamavTestFiles, clamdObstacle, type RunningClamd, startClamd } from "../setup/clamd.ts";
import { dockerLayout, layoutTar } from "../setup/image.ts";
import { tar } from "../setup/tar.ts";
import { writeFiles } from "../setup/write-files.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const testFiles = clamavTestFiles();
/** The program that all test files pack. */
const signature = "aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File";
const own = Buffer.from("a sample of our own\n");
const ownSignature = `${createHash("md5").update(own).digest("hex")}:${own.length}:Own-Sample`;
const found = "ClamAV-Test-File.UNOFFICIAL";

async function scan(...args: string[]): Promise<{ readonly code: number | null; readonly report: Report }> {
  const { code, stdout } = await plimsoll(["scan", ...args, "--scanners", "malware", "--format", "json"]);
  return { code, report: JSON.parse(stdout) as Report };
}

const obstacle = clamdObstacle ?? (testFiles.length === 0 ? "needs Debian's clamav-testfiles" : undefined);

describe.skipIf(obstacle)(`scan --clamd${obstacle ? ` (${obstacle})` : ""}`, () => {
  let clamd: RunningClamd;

  beforeAll(async () => {
    clamd = await startClamd({ hashes: [signature, ownSignature], configuration: ["StreamMaxLength 4M"] });
    const packed = testFiles.map(({ name, content }) => ({ name: `in/${name}`, content }));
    const image = layoutTar(
      dockerLayout([
        {
          layers: [
            { members: testFiles.map(({ name, content }) => ({ name: `samples/${name}`, content })) },
            {
              members: [
                { name: "samples/.wh..wh..opq", content: "" },
                { name: "samples/ok.txt", content: "harmless\n" },
                ...packed.map((member) => ({
                  name: `packed/${member.name.slice(3)}.tar.gz`,
                  content: gzipSync(tar([member])),
                })),
              ],
            },
          ],
        },
      ]),
    );
    writeFiles(folder, { "samples.tar": image });
    writeFiles(join(folder, "mixed"), { "a.txt": own, "large.bin": Buffer.alloc(6_000_000, 1), "z.txt": own });
  });

  afterAll(() => clamd?.[Symbol.asyncDispose]());

  test("finds all of ClamAV's test files in a layer that was emptied, and packed once more in the next", async () => {
    expect(testFiles.length).toBeGreaterThanOrEqual(44);
    const { report } = await scan("samples.tar", "--clamd", clamd.socket);
    const of = (layer: number) => (report.malware ?? []).filter((one) => one.layer === layer);
    expect(of(0).filter(({ rule }) => rule === found)).toHaveLength(44);
    const packed = of(0).map(({ path }) => `packed/${path.replace("samples/", "")}.tar.gz`);
    // clamscan does not find this one either when it is packed once more.
    const expected = packed.filter((path) => path !== "packed/clam_cache_emax.tgz.tar.gz");
    expect(of(1).map(({ path }) => path)).toEqual(expect.arrayContaining(expected));
    expect(of(0).every(({ deleted }) => deleted === true)).toBe(true);
    expect(of(1).some(({ deleted }) => deleted === true)).toBe(false);
    expect(of(1).map(({ path }) => path)).toContain("packed/clam.zip.tar.gz");
    expect(report.malwareEngines?.at(-1)).toEqual({ engine: "clamd", name: expect.stringMatching(/^ClamAV \d/) });
  });

  test("a file above clamd's limit is a problem, and those after it are scanned", async () => {
    const { code, report } = await scan("dir:mixed", "--clamd", clamd.socket, "--fail-on", "low");
    expect(code).toBe(1);
    expect(report.malware?.map(({ path, engine }) => [path, engine])).toEqual([
      ["a.txt", "clamd"],
      ["z.txt", "clamd"],
    ]);
    expect(report.problems).toEqual([
      {
        code: "not-examined",
        message: expect.stringContaining("large.bin was not scanned by clamd"),
        path: "large.bin",
      },
    ]);
  });

  test("a clamd that has ended is an error, and no clean report", async () => {
    const ended = await startClamd({ hashes: [signature] });
    try {
      await ended.kill();
      const run = await plimsoll(["scan", "dir:mixed", "--scanners", "malware", "--clamd", ended.socket]);
      expect([run.code, run.stdout]).toEqual([3, ""]);
      expect(run.stderr).toContain(`clamd does not respond at ${ended.socket}`);
    } finally {
      await ended[Symbol.asyncDispose]();
    }
  });
});

test("--clamd without the scanner for malware, or with a wrong address, is refused", async () => {
  const alone = await plimsoll(["scan", "mixed", "--clamd"]);
  expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining("--clamd requires --scanners malware")]);
  const wrong = await plimsoll(["scan", "mixed", "--scanners", "malware", "--clamd", "localhost"]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("localhost is not an address of clamd")]);
});
