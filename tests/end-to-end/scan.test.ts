import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { readReportSchema } from "../setup/report-schema.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer, writeBucket, writeImage } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const db = join(folder, "advisories.sqlite");

beforeAll(async () => {
  writeImage(folder, "leaky.tar", [npmLayer("leaky", "1.5.0"), npmLayer("fine", "1.0.0")]);
  writeImage(folder, "odd.tar", [npmLayer("odd", "1.0.0")]);
  writeImage(folder, "clean.tar", [npmLayer("leaky", "2.0.0")]);
  writeImage(folder, "broken.tar", [{ bytes: Buffer.from("1f8b0800000000000003ffff", "hex") }]);
  writeImage(folder, "broken-and-leaky.tar", [npmLayer("leaky", "1.5.0"), { bytes: Buffer.alloc(1024, "x") }]);
  writeFileSync(join(folder, "words.txt"), "only words\n");
  const { code } = await plimsoll(["db", "build", "--from", writeBucket(folder), "--db", db]);
  expect(code).toBe(0);
});

describe("the exit code", () => {
  test.each<[number, string, string]>([
    [0, "when nobody set a threshold, whatever was found", "leaky.tar"],
    [0, "when the threshold is not reached", "leaky.tar --fail-on critical"],
    [0, "when nothing was found and the advisories cover the target", "clean.tar --fail-on low"],
    [1, "when a finding reaches the threshold", "leaky.tar --fail-on high"],
    [1, "when a finding is worse than the threshold", "leaky.tar --fail-on low"],
    [
      1,
      "when a finding reaches the threshold and something could not be examined",
      "broken-and-leaky.tar --fail-on high",
    ],
    [3, "when something could not be examined", "broken.tar"],
    [3, "when a finding without a severity could reach the threshold", "odd.tar --fail-on critical"],
  ])("is %i %s", async (expected, _, args) => {
    const { code } = await plimsoll(["scan", ...args.split(" "), "--db", db]);
    expect(code).toBe(expected);
  });

  test("is 3 with a threshold when only the built-in advisories could answer, and 0 without one", async () => {
    expect((await plimsoll(["scan", "clean.tar", "--fail-on", "low"])).code).toBe(3);
    expect((await plimsoll(["scan", "clean.tar"])).code).toBe(0);
  });
});

describe("a distribution of whose packages nothing is known is not called clean", () => {
  const osRelease = { name: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n' };
  const statusOf = (name: string, version: string, maintainer: string) => {
    const fields = { Package: name, Status: "install ok installed", Maintainer: maintainer, Version: version };
    const lines = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`);
    return { name: "var/lib/dpkg/status", content: lines.join("") };
  };
  const bash = statusOf("bash", "5.2.15-2", "Matthias Klose <doko@debian.org>");
  const docker = statusOf("docker-ce", "5:24.0.7-1~debian.12~bookworm", "Docker <support@docker.com>");

  test.each([
    ["without os-release", [bash], "the distribution of the deb packages is unknown (one package)"],
    [
      "without a feed",
      [{ ...osRelease, content: "ID=kali\nVERSION_ID=2026.1\nPRETTY_NAME=Kali\n" }, bash],
      "no advisory source for Kali is known (one package)",
    ],
    ["without advisories at hand", [osRelease, bash], "the database has no advisories for Debian (one package)"],
  ])("%s", async (_, members, problem) => {
    writeImage(folder, "unknown.tar", [{ members }]);
    const { code, stdout } = await plimsoll(["scan", "unknown.tar", "--db", db, "-f", "json"]);
    const { verdict, problems } = JSON.parse(stdout) as Report;
    expect({ code, decision: verdict.decision }).toEqual({ code: 3, decision: "cannot-tell" });
    expect(problems.map(({ message }) => message)).toContain(problem);
  });

  test("all built by somebody else", async () => {
    writeImage(folder, "foreign.tar", [{ members: [osRelease, docker] }]);
    const { code, stdout } = await plimsoll(["scan", "foreign.tar", "--db", db, "--fail-on", "low", "-f", "json"]);
    const { verdict, database } = JSON.parse(stdout) as Report;
    expect(code).toBe(3);
    expect(verdict).toEqual({
      decision: "cannot-tell",
      reasons: ["no packages of Debian 12 itself were found, so only other packages were compared"],
    });
    expect(database.limits.join()).toContain("the packages built by Docker <support@docker.com> were not compared");
  });
});

describe("what cannot be scanned ends with 3, one error and what to do", () => {
  test.each([
    ["a file that does not exist", "./nothing.tar", "./nothing.tar does not exist"],
    ["a file that is no archive", "words.txt", "words.txt is not an image archive, an SBOM or a file"],
    ["an image name without an engine", "nginx:1.27", "no file or folder named nginx:1.27; no Docker Engine found"],
    ["an image that only a registry may have, offline", "127.0.0.1:5000/a/b", "No registry was tried"],
    ["a folder that does not exist", "rootfs/", "Check the path: an image cannot have this name."],
    ["an option after --", "-- --offline", "Check the path: an image cannot have this name."],
    ["a database that does not exist", "clean.tar --db nothing.sqlite", "nothing.sqlite"],
    ["a database that is none", "clean.tar --db words.txt", "words.txt"],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await plimsoll(["scan", ...args.split(" ")]);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: .+\n {7}.+\n$/);
    expect(stdout).toBe("");
    expect(code).toBe(3);
  });
});

describe("--format json", () => {
  const { errorsOf } = readReportSchema("report.schema.json");

  test.each(["leaky.tar", "odd.tar", "clean.tar", "broken.tar", "dir:bucket"])(
    "prints for %s a report that its schema accepts, and nothing else",
    async (target) => {
      const { stdout, stderr } = await plimsoll(["scan", target, "--format", "json", "--db", db]);
      expect(errorsOf(JSON.parse(stdout))).toEqual([]);
      expect(stderr).toBe("");
    },
  );

  test("tells what was found, where, and why", async () => {
    const { stdout } = await plimsoll(["scan", "leaky.tar", "-f", "json", "--db", db, "--fail-on", "high"]);
    const report = JSON.parse(stdout) as Report;
    expect(report.target).toMatchObject({
      kind: "docker-archive",
      name: "leaky.tar",
      tags: ["leaky.tar:1"],
      user: "root",
    });
    expect(report.packages.map(({ purl, layer }) => [purl, layer])).toEqual([
      ["pkg:npm/fine@1.0.0", 1],
      ["pkg:npm/leaky@1.5.0", 0],
    ]);
    expect(report.findings).toMatchObject([
      {
        id: "TEST-2024-1",
        severity: "high",
        fixedIn: "2.0.0",
        status: "fixed",
        package: { name: "leaky", version: "1.5.0", paths: ["app/node_modules/leaky/package.json"], layer: 0 },
      },
    ]);
    expect(report.problems).toEqual([]);
    expect(report.database).toMatchObject({ kind: "file", records: 2 });
    expect(report.verdict.decision).toBe("denied");
  });

  test("names a layer that could not be read", async () => {
    const { stdout } = await plimsoll(["scan", "broken.tar", "-f", "json", "--db", db]);
    const { problems, verdict } = JSON.parse(stdout) as Report;
    expect(problems.map(({ code }) => code)).toEqual(["unreadable"]);
    expect(problems[0]?.message).toContain("layer 1 of 1");
    expect(verdict.decision).toBe("cannot-tell");
  });
});

test("a folder and an image of the same files give the same findings", async () => {
  const members = npmLayer("leaky", "1.5.0").members ?? [];
  const image = writeImage(folder, "same.tar", [{ members }]);
  const findings = async (target: string): Promise<string[]> => {
    const { stdout } = await plimsoll(["scan", target, "-f", "json", "--db", db]);
    return (JSON.parse(stdout) as Report).findings.map(({ id, package: found }) => `${id} ${found.paths}`);
  };
  for (const { name, content = "" } of members) {
    mkdirSync(join(folder, "tree", String(name), ".."), { recursive: true });
    writeFileSync(join(folder, "tree", String(name)), content);
  }
  expect(await findings(image)).toEqual(["TEST-2024-1 app/node_modules/leaky/package.json"]);
  expect(await findings("tree")).toEqual(await findings(image));
});

describe("--explain", () => {
  test("says why a vulnerability was reported", async () => {
    const { code, stdout } = await plimsoll(["scan", "leaky.tar", "--explain", "test-2024-1", "--db", db]);
    expect(stdout).toContain("A hole in leaky");
    expect(stdout).toContain("0 <= 1.5.0 < 2.0.0");
    expect(code).toBe(0);
  });

  test("says so when the vulnerability was not found", async () => {
    const { stdout } = await plimsoll(["scan", "leaky.tar", "--explain", "CVE-1999-0001", "--db", db]);
    expect(stdout).toContain("CVE-1999-0001");
  });
});

describe("--severity and --ignore-unfixed", () => {
  test.each([
    ["--severity low", "no findings with --severity low", "1 finding left out by --severity low"],
    ["--severity HIGH,critical", "TEST-2024-1", "no findings left out by --severity critical,high"],
    ["--ignore-unfixed", "TEST-2024-1", "no findings left out by --ignore-unfixed"],
  ])("%s filters the table and leaves the verdict as it is", async (options, found, leftOut) => {
    const scan = async (...more: string[]): ReturnType<typeof plimsoll> =>
      plimsoll(["scan", "leaky.tar", "--db", db, "--fail-on", "HIGH", ...more]);
    const [whole, filtered] = await Promise.all([scan(), scan(...options.split(" "))]);
    expect(filtered.stdout).toContain(found);
    expect(filtered.stdout).toContain(leftOut);
    expect(whole.stdout).not.toContain("left out");
    const verdict = /^DENIED .*$/ms;
    expect(verdict.exec(filtered.stdout)?.[0]).toBe(verdict.exec(whole.stdout)?.[0]);
    expect([filtered.code, whole.code]).toEqual([1, 1]);
  });

  test("filter JSON too, which then describes the filter", async () => {
    const args = ["scan", "leaky.tar", "--db", db, "-f", "json", "--severity", "low", "--fail-on", "high"];
    const { code, stdout } = await plimsoll(args);
    const report = JSON.parse(stdout) as Report;
    expect(readReportSchema("report.schema.json").errorsOf(report)).toEqual([]);
    expect(report).toMatchObject({
      findings: [],
      filter: { severities: ["low"], ignoreUnfixed: false, leftOut: 1 },
      verdict: { decision: "denied" },
    });
    expect(code).toBe(1);
  });

  test("do not hide what --explain explains", async () => {
    const args = ["scan", "leaky.tar", "--db", db, "--severity", "low", "--explain", "TEST-2024-1"];
    expect((await plimsoll(args)).stdout).toContain("0 <= 1.5.0 < 2.0.0");
  });
});

describe("--offline", () => {
  test("does not keep a scan of local files from its answer", async () => {
    expect((await plimsoll(["scan", "clean.tar", "--offline", "--db", db])).code).toBe(0);
  });

  test("refuses an engine that is reached over a network", async () => {
    const { code, stderr } = await plimsoll(["scan", "docker:nginx:1.27", "--offline"], {
      env: { DOCKER_HOST: "tcp://127.0.0.1:9" },
    });
    expect(stderr).toMatch(
      /^error: the Docker Engine at .+ is reached over a network, which --offline forbids \[usage\]\n$/,
    );
    expect(code).toBe(2);
  });
});

test("parallel scans with one cache, and one after them, give the same answer", async () => {
  const scan = (): ReturnType<typeof plimsoll> =>
    plimsoll(["scan", "leaky.tar", "--db", db, "--cache", "shared-cache", "--fail-on", "high"]);
  const results = [...(await Promise.all([scan(), scan(), scan()])), await scan()];
  expect(results[0]?.stdout).toContain("leaky");
  for (const result of results) expect(result).toEqual({ ...results[0], code: 1 });
});
