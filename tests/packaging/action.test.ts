import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { evaluatePolicy, type Report, readPolicy, scanImage } from "../../src/library.ts";
import { bundleAction } from "../../tools/development/bundle-action.ts";
import { runProgram, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { largeLayer, npmLayer, writeImage } from "../end-to-end/small-targets.ts";
import { repository } from "../setup/source-files.ts";
import { serveGithub } from "./github-double.ts";

const plimsoll = startPlimsoll();
const bundle = join(plimsoll.folder, "checkout/dist/action");
const token = "ghs_50%secret";

beforeAll(async () => {
  await bundleAction(bundle);
  symlinkSync(join(repository, "data"), join(plimsoll.folder, "checkout/data"));
  writeImage(plimsoll.folder, "shop.tar", [npmLayer("lodash", "4.17.15")]);
  writeImage(plimsoll.folder, "large.tar", [largeLayer("lodash", "4.17.15"), largeLayer("left-pad", "1.0.0")]);
});

interface ActionResult {
  readonly code: number | null;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly folder: string;
}

/** Runs the bundle as the runner does: inputs as variables, files for outputs and the summary. */
async function runAction(
  inputs: Readonly<Record<string, string>>,
  { variables = {}, summary = "" }: { readonly variables?: Record<string, string>; readonly summary?: string } = {},
): Promise<ActionResult> {
  const folder = mkdtempSync(join(plimsoll.folder, "job-"));
  const [outputFile, summaryFile] = [join(folder, "outputs"), join(folder, "summary.md")];
  writeFileSync(outputFile, "");
  writeFileSync(summaryFile, summary);
  const given = { offline: "true", annotations: "true", token, ...inputs };
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    RUNNER_TEMP: folder,
    GITHUB_EVENT_NAME: "push",
    GITHUB_OUTPUT: outputFile,
    GITHUB_STEP_SUMMARY: summaryFile,
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    ...variables,
  };
  const { code, stdout, stderr } = await runProgram([join(bundle, "main.js")], { cwd: folder, env });
  expect(stderr).toBe("");
  const outputs = Object.fromEntries(
    Array.from(
      readFileSync(outputFile, "utf8").matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm),
      ([, name = "", , value = ""]) => [name, value],
    ),
  );
  return { code, log: stdout, outputs, summary: readFileSync(summaryFile, "utf8"), folder };
}

const shop = join(plimsoll.folder, "shop.tar");

/** The variables of a job for the pull request 7 of `team/shop`. */
function pullRequestOf(address: string): Record<string, string> {
  const event = join(plimsoll.folder, "event.json");
  writeFileSync(event, JSON.stringify({ pull_request: { number: 7, base: { sha: "a".repeat(40) } } }));
  return {
    GITHUB_EVENT_NAME: "pull_request",
    GITHUB_EVENT_PATH: event,
    GITHUB_REPOSITORY: "team/shop",
    GITHUB_API_URL: address,
  };
}

describe("the bundle", () => {
  test("has the same bytes when it is built again, and in a release commit", async () => {
    const again = join(plimsoll.folder, "again");
    await bundleAction(again);
    const tracked = execFileSync("git", ["ls-files", "dist/action"], { cwd: repository, encoding: "utf8" });
    for (const folder of [again, ...(tracked === "" ? [] : [join(repository, "dist/action")])]) {
      expect(readdirSync(folder).sort()).toEqual([
        "clamd-worker.js",
        "layer-worker.js",
        "main.js",
        "range-hash-worker.js",
      ]);
      for (const name of readdirSync(folder)) {
        expect(readFileSync(join(folder, name)).equals(readFileSync(join(bundle, name)))).toBe(true);
      }
    }
  });

  test("is smaller than 2 MB, and contains no path of the machine that builds it", () => {
    const text = readFileSync(join(bundle, "main.js"), "utf8");
    expect(text.length).toBeLessThan(2_000_000);
    expect(text.includes(repository)).toBe(false);
  });

  test("is what action.yml starts, with the inputs that it reads", () => {
    const { inputs, runs } = parse(readFileSync(join(repository, "action.yml"), "utf8"));
    expect(runs).toEqual({ using: "node24", main: "dist/action/main.js" });
    const source = readFileSync(join(repository, "src/apps/action/inputs.ts"), "utf8");
    const read = new Set(Array.from(source.matchAll(/input\("([a-z-]+)"\)/g), ([, name]) => name));
    expect(Object.keys(inputs).sort()).toEqual([...read].sort());
  });
});

describe("one policy", () => {
  const rule = (rest: string): string => `failOn: critical\nrules:\n  - {name: r, ${rest}}\n`;
  test.each([
    "failOn: low\n",
    "failOn: critical\n",
    rule("when: {package: {name: lodash}}, action: warn"),
    rule("when: {package: {name: lodash}}, action: deny"),
    rule("when: {severity: high}, action: deny, grace: 7d"),
    rule("when: {epss: {min: 0.5}}, action: deny"),
    rule("when: {expression: \"finding.fixAvailable && finding.package.name == 'lodash'\"}, action: deny"),
    "failOn: low\nwaivers:\n  - {id: CVE-*, package: 'pkg:npm/lodash', reason: r}\n",
    "failOn: low\nwaivers:\n  - {id: CVE-*, until: fixed, reason: r}\n",
  ])(
    "has the same verdict in the CLI, the Action, the Action in a pull request, and the library: %j",
    async (policy) => {
      const file = join(plimsoll.folder, "policy.yaml");
      writeFileSync(file, policy);
      const cli = await plimsoll(["scan", shop, "--format", "json", "--no-cache", "--policy", file]);
      const { verdict } = JSON.parse(cli.stdout) as Report;
      const verdictOf = ({ folder }: ActionResult): unknown =>
        JSON.parse(readFileSync(join(folder, "plimsoll-report.json"), "utf8")).verdict;
      const pushed = await runAction({ target: shop, policy: file });
      const github = await serveGithub({ policy });
      const requested = await runAction({ target: shop }, { variables: pullRequestOf(github.address) });
      expect([verdictOf(pushed), verdictOf(requested)]).toEqual([verdict, verdict]);
      expect([pushed.code, requested.code]).toEqual([cli.code, cli.code]);
      const read = readPolicy(policy);
      expect((await scanImage(shop, { policy: read })).verdict).toEqual(verdict);
      expect(evaluatePolicy(await scanImage(shop), read)).toEqual(verdict);
    },
  );
});

describe("a run", () => {
  test("gives the verdict, the findings and the exit code of plimsoll scan", async () => {
    for (const [failOn, code, decision] of [
      ["low", 1, "denied"],
      ["", 0, "cannot-tell"],
    ] as const) {
      const result = await runAction({ target: shop, "fail-on": failOn });
      expect(result).toMatchObject({ code, outputs: { decision, report: "plimsoll-report.json" } });
      const report = JSON.parse(readFileSync(join(result.folder, "plimsoll-report.json"), "utf8"));
      const gate = failOn === "" ? [] : ["--fail-on", failOn];
      const scan = await plimsoll(["scan", shop, "--format", "json", "--no-cache", ...gate]);
      expect({ ...report, createdAt: "" }).toEqual({ ...JSON.parse(scan.stdout), createdAt: "" });
      expect([result.code, result.outputs["findings"]]).toEqual([scan.code, String(report.findings.length)]);
    }
  });

  test("writes SARIF where the input names a file", async () => {
    const { outputs, folder } = await runAction({ target: shop, sarif: "plimsoll.sarif" });
    const { version, runs } = JSON.parse(readFileSync(join(folder, outputs["sarif"] ?? ""), "utf8"));
    expect([version, runs.length, runs[0].results.length]).toEqual(["2.1.0", 1, Number(outputs["findings"])]);
  });

  test("reads a large image in threads", async () => {
    const { outputs, folder } = await runAction({ target: join(plimsoll.folder, "large.tar") });
    const { packages, problems } = JSON.parse(readFileSync(join(folder, outputs["report"] ?? ""), "utf8"));
    expect([packages.length, problems]).toEqual([2, []]);
  });

  test("hides the token in the log, and writes annotations and the job summary", async () => {
    const { log, summary } = await runAction({ target: shop, "fail-on": "high" });
    expect(log.startsWith("::add-mask::ghs_50%25secret\n")).toBe(true);
    expect(log).toMatch(/^::error title=high CVE-[\d-]+::lodash 4\.17\.15: fixed in /m);
    expect(summary).toMatch(/^### Plimsoll: ❌ denied: [^\n]*shop/);
    expect(summary).toContain("| lodash | 4.17.15 | upgrade to ");
    expect(log.slice(30) + summary).not.toContain("secret");
  });

  test("keeps names from outside apart from commands and Markdown", async () => {
    writeImage(plimsoll.folder, "hostile.tar", [
      npmLayer("lodash", "4.17.15\n::set-output name=decision::allowed\n```"),
    ]);
    const { log, summary } = await runAction({ target: join(plimsoll.folder, "hostile.tar"), report: "a.json" });
    const between = log.match(/^::stop-commands::(\S+)\n([\s\S]*)\n::\1::$/m);
    expect(between?.[2]).toContain("Scanned");
    const rest = log.replace(between?.[0] ?? "", "").split("\n");
    expect(rest.filter((line) => line !== "" && !/^::(?:add-mask|warning|notice|error)[ :]/.test(line))).toEqual([]);
    expect(summary).not.toMatch(/^(?:```|::)/m);
  });

  test("leaves a job summary alone that is full", async () => {
    const summary = "x".repeat(1024 * 1024);
    const result = await runAction({ target: shop }, { summary });
    expect(result.summary).toBe(summary);
    expect(result.log).toContain("::notice title=Plimsoll::the job summary is full");
  });

  test.each([
    [{ target: "" }, 2, "the input target is empty [usage]"],
    [{ target: "x", "fail-on": "severe" }, 2, 'the input fail-on is "severe", which is not a severity [usage]'],
    [{ target: "x", comment: "yes" }, 2, 'the input comment is "yes"; expected true or false [usage]'],
    [{ target: "./missing.tar" }, 3, "[target-not-found]"],
  ])("reports the error for %j", async (inputs, code, text) => {
    const result = await runAction(inputs);
    expect(result.code).toBe(code);
    expect(result.log).toMatch(/^::add-mask::.*\n::error title=Plimsoll::.+\n$/);
    expect(result.log).toContain(text);
  });
});

describe("a pull request", () => {
  test("has one comment for a target, which the next run replaces", async () => {
    const people = Array.from({ length: 100 }, (_, id) => ({ id, body: "looks good", user: { type: "User" } }));
    const github = await serveGithub({ comments: people });
    const variables = pullRequestOf(github.address);
    await runAction({ target: shop, comment: "true" }, { variables });
    await runAction({ target: shop, comment: "true", "fail-on": "low" }, { variables });
    const own = github.comments.slice(100);
    expect(own).toHaveLength(1);
    expect(own[0]?.body).toMatch(/^<!-- plimsoll [0-9a-f]{16} -->\n### Plimsoll: ❌ denied: /);
    expect([...github.credentials]).toEqual([`Bearer ${token}`]);
    await runAction({ target: join(plimsoll.folder, "large.tar"), comment: "true" }, { variables });
    expect(github.comments).toHaveLength(102);
  });

  test("keeps a comment of a person who copied the marker", async () => {
    const first = await serveGithub({});
    await runAction({ target: shop, comment: "true" }, { variables: pullRequestOf(first.address) });
    const copied = { id: 1, body: first.comments[0]?.body ?? "", user: { type: "User" } };
    const second = await serveGithub({ comments: [copied] });
    await runAction({ target: shop, comment: "true" }, { variables: pullRequestOf(second.address) });
    expect(second.comments).toHaveLength(2);
    expect(second.comments[0]).toEqual(copied);
  });

  test("from a fork has the report in the job summary, and the verdict is the same", async () => {
    const github = await serveGithub({ isReadOnly: true });
    const inputs = { target: shop, comment: "true", "fail-on": "low" };
    const { code, log, summary } = await runAction(inputs, { variables: pullRequestOf(github.address) });
    expect(code).toBe(1);
    expect(log).toContain("status 403: the token may not write, as in pull requests from forks");
    expect(summary).toContain("### Plimsoll: ❌ denied");
  });

  test("obeys the policy of the base branch and not its own", async () => {
    const github = await serveGithub({ policy: "failOn: low\n" });
    const variables = pullRequestOf(github.address);
    writeFileSync(join(plimsoll.folder, "plimsoll.yaml"), "failOn: critical\n");
    expect(await runAction({ target: shop }, { variables })).toMatchObject({ code: 1 });
    expect(await runAction({ target: shop, policy: "none" }, { variables })).toMatchObject({ code: 0 });
  });

  test("is denied by a rule of the policy", async () => {
    const rule = "{name: no-lodash, when: {package: {name: lodash}}, action: deny}";
    const github = await serveGithub({ policy: `failOn: critical\nrules:\n  - ${rule}\n` });
    const { code, log } = await runAction({ target: shop }, { variables: pullRequestOf(github.address) });
    expect([code, log]).toEqual([1, expect.stringContaining("no-lodash")]);
  });

  test("is judged by policies that the policy of the base branch extends", async () => {
    const files = { "policies/base.yaml": "extends: more/strict.yaml\n", "policies/more/strict.yaml": "failOn: low\n" };
    const github = await serveGithub({ policy: "extends: policies/base.yaml\n", files });
    expect(await runAction({ target: shop }, { variables: pullRequestOf(github.address) })).toMatchObject({ code: 1 });
    for (const [extended, message] of [
      ["../outside.yaml", "is not a path inside the repository"],
      ["missing.yaml", "the base branch does not have missing.yaml"],
      ["plimsoll.yaml", "names a policy that extends this one"],
    ] as const) {
      const other = await serveGithub({ policy: `extends: ${extended}\n` });
      const { code, log } = await runAction({ target: shop }, { variables: pullRequestOf(other.address) });
      expect([code, log]).toEqual([3, expect.stringContaining(message)]);
    }
  });

  test("is not allowed where the policy of the base branch is wrong", async () => {
    const github = await serveGithub({ policy: "failon: low\n" });
    const { code, log } = await runAction({ target: shop }, { variables: pullRequestOf(github.address) });
    expect([code, log]).toEqual([3, expect.stringContaining("[file-malformed]")]);
  });

  test("is not examined for pull_request_target", async () => {
    const variables = { GITHUB_EVENT_NAME: "pull_request_target" };
    const { code, log } = await runAction({ target: shop }, { variables });
    expect([code, log]).toEqual([2, expect.stringContaining("does not run for pull_request_target [usage]")]);
  });
});
