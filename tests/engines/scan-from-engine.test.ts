import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { corpusBytes, corpusPath, describeWithCorpus } from "../setup/corpus.ts";
import { obstacle, type RunningDockerd, startDockerd } from "./dockerd.ts";

const signal = new AbortController().signal;
const plimsoll = startPlimsoll();

describe.skipIf(obstacle !== undefined)(`scanning from a real Docker Engine${obstacle ? ` (${obstacle})` : ""}`, () => {
  describeWithCorpus("with a real image", () => {
    let dockerd: RunningDockerd | string = "not started";
    let cache: string;

    beforeAll(async () => {
      cache = mkdtempSync(join(tmpdir(), "plimsoll-cache-"));
      dockerd = await startDockerd();
      if (typeof dockerd !== "string") {
        await dockerd.post("/images/load", corpusBytes("images", "docker-archive", "alpine-310.tar.gz"));
      }
    });

    afterAll(async () => {
      if (typeof dockerd !== "string") await dockerd.stop();
      rmSync(cache, { recursive: true, force: true });
    });

    function hostOrSkip(context: TestContext): string {
      return typeof dockerd === "string" ? context.skip(`dockerd does not run here: ${dockerd}`) : dockerd.host;
    }

    test("finds what a scan of the saved archive finds, with every layer verified", async (context) => {
      const host = hostOrSkip(context);
      const options = { signal, now: new Date(0), verifyDigests: false, docker: { host } };
      const fromEngine = await scanTarget("docker:alpine:3.10", options);
      const fromArchive = await scanTarget(corpusPath("images", "docker-archive", "alpine-310.tar.gz"), options);
      expect(fromEngine.packages.length).toBeGreaterThan(10);
      expect(fromEngine.packages).toEqual(fromArchive.packages);
      expect(fromEngine.findings).toEqual(fromArchive.findings);
      expect(fromEngine.target).toMatchObject({
        kind: "docker",
        imageId: fromArchive.target.imageId,
        tags: ["alpine:3.10"],
      });
      expect(fromEngine.layers.every(({ verified }) => verified)).toBe(true);
    });

    test("keeps layers in the cache by their proven digest and answers from there the second time", async (context) => {
      const host = hostOrSkip(context);
      const options = { signal, now: new Date(0), verifyDigests: false, docker: { host }, cache };
      const first = await scanTarget("alpine:3.10", options);
      expect(readdirSync(join(cache, "layers"))).toHaveLength(1);
      expect(await scanTarget("alpine:3.10", options)).toEqual(first);
    });

    test("is reached by the command line through DOCKER_HOST, and through the context in use", async (context) => {
      const host = hostOrSkip(context);
      for (const env of [
        { DOCKER_HOST: host },
        { DOCKER_CONTEXT: "", DOCKER_CONFIG: settingsWithContext(cache, host) },
      ]) {
        const { code, stdout } = await plimsoll(["scan", "alpine:3.10", "--format", "json"], { env });
        // Alpine 3.10 is no longer maintained, so nobody can say that it is fine.
        expect(code).toBe(3);
        expect(JSON.parse(stdout)).toMatchObject({
          target: { kind: "docker", name: "alpine:3.10" },
          problems: [{ code: "end-of-life" }],
        });
      }
    });

    test("says what to do when the engine has no such image", async (context) => {
      const host = hostOrSkip(context);
      const options = { signal, now: new Date(0), verifyDigests: false, docker: { host } };
      await expect(scanTarget("plimsoll.example/none:1", options)).rejects.toMatchObject({
        code: "image-not-found",
        hint: expect.stringContaining("docker pull"),
      });
    });
  });
});

/** Settings of Docker's command line with a context in use, in `folder`. */
function settingsWithContext(folder: string, host: string): string {
  const meta = join(folder, "contexts", "meta", createHash("sha256").update("test").digest("hex"));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify({ currentContext: "test" }));
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Name: "test", Endpoints: { docker: { Host: host } } }));
  return folder;
}
