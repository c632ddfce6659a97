import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { scanTarget } from "../scan/scan.ts";
import { AdvisoriesOfRun } from "./advisories-of-run.ts";
import { defaultAgeLimits } from "./database-age.ts";

const folder = temporaryFolder();
const mirror = join(folder, "mirror");
mkdirSync(mirror);
const withoutFetching = {
  databaseAge: { ...defaultAgeLimits, refuseDays: 1, set: { refuseDays: 1 } },
  now: new Date("2999-01-01T00:00:00Z"),
  signal: new AbortController().signal,
};
const options = {
  ...withoutFetching,
  fetchMissing: { database: join(folder, "fetched.db"), access: { mirror, attempts: 1 } },
};

test("an age that was set refuses built-in advisories where others should have come in their place", async () => {
  using advisories = new AdvisoriesOfRun(options);
  const outdated = expect.objectContaining({ code: "database-outdated" });
  await expect(advisories.prepare({ ecosystems: ["npm"] })).rejects.toThrow(outdated);
  expect(() => new AdvisoriesOfRun(withoutFetching)).toThrow(outdated);
});

test.each([
  ["without packages", []],
  ["of which nobody knows advisories", [{ name: "odd", purl: "pkg:generic/odd@1.0.0" }]],
  ["of an ecosystem that no feed fills", [{ name: "odd", purl: "pkg:conan/odd@1.0.0" }]],
])("a target %s is told how old the built-in advisories are, and is not refused", async (_, components) => {
  using advisories = new AdvisoriesOfRun(options);
  for (const ecosystems of [[], ["ConanCenter"], ["of nobody"]]) {
    expect(await advisories.prepare({ ecosystems })).toEqual([]);
  }
  const path = join(folder, "sbom.cdx.json");
  const listed = components.map((component) => ({ type: "library", version: "1.0.0", ...component }));
  writeFileSync(path, JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.5", components: listed }));
  const { database } = await scanTarget(path, { ...options, verifyDigests: false });
  expect(database.limits.join("\n")).toMatch(/^the built-in advisories are \d+ days old/m);
});
