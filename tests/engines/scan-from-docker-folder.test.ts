import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { obstacle, type RunningDockerd, startDockerd } from "./dockerd.ts";
import { asAnotherUser, openOnly, storedImage, storedName, why } from "./stored-image.ts";

const signal = new AbortController().signal;
const folder = temporaryFolder();
const { archive, expectSameAsArchive, expectSameTwice } = storedImage(folder);

for (const driver of ["overlay2", "vfs"] as const) {
  describe.skipIf(obstacle !== undefined)(`the folder of a Docker Engine with ${driver}${why(obstacle)}`, () => {
    let dockerd: RunningDockerd | string = "not started";

    beforeAll(async () => {
      dockerd = await startDockerd(driver);
      if (typeof dockerd !== "string") await dockerd.post("/images/load", readFileSync(archive));
    });
    afterAll(async () => {
      if (typeof dockerd !== "string") await dockerd.stop();
    });

    function hostOrSkip(context: TestContext): string {
      return typeof dockerd === "string" ? context.skip(`dockerd does not run here: ${dockerd}`) : dockerd.host;
    }

    test("is read in place and gives what the archive gives", async (context) => {
      const docker = { host: hostOrSkip(context) };
      await expectSameAsArchive(`docker:${storedName}`, { docker });
      await expectSameTwice(`docker:${storedName}`, { docker });
    });

    test("is not asked to export", async (context) => {
      const docker = { host: hostOrSkip(context) };
      await withoutTemporaryFolder(async () => {
        using target = await openOnly(`docker:${storedName}`, { docker });
        expect(target.layers).toHaveLength(3);
        const asOther = asAnotherUser(async () => void (await openOnly(`docker:${storedName}`, { docker })));
        await expect(asOther).rejects.toMatchObject({ code: "output-not-written" });
      });
    });

    test("is asked by another user to export an image once, and not again while its layers are cached", async (context) => {
      const docker = { host: hostOrSkip(context) };
      const options = {
        signal,
        now: new Date(0),
        verifyDigests: false,
        docker,
        cache: join(folder, `user-${driver}`),
      };
      await asAnotherUser(async () => {
        const first = await scanTarget(`docker:${storedName}`, options);
        await withoutTemporaryFolder(async () => {
          expect(await scanTarget(`docker:${storedName}`, options)).toEqual(first);
          rmSync(join(options.cache, "layers"), { recursive: true });
          const without = await scanTarget(`docker:${storedName}`, options);
          expect(without.problems).toContainEqual(
            expect.objectContaining({
              code: "unreadable",
              message: expect.stringContaining("cannot create a temporary folder in"),
            }),
          );
          expect(without.packages).toEqual([]);
        });
        expect(await scanTarget(`docker:${storedName}`, options)).toEqual(first);
      });
    });

    test("with a file that was changed is found out by the layer's digest", async (context) => {
      const docker = { host: hostOrSkip(context) };
      const copies = filesNamed("large.bin", dataFolder(docker.host));
      const before = readFileSync(copies[0] ?? "");
      const scan = (): Promise<Report> =>
        scanTarget(`docker:${storedName}`, { signal, now: new Date(0), verifyDigests: false, docker });
      try {
        for (const copy of copies) writeFileSync(copy, Buffer.from(before).fill(before.readUInt8(100) ^ 1, 100, 101));
        const changed = await scan();
        expect(changed.layers.map(({ verified }) => verified)).toEqual([false, true, true]);
        expect(changed.problems.map(({ message }) => message)).toEqual([
          expect.stringContaining("should have the digest"),
        ]);
        for (const copy of copies) writeFileSync(copy, Buffer.concat([before, before]));
        expect((await scan()).problems.map(({ message }) => message)).toEqual([
          expect.stringMatching(/srv\/large\.bin.*it is \d+ bytes, but was unpacked with \d+/),
        ]);
      } finally {
        for (const copy of copies) writeFileSync(copy, before);
      }
    });
  });
}

function dataFolder(host: string): string {
  return join(host.slice("unix://".length), "..", "data");
}

function filesNamed(name: string, root: string): string[] {
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((item) => item.name === name);
  return found.map((item) => join(item.parentPath, item.name));
}

/** Nothing can be exported meanwhile. */
async function withoutTemporaryFolder(work: () => Promise<void>): Promise<void> {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = join(folder, "none");
  try {
    await work();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
}
