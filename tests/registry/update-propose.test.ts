import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProposalReport } from "../../src/pipeline/updates/propose-updates.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { writeBucket } from "../end-to-end/small-targets.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { type ImageFacts, npmLayer, pushLayers, type SharedLayer } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const database = join(plimsoll.folder, "advisories.sqlite");
const leaky = npmLayer("leaky", "1.0.0");
const fixed = npmLayer("leaky", "2.0.0");
const odd = npmLayer("odd", "1.0.0");
const old = "2020-01-01T00:00:00Z";
let repositories = 0;

describe.skipIf(registryObstacle !== undefined)(
  `update propose${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
      const bucket = writeBucket(plimsoll.folder);
      expect(await plimsoll(["db", "build", "--from", bucket, "--db", database])).toMatchObject({ code: 0 });
    });
    afterAll(() => registry.stop());

    /** A repository with these tags, and a folder with a Dockerfile for one of them. */
    async function prepare(
      tags: Readonly<
        Record<string, readonly SharedLayer[] | ({ readonly layers: readonly SharedLayer[] } & ImageFacts)>
      >,
      dockerfile = "FROM IMAGE:1.0.0\n",
    ): Promise<{ readonly image: string; readonly cwd: string; readonly digests: ReadonlyMap<string, string> }> {
      const image = `${registry.host}/team/base-${repositories++}`;
      const client = testClient();
      const digests = new Map<string, string>();
      for (const [tag, given] of Object.entries(tags)) {
        const facts = "layers" in given ? given : { layers: given };
        const pushed = await pushLayers(client, reference(`${image}:${tag}`), { created: old, label: tag, ...facts });
        digests.set(tag, pushed.digest);
      }
      const cwd = join(plimsoll.folder, `repository-${repositories}`);
      mkdirSync(cwd);
      writeFileSync(join(cwd, "Dockerfile"), dockerfile.replaceAll("IMAGE", image));
      return { image, cwd, digests };
    }

    const propose = (cwd: string, ...args: readonly string[]): Promise<RunResult> =>
      plimsoll(["update", "propose", "--db", database, "--max-db-age", "99999", "--no-cache", "-q", ...args], {
        cwd,
        env: { PLIMSOLL_OFFLINE: "" },
      });
    const reportOf = async (cwd: string, ...args: readonly string[]): Promise<ProposalReport> => {
      const { stdout, stderr } = await propose(cwd, "--format", "json", ...args);
      expect(stderr).toBe("");
      return JSON.parse(stdout);
    };

    test("the tag with the fewest findings is proposed, with the proof", async () => {
      const { image, cwd, digests } = await prepare({
        "1.0.0": [leaky, odd],
        "1.0.1": [leaky],
        "1.1.0": [fixed],
        "1.2.0-rc1": [fixed],
        "2.0.0": [fixed],
        latest: [fixed],
      });
      const text = await propose(cwd);
      expect(text.code).toBe(1);
      expect(text.stdout).toContain(`${image}:1.0.0 → 1.1.0@${digests.get("1.1.0")?.slice(0, 19)} (minor)`);
      expect(text.stdout).toContain("fixes 2 findings (1 high, 1 unknown)");
      expect(text.stdout).toMatch(/1\.0\.1 +patch .* more findings than 1\.1\.0\n/);
      expect(text.stdout).toContain("1 of 1 images have a better tag.");
      const { proposals } = await reportOf(cwd);
      expect(proposals).toMatchObject([
        {
          change: { tag: "1.1.0", digest: digests.get("1.1.0"), step: "minor" },
          rows: [{ result: "today" }, { tag: "1.0.1" }, { tag: "1.1.0", result: "proposed" }],
        },
      ]);
    });

    test("the smallest of equal steps is proposed, up to the largest step that is allowed", async () => {
      const { cwd } = await prepare({ "1.0.0": [leaky], "1.1.0": [fixed], "2.0.0": [fixed] });
      const { proposals } = await reportOf(cwd, "--step", "major");
      expect(proposals[0]?.change).toMatchObject({ tag: "1.1.0" });
      expect(proposals[0]?.rows.at(-1)).toMatchObject({ tag: "2.0.0", result: "same findings as 1.1.0" });
      expect((await reportOf(cwd, "--step", "patch")).proposals).toMatchObject([{ skipped: "no newer tag" }]);
    });

    test("a tag that was pushed again is a better image where the digest is pinned", async () => {
      const { image, digests } = await prepare({ "1.0.0": [leaky] });
      const pinned = digests.get("1.0.0") ?? "";
      await pushLayers(testClient(), reference(`${image}:1.0.0`), { layers: [fixed], created: old });
      const { cwd } = await prepare({}, `FROM ${image}:1.0.0@${pinned}\n`);
      const { proposals } = await reportOf(cwd);
      expect(proposals[0]?.change).toMatchObject({ tag: "1.0.0", step: "digest" });
    });

    test("images that are worse, equal, or too new are not proposed", async () => {
      const worse = await prepare({ "1.0.0": [odd], "1.0.1": [odd, leaky], "1.1.0": [odd] });
      expect(await propose(worse.cwd)).toMatchObject({ code: 0 });
      expect((await reportOf(worse.cwd)).proposals[0]?.rows.map(({ result }) => result)).toEqual([
        "today",
        "not better than today",
        "not better than today",
      ]);
      const young = await prepare({
        "1.0.0": [leaky],
        "1.0.1": { layers: [fixed], created: new Date().toISOString() },
      });
      expect((await reportOf(young.cwd)).proposals[0]?.rows.at(-1)?.result).toBe("only 0 days old (minimum 3)");
      expect(await propose(young.cwd, "--min-age", "0")).toMatchObject({ code: 1 });
    });

    test("an image that the registry does not have is a failure for this image only", async () => {
      const { image } = await prepare({ "1.0.0": [leaky], "1.0.1": [fixed] });
      const missing = `${registry.host}/team/missing`;
      const { cwd } = await prepare({}, `FROM ${missing}:1.0.0 AS a\nFROM ${image}:1.0.0\n`);
      const { proposals } = await reportOf(cwd);
      expect(proposals[0]?.failure).toContain("missing");
      expect(proposals[1]?.change).toMatchObject({ tag: "1.0.1" });
    });
  },
);
