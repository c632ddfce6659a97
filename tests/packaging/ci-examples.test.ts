import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { program } from "../../src/apps/cli/run.ts";
import { main, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { npmLayer, writeImage } from "../end-to-end/small-targets.ts";
import { obstacleTo } from "../engines/programs.ts";
import { repository } from "../setup/source-files.ts";

const { folder } = startPlimsoll();
const component = readFileSync(join(repository, "templates/plimsoll.yml"), "utf8");
const pages = readdirSync(join(repository, "docs/ci")).map((name) => {
  return { name, text: readFileSync(join(repository, "docs/ci", name), "utf8") };
});

describe("the examples", () => {
  const blocks = pages.flatMap(({ name, text }) =>
    Array.from(text.matchAll(/^```(yaml|groovy)\n([\s\S]*?)^```/gm), ([, language = "", code = ""]) => {
      return { name, language, code };
    }),
  );

  test("are valid YAML", () => {
    const yaml = blocks.filter(({ language }) => language === "yaml");
    expect(yaml.length).toBeGreaterThan(7);
    const errors = yaml.flatMap(({ name, code }) =>
      parseAllDocuments(code).flatMap((document) => document.errors.map(({ message }) => `${name}: ${message}`)),
    );
    expect(errors).toEqual([]);
  });

  test("use options that exist", () => {
    const texts = [...blocks.map(({ code }) => code), component];
    const scan = program(new AbortController().signal, { exitCode: 0 }).commands.find(
      (child) => child.name() === "scan",
    );
    const known = scan?.options.map(({ long }) => long);
    const lines = texts.flatMap((text) =>
      Array.from(text.matchAll(/plimsoll scan ([^\n]*)/g), ([, line = ""]) => line),
    );
    const options = lines.flatMap((line) => Array.from(line.matchAll(/(--[a-z-]+)/g), ([, option]) => option));
    expect(lines.length).toBeGreaterThan(5);
    expect(options.filter((option) => !known?.includes(option))).toEqual([]);
  });

  test.skipIf(obstacleTo("jq") !== undefined)("write a report for Bitbucket with jq", () => {
    const bitbucket = blocks.map(({ code }) => code).find((code) => code.includes("jq '")) ?? "";
    const step = parse(bitbucket).pipelines.default[0].step;
    const command = step["after-script"].find((line: string) => line.startsWith("jq "));
    const report = { verdict: { decision: "denied", reasons: ["1 finding"] }, findings: [{}] };
    writeFileSync(join(folder, "plimsoll-report.json"), JSON.stringify(report));
    const { status, stderr } = spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(readFileSync(join(folder, "insights.json"), "utf8"))).toMatchObject({
      ...{ report_type: "SECURITY", result: "FAILED", details: "1 finding" },
      data: [{ type: "NUMBER", value: 1 }],
    });
  });
});

describe("the GitLab component", () => {
  const [spec, job] = component.split(/^---\n/m);
  const { inputs } = parse(spec ?? "").spec as { inputs: Record<string, { readonly default?: string }> };
  const programs = join(folder, "programs");

  beforeAll(() => {
    mkdirSync(programs);
    writeFileSync(join(programs, "plimsoll"), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
    writeFileSync(join(programs, "npm"), `#!/bin/sh\necho "$@" >> "${join(folder, "npm.log")}"\n`);
    for (const name of ["plimsoll", "npm"]) chmodSync(join(programs, name), 0o755);
    writeImage(folder, "shop.tar", [npmLayer("lodash", "4.17.15")]);
  });

  /** Runs the job as GitLab does: inputs are inserted, variables expanded, and the script runs in a shell. */
  function runJob(given: Readonly<Record<string, string>>): { readonly code: number | null; readonly text: string } {
    const values = {
      ...Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.default])),
      ...given,
    };
    const text = (job ?? "").replace(
      /\$\[\[ inputs\.([a-z-]+) \]\]/g,
      (_, name: keyof typeof values) => values[name] ?? "",
    );
    const { script, variables } = parse(text)["plimsoll"] as {
      readonly script: readonly string[];
      readonly variables: Readonly<Record<string, string>>;
    };
    const predefined: Record<string, string> = {
      CI_PROJECT_DIR: folder,
      CI_REGISTRY: "registry.example.test",
      CI_REGISTRY_USER: "gitlab-ci-token",
      CI_REGISTRY_PASSWORD: "64_secret",
    };
    const expanded = Object.entries(variables).map(([name, value]) => [
      name,
      value.replace(/\$([A-Z_]+)/g, (_, variable: string) => predefined[variable] ?? ""),
    ]);
    const env = {
      PATH: `${programs}:${process.env["PATH"]}`,
      HOME: join(folder, "home"),
      PLIMSOLL_OFFLINE: "1",
      ...Object.fromEntries(expanded),
    };
    const { status, stderr } = spawnSync("sh", ["-ec", script.join("\n")], { cwd: folder, env, encoding: "utf8" });
    return { code: status, text: stderr };
  }

  test("denies an image with a finding, and writes the report", () => {
    expect(runJob({ target: "shop.tar", package: "plimsoll.tgz" })).toEqual({ code: 1, text: "" });
    const report = JSON.parse(readFileSync(join(folder, "plimsoll-report.json"), "utf8"));
    expect(report.verdict.decision).toBe("denied");
    expect(readFileSync(join(folder, "npm.log"), "utf8")).toBe("install --global --ignore-scripts plimsoll.tgz\n");
  });

  test("does not run a target or take it for an option", () => {
    for (const target of ["$(touch ran)", "--version", "a; touch ran"]) {
      expect([target, runJob({ target, package: "x" }).code]).toEqual([target, expect.toSatisfy((code) => code !== 0)]);
    }
    expect(readdirSync(folder)).not.toContain("ran");
  });

  test("reads no other inputs than it declares", () => {
    const read = new Set(Array.from((job ?? "").matchAll(/inputs\.([a-z-]+)/g), ([, name]) => name));
    expect([...read].sort()).toEqual(Object.keys(inputs).sort());
  });
});
