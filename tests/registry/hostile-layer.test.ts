import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { scanRegistry } from "../../src/pipeline/registry/scan-registry.ts";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { dockerLayout, layoutTar } from "../setup/image.ts";
import { tar } from "../setup/tar.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { npmLayer, pushLayers, type SharedLayer } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

/** Names of 101 million characters, and each takes six in JSON: more than a text can hold. As gzip it is small. */
const bytes = tar(
  Array.from({ length: 26_000 }, (_, index) => ({ name: "\x01".repeat(3900) + index, longNames: "gnu" as const })),
);
const packed = gzipSync(bytes, { level: 1 });

function problemsIn({ stdout }: { readonly stdout: string }): readonly string[] {
  return (JSON.parse(stdout) as Report).problems.map(({ code, message }) => `${code} ${message.replace(/:.*/s, "")}`);
}

test("a layer whose names are too much for a text is a problem of it, with a cache and without", async () => {
  const path = join(folder, "hostile.tar");
  writeFileSync(path, layoutTar(dockerLayout([{ layers: [{ bytes: packed }] }])));
  for (const how of [["--cache", "cache"], ["--no-cache"]]) {
    const run = await plimsoll(["scan", path, "--format", "json", "--no-update", ...how]);
    expect([run.code, run.stderr]).toEqual([3, ""]);
    expect(problemsIn(run)).toEqual(["limit-exceeded layer 1 of 1"]);
  }
}, 120_000);

describe.skipIf(registryObstacle !== undefined)(
  `A registry with such a layer${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
    });
    afterAll(() => registry.stop());

    test("is scanned, and only the image with it is not whole", async () => {
      const client = testClient();
      const hostile: SharedLayer = { ...blobOf(packed), diffId: blobOf(bytes).digest };
      await pushLayers(client, reference(`${registry.host}/run/bad:1`), { layers: [hostile] });
      await pushLayers(client, reference(`${registry.host}/run/good:1`), { layers: [npmLayer("sound", "1.0.0")] });
      const place = { registry: registry.host, prefix: "run", tags: [] };
      const { images, failures } = await scanRegistry(place, {
        client,
        signal: new AbortController().signal,
        now: new Date("2026-01-01T00:00:00Z"),
        allPlatforms: false,
        fresh: false,
        verifyDigests: false,
        cache: join(folder, "registry-cache"),
      });
      expect(failures).toEqual([]);
      expect(
        [...images].map(({ repository, packages, problems }) => [repository, packages, problems[0]?.code]),
      ).toEqual([
        ["run/bad", 0, "limit-exceeded"],
        ["run/good", 1, undefined],
      ]);
    }, 120_000);

    test.each([false, true])("a fault of the program ends no run, all platforms: %s", async (allPlatforms) => {
      const client = testClient();
      const prefix = `fault-${allPlatforms}`;
      await pushLayers(client, reference(`${registry.host}/${prefix}/bad:1`), {
        layers: [npmLayer("bad", "1.0.0")],
        label: prefix,
      });
      await pushLayers(client, reference(`${registry.host}/${prefix}/good:1`), { layers: [npmLayer("good", "1.0.0")] });
      const blobBytes = client.blobBytes.bind(client);
      client.blobBytes = (asked, ...rest) => {
        if (asked.repository.endsWith("/bad")) throw new RangeError("Invalid string length\n    at somewhere");
        return blobBytes(asked, ...rest);
      };
      const { images, failures } = await scanRegistry(
        { registry: registry.host, prefix, tags: [] },
        {
          client,
          signal: new AbortController().signal,
          now: new Date("2026-01-01T00:00:00Z"),
          allPlatforms,
          fresh: false,
          verifyDigests: false,
        },
      );
      expect([...images].map(({ repository }) => repository)).toEqual([`${prefix}/good`]);
      expect(failures).toMatchObject([
        {
          repository: `${prefix}/bad`,
          code: "program-failed",
          message: "Plimsoll failed: RangeError: Invalid string length",
          hint: expect.stringContaining("bug"),
        },
      ]);
    });
  },
);
