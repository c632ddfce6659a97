import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { toolVersion } from "../../src/model/tool-version.ts";
import { type RunResult, runProgram } from "../end-to-end/run-plimsoll.ts";
import { corpusPath, describeWithCorpus } from "../setup/corpus.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { serveDependencies } from "./package-registry.ts";
import { buildPackage, packPackage } from "./packed-package.ts";

const folder = temporaryFolder();
/** No program can be found, and nothing of this machine's settings is there. */
const env = { PATH: join(folder, "no-programs"), HOME: join(folder, "home"), TMPDIR: folder, PLIMSOLL_OFFLINE: "1" };
let built = "";
let tarball = "";

beforeAll(async () => {
  built = await buildPackage(folder);
  tarball = packPackage(built, folder);
});

describeWithCorpus("the packed package", () => {
  const image = corpusPath("images", "docker-archive", "alpine-310.tar.gz");
  // Support for Alpine Linux 3.10 has ended, so a scan of this image is incomplete.
  const scanned = { code: 3, stderr: "", packages: 14 };

  test("runs with Node.js alone: neither npm nor a dependency is beside it", async () => {
    const unpacked = join(folder, "unpacked");
    mkdirSync(unpacked);
    execFileSync("tar", ["-xzf", tarball, "-C", unpacked]);
    const program = join(unpacked, "package/dist/plimsoll.js");
    expect(await versionOf(program)).toMatchObject({ code: 0, stdout: `${toolVersion}\n`, stderr: "" });
    expect(await scan(program, image)).toEqual(scanned);
  });

  test("is installed by npm into an empty folder, with the command and the library", async () => {
    const project = join(folder, "project");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), `{"private": true}\n`);
    const registry = await serveDependencies(join(built, "package.json"), folder);
    const cache = join(folder, "npm-cache");
    const quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
    const args = ["install", "--registry", registry, "--cache", cache, ...quietly, tarball];
    await promisify(execFile)("npm", args, {
      cwd: project,
      env: { PATH: process.env["PATH"], HOME: join(folder, "home") },
    });
    const program = join(project, "node_modules/.bin/plimsoll");
    expect(await versionOf(program)).toMatchObject({ code: 0, stdout: `${toolVersion}\n`, stderr: "" });
    expect(await scan(program, image)).toEqual(scanned);
    writeFileSync(
      join(project, "consumer.mjs"),
      `import { scan } from "plimsoll";
       const { packages } = await scan(process.argv[2]);
       console.log(packages.length);`,
    );
    const consumed = await runProgram(["consumer.mjs", image], { cwd: project, env });
    expect(consumed).toMatchObject({ code: 0, stdout: "14\n", stderr: "" });
  });
});

function versionOf(program: string): Promise<RunResult> {
  return runProgram([program, "--version"], { cwd: folder, env });
}

async function scan(program: string, image: string): Promise<object> {
  const args = [program, "scan", image, "--format", "json", "--no-cache"];
  const { code, stdout, stderr } = await runProgram(args, { cwd: folder, env });
  return { code, stderr, packages: JSON.parse(stdout).packages.length };
}
