import { describe, expect, test } from "vitest";
import { registryObstacle } from "./setup/docker-registry.ts";
import { fixed, leaky, odd, updateRig } from "./setup/update-rig.ts";

describe.skipIf(registryObstacle !== undefined)(
  `update propose${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const { host, prepare, update, reportOf, pushAgain } = updateRig();

    test("the tag with the fewest findings is proposed, with the proof", async () => {
      const { image, cwd, digests } = await prepare({
        "1.0.0": [leaky, odd],
        "1.0.1": [leaky],
        "1.1.0": [fixed],
        "1.2.0-rc1": [fixed],
        "2.0.0": [fixed],
        latest: [fixed],
      });
      const text = await update(cwd, "propose");
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
      await pushAgain(`${image}:1.0.0`, [fixed]);
      const { cwd } = await prepare({}, { Dockerfile: `FROM ${image}:1.0.0@${pinned}\n` });
      const { proposals } = await reportOf(cwd);
      expect(proposals[0]?.change).toMatchObject({ tag: "1.0.0", step: "digest" });
    });

    test("images that are worse, equal, or too new are not proposed", async () => {
      const worse = await prepare({ "1.0.0": [odd], "1.0.1": [odd, leaky], "1.1.0": [odd] });
      expect(await update(worse.cwd, "propose")).toMatchObject({ code: 0 });
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
      expect(await update(young.cwd, "propose", "--min-age", "0")).toMatchObject({ code: 1 });
    });

    test("an image that the registry does not have is a failure for this image only", async () => {
      const { image } = await prepare({ "1.0.0": [leaky], "1.0.1": [fixed] });
      const missing = `${host()}/team/missing`;
      const { cwd } = await prepare({}, { Dockerfile: `FROM ${missing}:1.0.0 AS a\nFROM ${image}:1.0.0\n` });
      const { proposals } = await reportOf(cwd);
      expect(proposals[0]?.failure).toContain("missing");
      expect(proposals[1]?.change).toMatchObject({ tag: "1.0.1" });
    });
  },
);
