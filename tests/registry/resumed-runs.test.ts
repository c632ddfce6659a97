import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { RegistryReport } from "../../src/model/reports/registry-report.ts";
import { type ScanRegistryOptions, scanRegistry } from "../../src/pipeline/registry/scan-registry.ts";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { writeBucket } from "../end-to-end/small-targets.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { alpineLayer, npmLayer, pushLayers } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const { signal } = new AbortController();
const now = new Date("2026-03-01T00:00:00Z");
const leaky = npmLayer("leaky", "1.0.0");
const day = 86_400_000;

describe.skipIf(registryObstacle !== undefined)(
  `A run over a registry that goes on with an earlier one${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let registry: RunningRegistry;
    let bucket: string;
    beforeAll(async () => {
      registry = await startDockerRegistry();
      bucket = writeBucket(folder);
    });
    afterAll(() => registry.stop());

    const push = (client: RegistryClient, name: string): ReturnType<typeof pushLayers> =>
      pushLayers(client, reference(`${registry.host}/${name}`), { layers: [leaky], label: name.split("/")[0] ?? "" });
    const scan = (prefix: string, options: Partial<ScanRegistryOptions>): Promise<RegistryReport> => {
      const basics = { client: testClient(), signal, now, fresh: false, verifyDigests: false, allPlatforms: false };
      return scanRegistry({ registry: registry.host, prefix, tags: [] }, { ...basics, ...options });
    };
    const limitsOf = ({ database }: RegistryReport): string => database.limits.join("\n");

    test("asks for the advisories that the earlier one was not allowed to fetch, and tells when they do not come", async () => {
      await push(testClient(), "fetched/app:1");
      const cache = mkdtempSync(join(folder, "cache-"));
      const database = join(cache, "advisories.sqlite");
      const wish = (insteadOfBase: string): Partial<ScanRegistryOptions> => {
        return { cache, fetchMissing: { database, access: { insteadOfBase, attempts: 1 } } };
      };
      const first = await scan("fetched", { cache });
      expect([first.totals.resumed, limitsOf(first)]).toEqual([0, expect.not.stringContaining("could not be fetched")]);
      const failing = await scan("fetched", wish(join(folder, "no-bucket")));
      expect(failing.totals).toMatchObject({ images: 1, resumed: 1 });
      expect(limitsOf(failing)).toContain("could not be fetched");
      const fetching = await scan("fetched", wish(bucket));
      expect(fetching.totals).toMatchObject({ images: 1, resumed: 0 });
      expect([...fetching.images].flatMap(({ findings }) => findings.map(({ id }) => id))).toEqual(["TEST-2024-1"]);
      expect((await scan("fetched", { ...wish(bucket), database })).totals).toMatchObject({ images: 1, resumed: 1 });
    });

    test("judges the age of the parts of the database that its images need, as a new one does", async () => {
      await push(testClient(), "aged/app:1");
      const cache = mkdtempSync(join(folder, "cache-"));
      const database = join(cache, "aged.sqlite");
      const args = ["db", "build", "--from", bucket, "--db", database, "--date", now.toISOString()];
      expect(await plimsoll(args)).toMatchObject({ code: 0 });
      behind(database, [["osv", "npm", now.toISOString()]]);
      const later = (days: number): Partial<ScanRegistryOptions> => {
        const databaseAge = { warnDays: 7, refuseDays: 30 };
        return { cache, database, databaseAge, now: new Date(now.getTime() + days * day) };
      };
      expect(limitsOf(await scan("aged", later(1)))).toBe("");
      // The database as a whole stays young.
      const resumed = await scan("aged", { ...later(10), databaseAge: { warnDays: 9, refuseDays: 30 } });
      expect(resumed.totals).toMatchObject({ images: 1, resumed: 1 });
      expect(limitsOf(resumed)).toContain("the advisories of npm were last updated 10 days ago");
    });

    test("refuses a part of the database that is too old in the meantime", async () => {
      await push(testClient(), "refused/app:1");
      const cache = mkdtempSync(join(folder, "cache-"));
      const database = join(cache, "refused.sqlite");
      const args = ["db", "build", "--from", bucket, "--db", database, "--date", now.toISOString()];
      expect(await plimsoll(args)).toMatchObject({ code: 0 });
      behind(database, [["osv", "npm", new Date(now.getTime() - 25 * day).toISOString()]]);
      const after = (days: number): Promise<RegistryReport> =>
        scan("refused", { cache, database, now: new Date(now.getTime() + days * day) });
      expect(limitsOf(await after(1))).toContain("26 days ago");
      await expect(after(6)).rejects.toMatchObject({
        code: "database-outdated",
        message: `the advisories of npm in ${database} are 31 days old`,
      });
    });

    test("judges an image again when support for its distribution has ended in the meantime", async () => {
      const layers = [alpineLayer("3.23")];
      await pushLayers(testClient(), reference(`${registry.host}/ending/app:1`), { layers });
      const cache = mkdtempSync(join(folder, "cache-"));
      const on = async (date: string): Promise<readonly [resumed: number, problems: readonly string[]]> => {
        const { totals, images } = await scan("ending", { cache, now: new Date(`${date}T12:00:00Z`) });
        return [totals.resumed, [...images].flatMap(({ problems }) => problems.map(({ code }) => code))];
      };
      expect(await on("2026-03-01")).toEqual([0, []]);
      expect(await on("2026-03-02")).toEqual([1, []]);
      expect(await on("2030-03-01")).toEqual([0, ["end-of-life"]]);
      expect(await on("2030-03-02")).toEqual([1, ["end-of-life"]]);
      expect(await on("2026-03-01")).toEqual([0, []]);
    });

    test("a run that finds no room for temporary files says so", async () => {
      await push(testClient(), "roomless/app:1");
      vi.stubEnv("TMPDIR", join(folder, "nowhere"));
      try {
        await expect(scan("roomless", {})).rejects.toMatchObject({
          code: "output-not-written",
          hint: expect.stringContaining("TMPDIR"),
        });
      } finally {
        vi.unstubAllEnvs();
      }
    });

    test("names each repository in the failure of a digest that several have", async () => {
      for (const name of ["a", "b", "c", "d"]) {
        await pushLayers(testClient(), reference(`${registry.host}/named/${name}:1`), { layers: [leaky] });
      }
      const { failures } = await scan("named", { platform: "linux/s390x" });
      expect(failures.map(({ repository }) => repository)).toEqual(["named/a", "named/b", "named/c", "named/d"]);
      for (const { code, message, repository } of failures) {
        expect(code).toBe("platform-not-found");
        expect(message).toContain(`${registry.host}/${repository}@sha256:`);
        expect(message.match(/named\//g)).toHaveLength(1);
      }
    });
  },
);

/** Makes parts of a database older than it is. */
function behind(path: string, parts: readonly (readonly [feed: string, name: string, since: string])[]): void {
  const database = new DatabaseSync(path);
  database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('behind', ?)").run(JSON.stringify(parts));
  database.close();
}
