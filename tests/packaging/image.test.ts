import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { toolVersion } from "../../src/model/tool-version.ts";
import { stageImage } from "../../tools/development/image.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { npmLayer, writeImage } from "../end-to-end/small-targets.ts";
import { obstacle, type RunningDockerd, startDockerd } from "../engines/dockerd.ts";
import { run } from "../engines/programs.ts";
import { repository } from "../setup/source-files.ts";
import { buildPackage } from "./packed-package.ts";

const plimsoll = startPlimsoll();
const programs = (process.env["PATH"] ?? "").split(delimiter);
const missing = ["docker", "dpkg-query", "ldd"].find(
  (name) => !programs.some((folder) => existsSync(join(folder, name))),
);
const reason = obstacle ?? (missing === undefined ? undefined : `${missing} is not installed`);

test("the Dockerfile passes Plimsoll's own checks", async () => {
  const args = ["check", "dockerfile", join(repository, "Dockerfile"), "--fail-on", "low", "--format", "json"];
  const { code, stdout, stderr } = await plimsoll(args);
  const { counts, verdict } = JSON.parse(stdout);
  expect({ code, stderr, fail: counts.fail, decision: verdict.decision }).toEqual({
    ...{ code: 0, stderr: "" },
    ...{ fail: 0, decision: "allowed" },
  });
});

test("the image has the version of the package", () => {
  const dockerfile = readFileSync(join(repository, "Dockerfile"), "utf8");
  expect(/image\.version="([^"]+)"/.exec(dockerfile)?.[1]).toBe(toolVersion);
});

describe.skipIf(reason !== undefined)(`the image, built by a real Docker Engine${reason ? ` (${reason})` : ""}`, () => {
  const images = join(plimsoll.folder, "images");
  const archive = join(plimsoll.folder, "image.tar");
  let dockerd: RunningDockerd | string = "not started";

  beforeAll(async () => {
    dockerd = await startDockerd();
    if (typeof dockerd === "string") return;
    const context = join(plimsoll.folder, "context");
    mkdirSync(context);
    mkdirSync(images);
    writeImage(images, "shop.tar", [npmLayer("lodash", "4.17.15")]);
    for (const name of ["Dockerfile", ".dockerignore"]) cpSync(join(repository, name), join(context, name));
    stageImage(join(context, "dist/image"), await buildPackage(plimsoll.folder));
    docker("build", "--tag", "plimsoll:test", context);
    docker("save", "--output", archive, "plimsoll:test");
  }, 180_000);

  afterAll(async () => {
    if (typeof dockerd !== "string") await dockerd.stop();
  });

  /** Runs docker on the engine of this file, without BuildKit, which needs a network for its own image. */
  function docker(...args: readonly string[]): string {
    const host = typeof dockerd === "string" ? "" : dockerd.host;
    return run("docker", args, { DOCKER_HOST: host, DOCKER_BUILDKIT: "0", DOCKER_CONFIG: plimsoll.folder });
  }

  /** Runs the image with a read-only root file system, and without a network or any privilege. */
  function runImage(...args: readonly string[]): string {
    const confined = ["--read-only", "--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
    return docker("run", "--rm", ...confined, "--volume", `${images}:/work:ro`, "plimsoll:test", ...args);
  }

  function skipWithoutEngine(context: TestContext): void {
    if (typeof dockerd === "string") context.skip(`dockerd does not run here: ${dockerd}`);
  }

  test("prints the version, and help without arguments", (context) => {
    skipWithoutEngine(context);
    expect(runImage("--version")).toBe(`${toolVersion}\n`);
    expect(runImage()).toContain("plimsoll scan");
  });

  test("scans an image as the program outside does", async (context) => {
    skipWithoutEngine(context);
    const inside = JSON.parse(runImage("scan", "shop.tar", "--offline", "--format", "json"));
    const outside = await plimsoll(["scan", "shop.tar", "--format", "json", "--no-cache"], { cwd: images });
    expect(inside.findings.length).toBeGreaterThan(0);
    expect({ ...inside, createdAt: "" }).toEqual({ ...JSON.parse(outside.stdout), createdAt: "" });
  });

  test("has no shell, and no file that its user could change but in /tmp", async (context) => {
    skipWithoutEngine(context);
    expect(() => docker("run", "--rm", "--entrypoint", "/bin/sh", "plimsoll:test", "-c", "true")).toThrow(
      /no such file/,
    );
    const walk = `
      const { accessSync, constants, existsSync, readdirSync } = require("node:fs");
      const folders = ["bin", "etc", "home", "lib", "lib64", "root", "usr", "var", "work"].filter((name) => existsSync("/" + name));
      const paths = folders.flatMap((name) => ["/" + name, ...readdirSync("/" + name, { recursive: true }).map((path) => "/" + name + "/" + path)]);
      const isWritable = (path) => { try { accessSync(path, constants.W_OK); return true; } catch { return false; } };
      console.log(paths.length > 100, process.getuid(), JSON.stringify(paths.filter(isWritable)));`;
    const found = docker(
      "run",
      "--rm",
      "--network",
      "none",
      "--entrypoint",
      "/usr/bin/node",
      "plimsoll:test",
      "-e",
      walk,
    );
    expect(found).toBe("true 65532 []\n");
  });

  test("passes Plimsoll's own checks of an image, but for the health check that a command does not need", async (context) => {
    skipWithoutEngine(context);
    const { stdout } = await plimsoll(["check", "image", archive, "--format", "json"]);
    const { results, problems } = JSON.parse(stdout);
    const failed = results.filter(({ state }: { state: string }) => state === "fail");
    expect(failed.map(({ id }: { id: string }) => id)).toEqual(["image/healthcheck"]);
    expect(problems).toEqual([]);
  });

  test("is completely examined by Plimsoll's own scan, which lists the libraries", async (context) => {
    skipWithoutEngine(context);
    const { code, stdout } = await plimsoll(["scan", archive, "--fail-on", "low", "--format", "json"]);
    const { packages, problems, findings } = JSON.parse(stdout);
    expect(packages.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(["libc6", "libgcc-s1", "libstdc++6"]),
    );
    expect({ problems, findings }).toEqual({ problems: [], findings: [] });
    // The built-in advisories cannot prove that nothing is known.
    expect(code).toBe(3);
  });
});
