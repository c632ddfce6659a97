import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { type DockerEngine, openDockerEngine } from "../../src/engines/docker/docker-engine.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../setup/corpus.ts";
import { obstacle, type RunningDockerd, startDockerd } from "./dockerd.ts";

const never = new AbortController().signal;
const maximum = 64 * 1024 * 1024;

describe.skipIf(obstacle !== undefined)(`a real Docker Engine${obstacle ? ` (${obstacle})` : ""}`, () => {
  describeWithCorpus("with real images", () => {
    let dockerd: RunningDockerd | string = "not started";
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "plimsoll-export-"));
      dockerd = await startDockerd();
      if (typeof dockerd === "string") return;
      await dockerd.post("/images/load", corpusBytes("images", "docker-archive", "hello-world.tar"));
      await dockerd.post("/images/load", corpusBytes("images", "docker-archive", "alpine-310.tar.gz"));
      await dockerd.post("/images/hello-world:latest/tag?repo=hello-world&tag=second");
    });

    afterAll(async () => {
      if (typeof dockerd !== "string") await dockerd.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    function engineOrSkip(context: TestContext): DockerEngine {
      if (typeof dockerd === "string") return context.skip(`dockerd does not run here: ${dockerd}`);
      return openDockerEngine({ host: dockerd.host });
    }

    async function exported(engine: DockerEngine, reference: string): Promise<string> {
      const path = join(folder, "image.tar");
      await pipeline(Readable.from(engine.exportImage(reference, { signal: never })), createWriteStream(path));
      return path;
    }

    function fileIn(archive: string, name: string): Buffer {
      return execFileSync("tar", ["-xOf", archive, name], { maxBuffer: maximum });
    }

    for (const name of ["hello-world", "alpine-310"]) {
      test(`describes ${name} as its archive does`, async (context) => {
        const engine = engineOrSkip(context);
        const { images } = corpusJson<Expected>("images", "docker-archive", `${name}.expected.json`);
        const expected = images[0];
        const image = await engine.inspectImage(expected.config_digest, never);
        expect(image).toMatchObject({
          id: expected.config_digest,
          architecture: "amd64",
          os: "linux",
          rootFsDiffIds: expected.config_diff_ids,
        });
        expect(image?.size).toBeGreaterThan(0);
        expect(await engine.inspectImage(expected.config_digest.slice(7, 19), never)).toEqual(image);
      });
    }

    test("exports an archive whose layers have the digests that the engine named", async (context) => {
      const engine = engineOrSkip(context);
      const image = await engine.inspectImage("hello-world", never);
      expect(image?.repoTags).toEqual(["hello-world:latest", "hello-world:second"]);
      const archive = await exported(engine, "hello-world");
      const manifest = JSON.parse(fileIn(archive, "manifest.json").toString("utf8")) as Manifest;
      expect(manifest).toHaveLength(1);
      const digests = manifest[0].Layers.map((layer) => {
        return `sha256:${createHash("sha256").update(fileIn(archive, layer)).digest("hex")}`;
      });
      expect(digests).toEqual(image?.rootFsDiffIds);
    });

    test("says that it has no such image", async (context) => {
      const engine = engineOrSkip(context);
      expect(await engine.inspectImage("plimsoll.example/none:1", never)).toBeUndefined();
      const reading = exported(engine, "plimsoll.example/none:1");
      await expect(reading).rejects.toMatchObject({ code: "image-not-found" });
    });

    test("answers on after an export was given up in the middle", async (context) => {
      const engine = engineOrSkip(context);
      const abort = new AbortController();
      const reading = (async () => {
        const alpine = corpusJson<Expected>("images", "docker-archive", "alpine-310.expected.json").images[0];
        for await (const _ of engine.exportImage(alpine.config_digest, { signal: abort.signal })) abort.abort();
      })();
      await expect(reading).rejects.toMatchObject({ code: "cancelled" });
      await expect(engine.ping(never)).resolves.toBeUndefined();
    });
  });
});

interface Expected {
  readonly images: readonly [{ readonly config_digest: string; readonly config_diff_ids: readonly string[] }];
}

type Manifest = readonly [{ readonly Layers: readonly string[] }];
