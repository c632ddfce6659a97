import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer, writeImage } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

beforeAll(() => {
  writeImage(folder, "image.tar", [npmLayer("lodash", "4.17.15")]);
  writeImage(folder, "more.tar", [npmLayer("lodash", "4.17.20"), npmLayer("minimist", "1.2.0")]);
  mkdirSync(join(folder, "deploy"));
  const spec = { containers: [{ name: "b", image: "b:1" }] };
  writeFileSync(
    join(folder, "deploy/pod.json"),
    JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec }),
  );
});

describe("several outputs", () => {
  test("of one run: the table on stdout, and a file for each format", async () => {
    const alone = await plimsoll(["scan", "image.tar"]);
    const { code, stdout } = await plimsoll([
      ...["scan", "image.tar", "-o", "sarif=a.sarif", "-o", "csv=a.csv", "-o", "json=a.json", "-o", "table=a.txt"],
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: alone.stdout });
    expect(JSON.parse(read("a.sarif"))).toMatchObject({ version: "2.1.0" });
    expect(JSON.parse(read("a.json"))).toMatchObject({ schemaVersion: 2 });
    expect(read("a.csv")).toContain("CVE-2020-8203");
    expect(read("a.txt")).toBe(alone.stdout);
  });

  test("and a file in place of stdout, for checks", async () => {
    const args = ["check", "manifests", "deploy", "-o", "junit=b.xml", "-o", "b.json", "-f", "json"];
    expect(await plimsoll(args)).toMatchObject({ code: 0, stdout: "" });
    expect(read("b.xml")).toContain("<testsuites");
    expect(JSON.parse(read("b.json"))).toMatchObject({ schemaVersion: 2 });
  });

  test.each([
    [["-o", "sarf=a"], "--output sarf=a: sarf is not a format"],
    [["-o", "sarif="], "--output sarif= has no file"],
    [["-o", "a", "-o", "b"], "--output FILE can be given once"],
    [["-o", "sarif=a", "-o", "csv=./a"], "--output and --output would write to the same file, ./a"],
    [["-o", "sarif=image.tar"], "the output would overwrite the target, image.tar"],
  ])("%j is wrong usage", async (more, message) => {
    const { code, stderr } = await plimsoll(["scan", "image.tar", ...more]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(join(folder, "a"))).toBe(false);
  });

  test("a command with one document refuses a second", async () => {
    const { code, stderr } = await plimsoll(["sbom", "image.tar", "-o", "a", "-o", "b"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "error: --output can be given once for this command [usage]\n",
    });
  });
});

test("convert writes what the scan would have written", async () => {
  await plimsoll(["scan", "image.tar", "-o", "json=c.json", "-o", "sarif=c.sarif", "-o", "junit=c.xml", "-o", "c.txt"]);
  const args = ["convert", "c.json", "-o", "sarif=d.sarif", "-o", "junit=d.xml", "-o", "json=d.json", "-o", "d.txt"];
  expect(await plimsoll(args)).toMatchObject({ code: 0, stdout: "", stderr: "" });
  for (const type of ["sarif", "xml", "json", "txt"]) expect(read(`d.${type}`)).toBe(read(`c.${type}`));
  await plimsoll(["check", "manifests", "deploy", "-o", "json=e.json", "-o", "e.csv", "-f", "csv"]);
  const { code, stdout } = await plimsoll(["convert", "e.json", "-f", "csv"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: read("e.csv") });
});

test.each([
  [["convert", "image.tar"], 3, "image.tar: is not JSON"],
  [["convert", "nowhere.json"], 3, "nowhere.json"],
  [["convert", "f.json", "-f", "gitlab"], 2, "the format gitlab does not support this kind of report"],
])("plimsoll %j: %s", async (args, exitCode, message) => {
  await plimsoll(["check", "manifests", "deploy", "-f", "json", "-o", "f.json"]);
  const { code, stderr } = await plimsoll(args);
  expect(code).toBe(exitCode);
  expect(stderr).toContain(message);
});

describe("--baseline", () => {
  test("counts only findings that an earlier scan does not have", async () => {
    await plimsoll(["scan", "image.tar", "-f", "json", "-o", "base.json"]);
    const same = await plimsoll(["scan", "image.tar", "--baseline", "base.json", "--fail-on", "low"]);
    expect(same.stdout).toMatch(/3 known findings left out \(in base\.json\)/);
    expect(same.stdout).toContain("3 findings already in the baseline");
    expect(same.code).not.toBe(1);
    const more = await plimsoll(["scan", "more.tar", "--baseline", "base.json", "--fail-on", "low", "-f", "json"]);
    expect(more.code).toBe(1);
    const { findings, baseline } = JSON.parse(more.stdout) as {
      findings: { package: { name: string } }[];
      baseline: object;
    };
    expect(new Set(findings.map((one) => one.package.name))).toEqual(new Set(["minimist"]));
    expect(baseline).toMatchObject({ name: "base.json" });
  });

  test("counts only failed checks that an earlier run does not have", async () => {
    await plimsoll(["check", "manifests", "deploy", "-f", "json", "-o", "checks.json"]);
    const args = ["check", "manifests", "deploy", "--fail-on", "low"];
    expect((await plimsoll(args)).code).toBe(1);
    expect((await plimsoll([...args, "--baseline", "checks.json"])).code).toBe(0);
  });

  test("must be a report of the same command", async () => {
    const { code, stderr } = await plimsoll(["scan", "image.tar", "--baseline", "checks.json"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--baseline checks.json is not a report of plimsoll scan");
  });
});
