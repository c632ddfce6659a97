import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readPolicy } from "../../src/policy/file/read-policy.ts";
import { readReportSchema } from "../setup/report-schema.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const write = (name: string, text: string): void => {
  const path = join(plimsoll.folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
};
const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ name: "b" }] } };

beforeEach(() => {
  rmSync(join(plimsoll.folder, "plimsoll.yaml"), { force: true });
  write("deploy/pod.json", JSON.stringify(pod));
});

const check = async (...more: string[]): Promise<number | null> =>
  (await plimsoll(["check", "manifests", "deploy/pod.json", ...more])).code;

describe("plimsoll.yaml", () => {
  test("is the gate of a check, and --fail-on only makes it stricter", async () => {
    expect(await check()).toBe(0);
    write("plimsoll.yaml", "failOn: low\n");
    expect(await check()).toBe(1);
    expect(await check("--fail-on", "critical")).toBe(1);
    write("plimsoll.yaml", "failOn: critical\n");
    expect(await check()).toBe(0);
    expect(await check("--fail-on", "low")).toBe(1);
  });

  test("is not looked for in a target", async () => {
    write("deploy/plimsoll.yaml", "failOn: low\n");
    expect(await check()).toBe(0);
    rmSync(join(plimsoll.folder, "deploy/plimsoll.yaml"));
  });

  test("is ignored with --policy none, and another file can be named", async () => {
    write("plimsoll.yaml", "failOn: low\n");
    write("lax.yaml", "failOn: critical\n");
    expect(await check("--policy", "none")).toBe(0);
    expect(await check("--policy", "lax.yaml")).toBe(0);
    expect(await check("--policy", "missing.yaml")).toBe(3);
  });

  test("has rules that deny, warn and allow by id and environment", async () => {
    const rules = (environment: string): string =>
      `failOn: low\nrules:\n- {name: lax, when: {kind: check, environment: ${environment}}, action: warn}\n`;
    write("plimsoll.yaml", rules("build"));
    const { code, stdout } = await plimsoll(["check", "manifests", "deploy/pod.json"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/WARNING +\d+ findings with a warning from rule lax/);
    expect(await check("--environment", "runtime")).toBe(1);
    write("plimsoll.yaml", rules("runtime"));
    expect(await check()).toBe(1);
  });

  test("with a mistake ends the run with the place", async () => {
    write("plimsoll.yaml", "failOn: sever\n");
    const { code, stderr } = await plimsoll(["check", "manifests", "deploy/pod.json"]);
    expect(code).toBe(3);
    expect(stderr).toContain("plimsoll.yaml:1:9: failOn is not one of critical, high");
  });
});

test("init writes a policy that holds, with its schema, and overwrites none", async () => {
  expect((await plimsoll(["init"])).code).toBe(0);
  const policy = readFileSync(join(plimsoll.folder, "plimsoll.yaml"), "utf8");
  expect(policy).toMatch(/\$schema=(\S+)\n/);
  const schema = JSON.parse(readFileSync(join(plimsoll.folder, ".plimsoll/policy.schema.json"), "utf8"));
  expect(schema).toEqual(readReportSchema("policy.schema.json").schema);
  expect(readPolicy(policy, "plimsoll.yaml")).toEqual({ failOn: "high" });
  const { code, stderr } = await plimsoll(["init"]);
  expect(code).toBe(2);
  expect(stderr).toContain("plimsoll.yaml already exists");
});

describe("waive", () => {
  const waive = (...args: string[]) => plimsoll(["waive", ...args]);

  test("adds a waiver that holds, and keeps comments", async () => {
    write("plimsoll.yaml", "# ours\nfailOn: low # strict\n");
    expect(await check()).toBe(1);
    const { code, stdout } = await waive("pss/*", "--reason", "a test: really", "--until", "2099-12-31");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "changed plimsoll.yaml: 1 waiver added\n" });
    expect((await waive("*/*", "--reason", "all", "--resource", "Pod *")).code).toBe(0);
    expect(readFileSync(join(plimsoll.folder, "plimsoll.yaml"), "utf8")).toBe(
      [
        "# ours\nfailOn: low # strict\nwaivers:",
        '  - id: pss/*\n    reason: "a test: really"\n    until: 2099-12-31',
        '  - id: "*/*"\n    resource: Pod *\n    reason: all\n',
      ].join("\n"),
    );
    expect(await check()).toBe(0);
  });

  test("imports an ignore file and says what is left out", async () => {
    write(".trivyignore", "# not used\nCVE-2020-1 exp:2099-01-01\nAVD-DS-0002\n");
    const { code, stdout, stderr } = await waive("--import", ".trivyignore");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "created plimsoll.yaml: 1 waiver added\n" });
    expect(stderr).toContain("note: 1 entry not converted:\n.trivyignore:3: AVD-DS-0002 is not the id of");
    const { waivers } = readPolicy(readFileSync(join(plimsoll.folder, "plimsoll.yaml"), "utf8"), "plimsoll.yaml");
    expect(waivers).toEqual([{ id: "CVE-2020-1", reason: "not used", until: "2099-01-01" }]);
  });

  test.each([
    [["CVE-2020-1"], "--reason is missing"],
    [["--reason", "r"], "missing required argument 'id'"],
    [["*", "--reason", "r"], "id would match every finding"],
    [["CVE-2020-1", "--reason", "r", "--until", "soon"], '--until is not "fixed" or a date'],
    [["CVE-2020-1", "--reason", "r", "--package", "lodash"], "--package is not a package URL"],
    [["CVE-2020-1", "--import", "a"], "--import cannot be combined with an id"],
  ])("%j is wrong usage", async (args, message) => {
    const { code, stderr } = await waive(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
