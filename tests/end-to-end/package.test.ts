import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { toolVersion } from "../../src/model/tool-version.ts";
import { PrivateSigstore } from "../../src/registry/signatures/fixtures/private-sigstore.ts";
import { signKeyless } from "../registry/setup/attach.ts";
import { registryObstacle, startDockerRegistry } from "../registry/setup/docker-registry.ts";
import { pushImage } from "../registry/setup/push-image.ts";
import { reference, testClient } from "../registry/setup/registry-client.ts";
import { type RunResult, runProgram, startPlimsoll } from "./run-plimsoll.ts";
import { largeLayer, npmLayer, writeImage } from "./small-targets.ts";

const { folder } = startPlimsoll();
const root = join(import.meta.dirname, "../..");
const built = join(folder, "package");
const env = { PATH: process.env["PATH"] ?? "", HOME: join(folder, "home"), TMPDIR: folder };

function run(...args: string[]): Promise<RunResult> {
  return runProgram(args, { cwd: built, env });
}

beforeAll(async () => {
  mkdirSync(built);
  for (const name of ["package.json", "README.md", "LICENSE", "data", "docs"]) {
    cpSync(join(root, name), join(built, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(built, "node_modules"));
  const { code, stderr } = await runProgram([join(root, "tools/development/build.ts"), built], { cwd: root, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  writeImage(built, "image.tar", [npmLayer("lodash", "4.17.15")]);
  writeImage(built, "large.tar", [largeLayer("lodash", "4.17.15"), largeLayer("left-pad", "1.0.0")]);
});

describe("the built program", () => {
  test("is executable, and its entry is too small to slow a start", () => {
    const { mode, size } = statSync(join(built, "dist/plimsoll.js"));
    expect(mode & 0o111).toBe(0o111);
    expect(size).toBeLessThan(5_000);
  });

  test("prints its version", async () => {
    expect(await run("dist/plimsoll.js", "--version")).toMatchObject({ code: 0, stdout: `${toolVersion}\n` });
  });

  test("explains an error", async () => {
    const { stdout } = await run("dist/plimsoll.js", "explain-error", "usage");
    expect(stdout).toMatch(/^usage \(error\)\n\n/);
  });

  test("scans an image with the built-in advisories, as the sources do", async () => {
    const args = ["scan", "image.tar", "--format", "json", "--no-cache"];
    const withoutTime = ({ stdout, ...rest }: RunResult): unknown => ({
      ...rest,
      report: { ...JSON.parse(stdout), createdAt: "" },
    });
    const fromBuild = withoutTime(await run("dist/plimsoll.js", ...args));
    expect(fromBuild).toMatchObject({ code: 0, stderr: "", report: { packages: [{ name: "lodash" }] } });
    expect(fromBuild).toEqual(withoutTime(await run(join(root, "src/apps/cli/main.ts"), ...args)));
  });
});

test("the package holds the tests of its rules, which rules test runs", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--offline"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const files = [...packed.matchAll(/"path": "([^"]+)"/g)].map(([, path]) => path);
  for (const rules of ["syscalls", "kubernetes-audit"]) {
    expect(files).toContain(`data/rules/${rules}.yaml`);
    expect(files).toContain(`data/rules/${rules}.test.yaml`);
  }
});

test("npx in a checkout runs the sources and not an older build", async () => {
  const checkout = join(folder, "checkout");
  for (const name of ["dist", "tools/development"]) mkdirSync(join(checkout, name), { recursive: true });
  cpSync(join(built, "dist"), join(checkout, "dist"), { recursive: true });
  writeFileSync(join(checkout, "tools/development/plimsoll.mjs"), `process.stdout.write("the sources\\n");\n`);
  const version = (variables: Record<string, string>) =>
    runProgram(["dist/plimsoll.js", "--version"], { cwd: checkout, env: { ...env, ...variables } });
  expect(await version({ npm_command: "exec" })).toMatchObject({ code: 0, stdout: "the sources\n" });
  expect(await version({})).toMatchObject({ code: 0, stdout: `${toolVersion}\n` });
  expect(await run("dist/plimsoll.js", "--version")).toMatchObject({ code: 0, stdout: `${toolVersion}\n` });
});

describe("what the built program loads when it is needed", () => {
  // Nothing listens there: what is read before is of interest.
  const nowhere = "127.0.0.1:9";

  test("reads a kubeconfig", async () => {
    writeFileSync(
      join(built, "kubeconfig"),
      `{apiVersion: v1, kind: Config, current-context: here, contexts: [{name: here, context: {cluster: here, user: me}}],
        clusters: [{name: here, cluster: {server: "http://${nowhere}"}}], users: [{name: me, user: {}}]}`,
    );
    // Engines of the machine are left out, since they may be installed, running, both or neither.
    for (const command of ["ps --engine kubernetes", "check kubernetes"]) {
      const { code, stderr } = await run("dist/plimsoll.js", ...command.split(" "), "--kubeconfig", "kubeconfig");
      expect([command, code, stderr]).toEqual([command, 3, expect.stringContaining(`no response from ${nowhere}`)]);
    }
  });

  test.skipIf(registryObstacle !== undefined)(
    `verifies an identity${registryObstacle ? ` (${registryObstacle})` : ""}`,
    async () => {
      const registry = await startDockerRegistry();
      try {
        const [sigstore, client] = [new PrivateSigstore(), testClient()];
        const job = { identity: "https://ci.example.test/build.yml", issuer: "https://id.example.test" };
        const named = reference(`${registry.host}/team/app:1`);
        const { descriptor: image } = await pushImage(client, named, { texts: ["app"] });
        await signKeyless(client, named, { image, sigstore, job });
        writeFileSync(join(built, "root.json"), sigstore.trustedRoot);
        const verify = (trustedRoot: string): Promise<RunResult> =>
          run(
            ...["dist/plimsoll.js", "verify", `${registry.host}/team/app:1`, "--identity", job.identity],
            ...["--issuer", job.issuer, "--trusted-root", trustedRoot],
          );
        expect(await verify("root.json")).toMatchObject({ code: 0, stderr: "" });
        expect(await verify("built-in")).toMatchObject({ code: 1, stderr: "" });
      } finally {
        await registry.stop();
      }
    },
  );
});

describe.skipIf(availableParallelism() < 2)("a large image is read in threads", () => {
  const names = ["left-pad", "lodash"];
  const telling = { cwd: built, env: { ...env, NODE_DEBUG: "worker" } };

  test("by the built program", async () => {
    const args = ["dist/plimsoll.js", "scan", "large.tar", "--format", "json", "--no-cache"];
    const { code, stdout, stderr } = await runProgram(args, telling);
    expect(JSON.parse(stdout)).toMatchObject({ packages: names.map((name) => ({ name })), problems: [] });
    expect(code).toBe(0);
    expect(stderr).toContain(`${built}/dist/program/layer-worker.js`);
  });

  test("by the built library", async () => {
    const program = `
      import { scan } from "plimsoll";
      const { packages, problems } = await scan("large.tar");
      console.log(JSON.stringify([packages.map(({ name }) => name), problems]));
    `;
    writeFileSync(join(built, "large.mjs"), program);
    const { stdout, stderr } = await runProgram(["large.mjs"], telling);
    expect(JSON.parse(stdout)).toEqual([names, []]);
    expect(stderr).toContain(`${built}/dist/library/pipeline/inventory/layer-worker.js`);
  });
});

describe("the built library", () => {
  test("is what the package's name imports", async () => {
    const program = `
      import { scan, PlimsollError } from "plimsoll";
      import { compareVersions } from "plimsoll/versions";
      const report = await scan("image.tar");
      const error = await scan("./nothing.tar").catch((thrown) => thrown);
      console.log(JSON.stringify([
        report.packages.map(({ purl }) => purl),
        error instanceof PlimsollError && error.code,
        compareVersions("Debian:12", "1.0~rc1", "1.0"),
      ]));
    `;
    writeFileSync(join(built, "consumer.mjs"), program);
    const { stdout, stderr } = await run("consumer.mjs");
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([["pkg:npm/lodash@4.17.15"], "target-not-found", -1]);
  });

  test("has types with which a strict consumer compiles", async () => {
    const program = `
      import { type Finding, PlimsollError, type Report, scan, type ScanOptions } from "plimsoll";
      import { compareVersions, ecosystemsWithOrder } from "plimsoll/versions";
      const options: ScanOptions = { failOn: "high", platform: "linux/arm64" };
      export const report: Report = await scan("image.tar", options);
      export const ids: readonly string[] = report.findings.map((finding: Finding) => finding.id);
      export const order: -1 | 0 | 1 | undefined = compareVersions("npm", "1.0.0", "1.0.1");
      export const known: readonly string[] = ecosystemsWithOrder;
      export const isOurs = (error: unknown): boolean => error instanceof PlimsollError && error.code === "cancelled";
      // @ts-expect-error: a threshold is one of four words
      await scan("image.tar", { failOn: "severe" });
    `;
    writeFileSync(join(built, "consumer.ts"), program);
    // As docs/library.md says what it takes; the declarations themselves are compiled too.
    const flags = "--noEmit --strict --skipLibCheck false --module nodenext --lib es2024 --types node".split(" ");
    const { code, stdout } = await run(join(root, "node_modules/typescript/lib/tsc.js"), ...flags, "consumer.ts");
    expect(stdout).toBe("");
    expect(code).toBe(0);
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(readFileSync(join(built, "package.json"), "utf8"));
    expect([peerDependencies, peerDependenciesMeta]).toEqual([
      { "@types/node": ">=24" },
      { "@types/node": { optional: true } },
    ]);
  });
});

test("the published package holds the program, the library, the data, the schemas and the texts of errors, and no source or test", () => {
  const listed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: built,
    encoding: "utf8",
  });
  const paths = (JSON.parse(listed) as [{ files: { path: string }[] }])[0].files.map(({ path }) => path);
  const needed = [
    "dist/plimsoll.js",
    "dist/program/layer-worker.js",
    "dist/program/range-hash-worker.js",
    "dist/library/library.d.ts",
    "dist/library/versions.js",
    "dist/licenses.txt",
  ];
  expect(paths).toEqual(
    expect.arrayContaining([
      ...needed,
      "data/advisories/debian.json",
      "docs/report.schema.json",
      "docs/policy.schema.json",
      "docs/errors.md",
    ]),
  );
  expect(
    paths.filter(
      (path) =>
        !/^(?:dist|data)\/|^(?:docs\/(?:(?:registry|check|ps)-)?report\.schema\.json|docs\/policy\.schema\.json|docs\/errors\.md|package\.json|README\.md|LICENSE)$/.test(
          path,
        ),
    ),
  ).toEqual([]);
  // The tests of the rules are there for who changes a rule; the program runs them.
  expect(paths.filter((path) => /\.test\.(?!yaml$)|fixtures|conformance/.test(path))).toEqual([]);
});
