import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { layoutTar, ociLayout } from "../setup/image.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { containerdObstacle, startContainerd } from "./containerd.ts";

const folder = temporaryFolder();
const name = "plimsoll.example/team/app:1.0";

describe.skipIf(containerdObstacle !== undefined)(
  `containerd's socket${containerdObstacle === undefined ? "" : ` (${containerdObstacle})`}`,
  () => {
    test("is not asked for a layer that the cache knows", async (context) => {
      const containerd = await startContainerd();
      if (typeof containerd === "string") return context.skip(`containerd does not run here: ${containerd}`);
      onTestFinished(() => containerd.stop());
      const content = JSON.stringify({ name: "leaky", version: "1.0.0" });
      const layers = [{ members: [{ name: "app/node_modules/leaky/package.json", content }] }];
      const archive = join(folder, "image.tar");
      writeFileSync(archive, layoutTar(ociLayout([{ tags: [name], layers }])));
      containerd.ctr("image", "import", "--no-unpack", archive);
      const options = {
        ...{ signal: new AbortController().signal, now: new Date(0), verifyDigests: false },
        containerd: { address: containerd.address },
      };
      const cache = join(folder, "cache");
      await containerd.withoutFolder(async () => {
        const first = await scanTarget(`containerd:${name}`, { ...options, cache });
        expect(first.packages.map((found) => found.name)).toEqual(["leaky"]);
        const digests = first.layers.flatMap(({ digest }) => digest ?? []);
        expect(digests.length).toBe(1);
        containerd.ctr("content", "rm", ...digests);
        expect(await scanTarget(`containerd:${name}`, { ...options, cache })).toEqual(first);
        await expect(scanTarget(`containerd:${name}`, options)).rejects.toMatchObject({
          code: "layout-malformed",
          message: "containerd has only unpacked 1 of the image's layers, and kept no copies of them as pulled",
          hint: expect.stringMatching(/plimsoll scan registry:plimsoll\.example\/team\/app:1\.0@sha256:[0-9a-f]{64}\)/),
        });
      });
    });
  },
);
