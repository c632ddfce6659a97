import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { checkManifests } from "./check-manifests.ts";
import { readCustomFiles } from "./custom-checks.ts";

const folder = temporaryFolder();

test("where helm can have no folder the charts are a problem and all else is checked", async () => {
  mkdirSync(join(folder, "chart", "templates"), { recursive: true });
  writeFileSync(join(folder, "chart", "Chart.yaml"), "apiVersion: v2\nname: a\nversion: 1.0.0\n");
  writeFileSync(join(folder, "pod.yaml"), "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true}\n");
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("TMPDIR", "/nowhere/at/all");
  const report = await checkManifests([folder], {
    stdin: Readable.from([]),
    custom: readCustomFiles([]),
    searchPath: "",
    policy: { waivers: [], only: [], skip: [], now: new Date() },
    signal: new AbortController().signal,
  });
  expect(report.problems).toEqual([
    {
      code: "not-examined",
      message: expect.stringMatching(/cannot create a temporary folder in \/nowhere\/at\/all.*TMPDIR/),
      path: join(folder, "chart"),
    },
  ]);
  expect(report.target).toMatchObject({ examined: { resources: 1 } });
});
