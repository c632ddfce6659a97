import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { writeFiles } from "../setup/write-files.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const shop = join(folder, "shop");

// Split, so that no scanner takes this file for one with a secret.
const token = `ghp_${"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"}0mLq17`;
const other = `ghp_${"N7dRT7sV1lZx4wSg2yVYfCqTmPeHa3"}2LVmX5`;
const key = `-----BEGIN ${"RSA"} PRIVATE KEY-----\n${"MIIEpAIBAAKCAQEA7v3k".repeat(20)}\n-----END RSA PRIVATE KEY-----\n`;

function git(...args: string[]): string {
  return execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.test", ...args], {
    cwd: shop,
    env: { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  }).toString();
}

function commit(files: Record<string, string>, message: string): string {
  writeFiles(shop, files);
  git("add", "--all");
  git("commit", "--quiet", "--message", message);
  return git("rev-parse", "HEAD").trim();
}

async function scan(target: string, ...args: string[]): Promise<Report> {
  const { stdout, stderr } = await plimsoll([
    "scan",
    target,
    "--scanners",
    "secrets",
    "--git-history",
    "--format",
    "json",
    ...args,
  ]);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

const isGitHere = existsSync("/usr/bin/git");

describe.skipIf(!isGitHere)(`scan --git-history${isGitHere ? "" : " (needs git)"}`, () => {
  const commits: Record<string, string> = {};

  beforeAll(() => {
    writeFiles(shop, { "readme.md": "shop\n" });
    git("init", "--quiet", "--initial-branch", "main");
    commits["first"] = commit({ "deploy/run.sh": `T=${token}\n`, "keep.sh": `T=${other}\n` }, "first");
    commit({ "deploy/run.sh": `#!/bin/sh\nT=${token}\n` }, "the same on another line");
    commit({ "deploy/run.sh": "#!/bin/sh\n" }, "gone");
    git("checkout", "--quiet", "-b", "side");
    commits["side"] = commit({ "a file\nwith: odd name.pem": key }, "on a branch");
    git("checkout", "--quiet", "main");
    commit({ "two.txt": "main\n" }, "main goes on");
    git("merge", "--quiet", "--no-commit", "side");
    writeFiles(shop, { "merged.sh": `curl -H "Authorization: ${other}" https://api.example.test\n` });
    git("rm", "--quiet", "--force", "a file\nwith: odd name.pem");
    git("add", "--all");
    git("commit", "--quiet", "--message", "merge with more than both sides had");
    commits["merge"] = git("rev-parse", "HEAD").trim();
    git("rm", "--quiet", "merged.sh");
    git("commit", "--quiet", "--message", "gone again");
  });

  test("finds what was committed and removed, each once, with the oldest commit that has it", async () => {
    const { secrets = [], problems } = await scan("shop");
    expect(secrets.map(({ rule, path, line, commit: at }) => [rule, path, line, at])).toEqual([
      ["github-token", "keep.sh", 1, undefined],
      ["github-token", "deploy/run.sh", 1, commits["first"]],
      ["rsa-private-key", "a file\nwith: odd name.pem", 1, commits["side"]],
      ["github-token", "merged.sh", 1, commits["merge"]],
    ]);
    expect(problems).toEqual([]);
  });

  test("of a folder within a repository it finds what was below it", async () => {
    const { secrets = [] } = await scan("shop/deploy");
    expect(secrets.map(({ path, commit: at }) => [path, at])).toEqual([["run.sh", commits["first"]]]);
  });

  test("the table names the commit", async () => {
    const { stdout } = await plimsoll(["scan", "shop", "--scanners", "secrets", "--git-history"]);
    expect(stdout).toContain(`deploy/run.sh:1, in the Git history since commit ${commits["first"]?.slice(0, 12)}`);
    expect(stdout).not.toContain(token.slice(6));
  });

  test("a shallow clone is a problem", async () => {
    git("clone", "--quiet", "--depth", "1", pathToFileURL(shop).href, join(folder, "shallow"));
    const { problems } = await scan("shallow");
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining("the clone is shallow")]);
  });

  test("grafts hide nothing", async () => {
    git("clone", "--quiet", shop, join(folder, "grafted"));
    writeFiles(join(folder, "grafted"), { ".git/info/grafts": git("rev-parse", "HEAD") });
    const { secrets = [] } = await scan("grafted");
    expect(secrets.map(({ path }) => path)).toContain("deploy/run.sh");
  });

  test("what a dependency had first and the project then is found in the project", async () => {
    const copied = join(folder, "copied");
    git("clone", "--quiet", "--depth", "1", pathToFileURL(shop).href, copied);
    const inCopy = (...args: string[]) => git("-C", copied, ...args);
    writeFiles(copied, { "node_modules/a/run.sh": `T=${token}\n` });
    inCopy("add", "--all", "--force");
    inCopy("commit", "--quiet", "--message", "in a dependency");
    inCopy("mv", "node_modules/a/run.sh", "own.sh");
    inCopy("commit", "--quiet", "--message", "in the project");
    const own = inCopy("rev-parse", "HEAD").trim();
    inCopy("rm", "--quiet", "own.sh");
    inCopy("commit", "--quiet", "--message", "gone");
    const { secrets = [] } = await scan("copied");
    expect(secrets.map(({ path, commit: at }) => [path, at])).toContainEqual(["own.sh", own]);
  });

  test("what the repository configures is not run", async () => {
    const trap = join(folder, "trap.sh");
    const mark = join(folder, "mark");
    writeFileSync(trap, `#!/bin/sh\ntouch ${mark}\ncat\n`);
    chmodSync(trap, 0o755);
    const settings = {
      "core.fsmonitor": trap,
      "core.pager": trap,
      "pager.log": "true",
      "gpg.program": trap,
      "log.showSignature": "true",
      "diff.external": trap,
      "diff.trap.textconv": trap,
      "filter.trap.smudge": trap,
      "filter.trap.clean": trap,
      "core.sshCommand": trap,
      "remote.origin.url": `ext::${trap}`,
      "remote.origin.promisor": "true",
      "extensions.partialClone": "origin",
    };
    writeFiles(shop, { ".gitattributes": "* diff=trap filter=trap\n" });
    for (const [name, value] of Object.entries(settings)) git("config", name, value);
    const { secrets = [] } = await scan("shop");
    for (const name of Object.keys(settings)) git("config", "--unset", name);
    expect(secrets).toHaveLength(4);
    expect(existsSync(mark)).toBe(false);
  });

  test("no repository, no folder and no scanner for secrets are errors", async () => {
    writeFiles(join(folder, "plain"), { "a.txt": "a\n" });
    const run = (...args: string[]) => plimsoll(["scan", ...args, "--git-history"]);
    const plain = await run("plain", "--scanners", "secrets");
    expect([plain.code, plain.stderr]).toEqual([3, expect.stringContaining("git cannot read the history of")]);
    const alone = await run("shop");
    expect([alone.code, alone.stderr]).toEqual([
      2,
      expect.stringContaining("--git-history requires --scanners secrets"),
    ]);
  });
});
