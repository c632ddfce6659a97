import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { writeFiles } from "../setup/write-files.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

const lodash = JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/lodash": { version: "4.17.15" } } });
const minimist = JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/minimist": { version: "0.0.8" } } });

const lockFile = JSON.stringify(
  {
    lockfileVersion: 3,
    packages: {
      "": { dependencies: { express: "^4" }, devDependencies: { lodash: "4.17.15" } },
      "node_modules/express": { version: "4.0.0", dependencies: { minimist: "0.0.8" } },
      "node_modules/minimist": { version: "0.0.8" },
      "node_modules/lodash": { version: "4.17.15", dev: true },
    },
  },
  undefined,
  1,
);

beforeAll(() => {
  writeFiles(join(folder, "chain"), { "package-lock.json": lockFile });
  writeFiles(join(folder, "shop"), {
    "web/package-lock.json": lodash,
    "web/node_modules/other/package.json": JSON.stringify({ name: "other", version: "1.0.0" }),
    "web/node_modules/other/package-lock.json": minimist,
    "api/requirements.txt": "PyYAML==5.0\n",
    "api/vendor/x/Gemfile.lock": "GEM\n  specs:\n    rack (1.0.0)\n",
    ".git/objects/package-lock.json": minimist,
  });
  writeFiles(join(folder, "broken"), { "package-lock.json": "{" });
});

async function scan(...args: string[]): Promise<{ readonly code: number | null; readonly report: Report }> {
  const { code, stdout } = await plimsoll(["scan", ...args, "--format", "json"]);
  return { code, report: JSON.parse(stdout) as Report };
}

describe("a folder of source code", () => {
  test("gives what its lock files declare and what is installed in it", async () => {
    const { report } = await scan("shop");
    expect(report.target).toEqual({ kind: "repo", name: "shop" });
    expect(report.packages.map(({ purl, paths }) => [purl, ...paths])).toEqual([
      ["pkg:npm/lodash@4.17.15", "web/package-lock.json"],
      ["pkg:npm/other@1.0.0", "web/node_modules/other/package.json"],
      ["pkg:pypi/pyyaml@5.0", "api/requirements.txt"],
    ]);
    expect(report.unread).toBeUndefined();
    expect(report.findings.map(({ id }) => id)).toContain("CVE-2020-8203");
  });

  test("fails a gate by a lock file alone", async () => {
    expect((await scan("repo:shop", "--fail-on", "high")).code).toBe(1);
  });

  test("is read as an installed system with dir:", async () => {
    const { report } = await scan("dir:shop");
    expect(report.target.kind).toBe("dir");
    expect(report.packages.map(({ name }) => name)).toEqual(["other"]);
  });

  test("with a lock file that cannot be read is not allowed", async () => {
    const { code, report } = await scan("broken", "--fail-on", "high");
    expect(report.problems.map(({ path }) => path)).toEqual(["package-lock.json"]);
    expect(code).toBe(3);
  });

  test("is named by its file in SARIF, from the working directory", async () => {
    const { stdout } = await plimsoll(["scan", "shop", "--format", "sarif"]);
    const { runs } = JSON.parse(stdout);
    const places = runs[0].results.map(
      (result: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
        result.locations[0]?.physicalLocation.artifactLocation.uri,
    );
    expect(new Set(places)).toEqual(new Set(["shop/api/requirements.txt", "shop/web/package-lock.json"]));
  });

  test("names the line and the direct dependency of a finding, and leaves out what only development needs", async () => {
    const { report } = await scan("chain");
    expect([report.packages.map(({ name }) => name), report.developmentLeftOut]).toEqual([["express", "minimist"], 1]);
    const minimist = report.findings.find(({ package: { name } }) => name === "minimist");
    expect(minimist?.package.declaration).toEqual({
      ...{ path: "package-lock.json", line: 18, relation: "transitive", via: ["express@4.0.0"] },
    });
    const { stdout } = await plimsoll(["scan", "chain"]);
    expect(stdout).toContain("package-lock.json:18");
    expect(stdout).toContain("required by express@4.0.0");
    expect(stdout).toContain("1 development dependency left out; with them: --include-dev");
  });

  test("includes what only development needs with --include-dev", async () => {
    const { report } = await scan("chain", "--include-dev");
    expect(report.packages.map(({ name, declaration }) => [name, declaration?.development])).toEqual([
      ["express", undefined],
      ["lodash", true],
      ["minimist", undefined],
    ]);
    expect(report.developmentLeftOut).toBeUndefined();
  });
});
