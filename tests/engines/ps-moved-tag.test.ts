import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import type { WorkloadReport } from "../../src/model/images/workload.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { isInstalled, type RunningRegistry, startDockerRegistry } from "../registry/setup/docker-registry.ts";
import { corpusBytes, describeWithCorpus } from "../setup/corpus.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { firstLine, startContainerd, type TestEngine } from "./ps-engines.ts";
import { psReport } from "./ps-report.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();
const nothingNamed = ["imageId", "digest", "manifestDigest", "pinned"] as const;

describeWithCorpus("a container of which a pull has moved the tag", () => {
  let containerd: TestEngine | string = "not started";
  let registry: RunningRegistry | undefined;
  let obstruction: string | undefined;
  let name = "";
  /** Of its manifest. */
  let digest = "";
  const container = "moved-tag";
  const [scanned, listed, unknown] = ["scanned", "listed", "unknown"].map((one) => join(folder, one)) as [
    string,
    string,
    string,
  ];

  beforeAll(async () => {
    if (!isInstalled("docker-registry")) obstruction = "docker-registry is not installed";
    else containerd = await startContainerd();
    if (typeof containerd === "string") return;
    registry = await startDockerRegistry();
    name = `${registry.host}/team/app:1`;
    push(containerd, "alpine-310.tar.gz", "docker.io/library/alpine:3.10");
    containerd.run("images", "pull", "--plain-http", "--snapshotter", "native", name);
    try {
      containerd.run("run", "--detach", "--snapshotter", "native", name, container, "sleep", "300");
    } catch (error) {
      obstruction = `containers do not run here: ${firstLine(error)}`;
      return;
    }
    await plimsoll(["scan", `containerd:${name}`, "--no-update"], { env: environment(containerd, scanned) });
    await ps(containerd, listed, {}, "--scan");
    digest = /sha256:[0-9a-f]{64}/.exec(containerd.run("images", "ls", `name==${name}`))?.[0] ?? "";
    containerd.run("content", "label", digest, "containerd.io/gc.root=held");
    push(containerd, "hello-world.tar", "docker.io/library/hello-world:latest");
    containerd.run("images", "pull", "--plain-http", "--snapshotter", "native", name);
  });

  afterAll(async () => {
    if (typeof containerd !== "string") {
      if (obstruction === undefined) containerd.run("tasks", "delete", "--force", container);
      await containerd.stop();
    }
    await registry?.stop();
  });

  /** Lets the registry have an image of the corpus under the name, and containerd none of it. */
  function push({ run }: TestEngine, file: string, imported: string): void {
    const path = join(folder, file.replace(".gz", ""));
    writeFileSync(path, corpusBytes("images", "docker-archive", file));
    const other = ["--namespace", "push"];
    run(...other, "images", "import", "--no-unpack", path);
    run(...other, "images", "tag", imported, name);
    run(...other, "images", "push", "--plain-http", name);
    run(...other, "images", "rm", "--sync", name, imported);
  }

  function environment({ socket }: TestEngine, cache: string): Readonly<Record<string, string>> {
    return { CONTAINERD_ADDRESS: socket, PLIMSOLL_CACHE: cache };
  }

  async function ps(
    engine: TestEngine,
    cache: string,
    variables: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): Promise<WorkloadReport> {
    const words = ["ps", "--no-update", "--engine", "containerd", "--format", "json", ...args];
    const { stdout } = await plimsoll(words, { env: { ...environment(engine, cache), ...variables } });
    return psReport(stdout);
  }

  function engineOrSkip(context: TestContext): TestEngine {
    if (obstruction !== undefined) return context.skip(obstruction);
    return typeof containerd === "string" ? context.skip(`containerd does not run here: ${containerd}`) : containerd;
  }

  test("is not told by what containerd still has of its layers, which is scanned by its digest", async (context) => {
    const engine = engineOrSkip(context);
    const { workloads, unlisted } = await ps(engine, join(folder, "held"), {}, "--scan");
    expect(workloads).toMatchObject([{ image: name, moved: true, scan: null }]);
    for (const key of nothingNamed) expect(workloads[0]).not.toHaveProperty(key);
    expect(unlisted).toMatchObject([{ hint: expect.stringContaining("plimsoll scan dir:/") }]);
    const [known] = (await ps(engine, listed, {})).workloads;
    const env = environment(engine, join(folder, "held"));
    for (const one of [digest, known?.imageId]) {
      const { stdout } = await plimsoll(["scan", `containerd:${one}`, "--no-update", "--format", "json"], { env });
      const report: unknown = JSON.parse(stdout);
      expect(report).toMatchObject({ target: { manifestDigest: digest, namespace: "default" } });
      expect(report).not.toHaveProperty("target.tags");
    }
    const copy = join(folder, "copy");
    cpSync(join(listed, "containers"), join(copy, "containers"), { recursive: true });
    const remembered = await ps(engine, copy, {}, "--scan");
    expect(remembered.unlisted).toEqual([]);
    expect(remembered.workloads).toMatchObject([{ image: name, moved: true, digest, pinned: `${name}@${digest}` }]);
    expect(remembered.workloads[0]?.scan).not.toBeNull();
  });

  test("has its digest, its verdict and a digest to pin where ps looked at it before", async (context) => {
    const engine = engineOrSkip(context);
    engine.run("content", "label", digest, "containerd.io/gc.root=");
    // Its garbage is collected before this returns.
    engine.run("images", "tag", name, "localhost/other:1");
    engine.run("images", "rm", "--sync", "localhost/other:1");
    expect(engine.run("content", "ls", "--quiet")).not.toContain(digest);
    for (const args of [[], ["--scan"]]) {
      const { workloads, findings, unlisted } = await ps(engine, listed, {}, ...args);
      const [web] = workloads;
      expect(unlisted).toEqual([]);
      expect(web).toMatchObject({ image: name, moved: true, digest, pinned: `${name}@${digest}` });
      expect(web?.scan).not.toBeNull();
      expect(findings).toMatchObject([{ pin: web?.pinned }]);
    }
  });

  test("is scanned in its registry by its digest where there is no verdict", async (context) => {
    const engine = engineOrSkip(context);
    rmSync(join(listed, "verdicts"), { recursive: true });
    const offline = await ps(engine, listed, {}, "--scan");
    expect(offline.unlisted.map(({ message }) => message)).toEqual([
      `${name} (${container}) was not scanned: containerd has removed all or part of it`,
    ]);
    const allowed = { PLIMSOLL_OFFLINE: "0", PLIMSOLL_INSECURE: registry?.host ?? "" };
    const { workloads, unlisted } = await ps(engine, listed, allowed, "--scan");
    expect(unlisted).toEqual([]);
    expect(workloads[0]?.scan?.verdict.reasons).toContainEqual(expect.stringContaining("1 problem"));
    expect((await ps(engine, listed, {})).workloads[0]?.scan).toEqual(workloads[0]?.scan);
  });

  test("has neither where its image was scanned by a name alone", async (context) => {
    const { workloads, unlisted } = await ps(engineOrSkip(context), scanned, {}, "--scan");
    expect(workloads).toMatchObject([{ image: name, moved: true, scan: null }]);
    for (const key of nothingNamed) expect(workloads[0]).not.toHaveProperty(key);
    expect(unlisted).toMatchObject([{ hint: expect.stringContaining("plimsoll scan dir:/") }]);
  });

  test("has neither where nothing was looked at before", async (context) => {
    const { workloads, unlisted } = await ps(engineOrSkip(context), unknown, {}, "--scan");
    expect(workloads).toMatchObject([{ image: name, moved: true, scan: null }]);
    expect(unlisted).toMatchObject([
      {
        message: `${name} (${container}) was not scanned: its name now refers to another image`,
        hint: expect.stringContaining("plimsoll scan dir:/"),
      },
    ]);
  });

  test("is listed beside another container of its id in another namespace", async (context) => {
    const engine = engineOrSkip(context);
    const other = ["--namespace", "other"];
    const image = "docker.io/library/alpine:3.10";
    engine.run(...other, "images", "import", join(folder, "alpine-310.tar"));
    engine.run(...other, "run", "--detach", "--snapshotter", "native", image, container, "sleep", "300");
    const { workloads, unlisted } = await ps(engine, unknown, {}).finally(() => {
      engine.run(...other, "tasks", "delete", "--force", container);
    });
    expect(unlisted).toEqual([]);
    const told = workloads.map(({ place, name: id, image: asked, moved }) => [place, id, asked, moved === true]);
    expect(told.sort()).toEqual([
      ["default", container, name, true],
      ["other", container, "alpine:3.10", false],
    ]);
  });
});
