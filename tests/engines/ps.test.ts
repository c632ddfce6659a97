import { renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import type { Workload, WorkloadReport } from "../../src/model/images/workload.ts";
import type { PodmanAccess } from "../../src/pipeline/targets/engine-access.ts";
import { listWorkloads } from "../../src/pipeline/workloads/list-workloads.ts";
import { listContainerd } from "../../src/pipeline/workloads/list-workloads-containerd.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../setup/corpus.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { obstacle, type RunningDockerd, startDockerd } from "./dockerd.ts";
import { askEngine, firstLine, startContainerd, startPodman, type TestEngine } from "./ps-engines.ts";
import { psReport } from "./ps-report.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();

function ps(args: readonly string[], env: Readonly<Record<string, string>>): Promise<RunResult> {
  return plimsoll(["ps", "--no-update", ...args], { env });
}

async function listed(args: readonly string[], env: Readonly<Record<string, string>>): Promise<WorkloadReport> {
  const { stdout, stderr } = await ps([...args, "--format", "json"], env);
  expect(stderr).toBe("");
  return psReport(stdout);
}

describeWithCorpus("plimsoll ps of a real engine", () => {
  const { images } = corpusJson<{ images: readonly [{ config_digest: string }] }>(
    ...(["images", "docker-archive", "alpine-310.expected.json"] as const),
  );
  const alpine = images[0].config_digest;
  const archive = join(folder, "alpine.tar");

  beforeAll(() => {
    writeFileSync(archive, unpacked(corpusBytes("images", "docker-archive", "alpine-310.tar.gz")));
  });

  describe.skipIf(obstacle !== undefined)(`Docker${obstacle ? ` (${obstacle})` : ""}`, () => {
    let dockerd: RunningDockerd | string = "not started";
    let obstruction: string | undefined;

    beforeAll(async () => {
      dockerd = await startDockerd();
      if (typeof dockerd === "string") return;
      const { host, post } = dockerd;
      await post("/images/load", corpusBytes("images", "docker-archive", "alpine-310.tar.gz"));
      await post("/images/load", corpusBytes("images", "docker-archive", "hello-world.tar"));
      await post("/images/alpine:3.10/tag?repo=registry.example%2Fshop&tag=1");
      try {
        await start(host, "web", "alpine:3.10");
        await start(host, "shop", "registry.example/shop:1");
        await start(host, "gone", alpine);
      } catch (error) {
        obstruction = `containers do not run here: ${firstLine(error)}`;
        return;
      }
      await askEngine(host, "POST", "/containers/gone/pause");
      // Now the tag means another image than the one that runs.
      await post("/images/hello-world:latest/tag?repo=registry.example%2Fshop&tag=1");
    });

    afterAll(async () => {
      if (typeof dockerd === "string") return;
      for (const name of ["web", "shop", "gone"]) {
        await askEngine(dockerd.host, "DELETE", `/containers/${name}?force=1`).catch(() => undefined);
      }
      await dockerd.stop();
    });

    function environment(context: TestContext): Readonly<Record<string, string>> {
      if (typeof dockerd === "string") return context.skip(`dockerd does not run here: ${dockerd}`);
      if (obstruction !== undefined) return context.skip(obstruction);
      return { DOCKER_HOST: dockerd.host };
    }

    test("lists what runs, and shows that a tag has moved", async (context) => {
      const { workloads, engines, findings } = await listed(["--engine", "docker"], environment(context));
      // What is used by its id is not used by a name.
      expect(findings.map(({ image }) => image)).toEqual(["alpine:3.10", "registry.example/shop:1"]);
      expect(engines).toEqual(["docker"]);
      const rows = workloads.map(({ name, image, imageId, state, moved, platform }) =>
        [name, image, imageId, state, moved === true, platform].join(" "),
      );
      expect(rows).toEqual([
        `gone ${alpine} ${alpine} paused false linux/amd64`,
        `shop registry.example/shop:1 ${alpine} running true linux/amd64`,
        `web alpine:3.10 ${alpine} running false linux/amd64`,
      ]);
    });

    test("scans what is missing once, and remembers the verdict for ps and from scan", async (context) => {
      const env = { ...environment(context), PLIMSOLL_CACHE: join(folder, "docker-cache") };
      const before = await ps(["--engine", "docker", "--fail-on", "critical"], env);
      expect(before.code).toBe(3);
      expect(before.stdout).toContain("NOT SCANNED alpine:3.10");
      const after = await listed(["--engine", "docker", "--scan"], env);
      expect(after.workloads.map(({ scan }) => scan?.verdict.decision)).toEqual(Array(3).fill("cannot-tell"));
      const told = await ps(["--engine", "docker", "--scan"], env);
      const advice = /for example:\n +plimsoll scan docker:sha256:[0-9a-f]{64}\n/;
      expect(told).toMatchObject({ code: 3, stdout: expect.stringMatching(advice) });
      const again = await listed(["--engine", "docker", "--scan"], env);
      expect(again.workloads.map(({ scan }) => scan?.scannedAt)).toEqual(
        after.workloads.map(({ scan }) => scan?.scannedAt),
      );
      const other = { ...env, PLIMSOLL_CACHE: join(folder, "scan-cache") };
      await plimsoll(["scan", "docker:alpine:3.10", "--no-update"], { env: other });
      expect((await listed(["--engine", "docker"], other)).workloads.every(({ scan }) => scan !== null)).toBe(true);
    });

    test("keeps nothing with --no-cache, and still shows what it scanned", async (context) => {
      const env = { ...environment(context), PLIMSOLL_CACHE: join(folder, "unused") };
      const { workloads } = await listed(["--engine", "docker", "--scan", "--no-cache"], env);
      expect(workloads.every(({ scan }) => scan !== null)).toBe(true);
      expect((await listed(["--engine", "docker"], env)).workloads.every(({ scan }) => scan === null)).toBe(true);
    });
  });

  describe("Podman", () => {
    let podman: TestEngine | string = "not started";
    let obstruction: string | undefined;

    beforeAll(async () => {
      podman = await startPodman(archive);
      if (typeof podman === "string") return;
      try {
        const limits = ["--ulimit", "nofile=1000:1000", "--ulimit", "nproc=1000:1000", "--network", "none"];
        podman.run("run", "--detach", "--name", "web", ...limits, "localhost/alpine:3.10", "sleep", "300");
      } catch (error) {
        obstruction = `containers do not run here: ${firstLine(error)}`;
      }
    });

    afterAll(async () => {
      if (typeof podman !== "string") await podman.stop();
    });

    test("lists what runs by the name that Podman gives it, and scans it", async (context) => {
      if (typeof podman === "string") return context.skip(`Podman does not run here: ${podman}`);
      if (obstruction !== undefined) return context.skip(obstruction);
      const env = { CONTAINER_HOST: `unix://${podman.socket}`, PLIMSOLL_CACHE: join(folder, "podman-cache") };
      const report = await listed(["--engine", "podman", "--scan"], env);
      expect(report.engines).toEqual(["podman"]);
      expect(report.workloads).toMatchObject([
        { engine: "podman", name: "web", image: "localhost/alpine:3.10", imageId: alpine, state: "running" },
      ]);
      expect(report.workloads[0]?.scan).not.toBeNull();
      expect(report.findings).toMatchObject([{ id: "no-digest", workloads: ["podman web"] }]);
      expect(report.findings[0]).not.toHaveProperty("pin");
    });

    test("is read from its folders when its service does not run, with the same answer", async (context) => {
      if (typeof podman === "string") return context.skip(`Podman does not run here: ${podman}`);
      if (obstruction !== undefined) return context.skip(obstruction);
      const hosts = [`unix://${podman.socket}`];
      const folders = { storage: [join(podman.folder, "root")], state: [join(podman.folder, "run")] };
      const list = async (access: PodmanAccess): Promise<readonly Workload[]> => {
        // What the engines of other tests run is none of this one's.
        const options = {
          required: new Set(["podman"] as const),
          watched: () => [],
          signal: new AbortController().signal,
        };
        const { engines, workloads, unlisted } = await listWorkloads({ podman: access }, options);
        expect([engines, unlisted]).toEqual([["podman"], []]);
        return workloads;
      };
      const [asked] = await list({ hosts });
      const [read] = await list({ ...folders, hosts: [`unix://${folder}/none`] });
      expect(read).toMatchObject({ name: "web", image: "localhost/alpine:3.10", imageId: alpine, state: "running" });
      expect({ ...read, startedAt: "" }).toEqual({ ...asked, startedAt: "" });
      expect(await list({ ...folders, hosts })).toEqual([asked]);
      podman.run("load", "--input", helloWorld());
      podman.run("tag", "docker.io/library/hello-world:latest", "localhost/alpine:3.10");
      expect(await list({ ...folders, hosts: [] })).toEqual([{ ...read, moved: true }]);
      podman.run("tag", alpine.slice("sha256:".length), "localhost/alpine:3.10");
      podman.run("create", "--name", "idle", "localhost/alpine:3.10");
      expect(await list({ ...folders, hosts: [] })).toEqual([read]);
    });

    test("is listed once when Docker's socket is Podman's", async (context) => {
      if (typeof podman === "string") return context.skip(`Podman does not run here: ${podman}`);
      if (obstruction !== undefined) return context.skip(obstruction);
      const host = `unix://${podman.socket}`;
      const report = await listed(["--engine", "docker,podman"], { DOCKER_HOST: host, CONTAINER_HOST: host });
      expect(report.engines).toEqual(["podman"]);
      expect(report.workloads.length).toBe(1);
    });
  });

  describe("containerd", () => {
    let containerd: TestEngine | string = "not started";
    let obstruction: string | undefined;

    beforeAll(async () => {
      containerd = await startContainerd();
      if (typeof containerd === "string") return;
      try {
        containerd.run("images", "import", archive);
        containerd.run(
          "run",
          "--detach",
          "--snapshotter",
          "native",
          "docker.io/library/alpine:3.10",
          "web",
          "sleep",
          "300",
        );
      } catch (error) {
        obstruction = `containers do not run here: ${firstLine(error)}`;
      }
    });

    afterAll(async () => {
      if (typeof containerd === "string") return;
      if (obstruction === undefined) containerd.run("tasks", "delete", "--force", "web");
      await containerd.stop();
    });

    test("is read from its folders, and shows that a tag has moved", async (context) => {
      if (typeof containerd === "string") return context.skip(`containerd does not run here: ${containerd}`);
      if (obstruction !== undefined) return context.skip(obstruction);
      const access = { storage: [join(containerd.folder, "root")], address: containerd.socket };
      const list = (): Promise<unknown> =>
        listContainerd(access, { required: true, signal: new AbortController().signal });
      const web = { engine: "containerd", place: "default", name: "web", image: "alpine:3.10", state: "running" };
      expect(await list()).toMatchObject([{ workloads: [{ ...web, imageId: alpine, platform: "linux/amd64" }] }]);
      // As a runtime leaves it that starts a virtual machine.
      const task = join(containerd.folder, "state", "io.containerd.runtime.v2.task", "default", "web");
      renameSync(join(task, "init.pid"), join(task, "aside"));
      expect(await list()).toMatchObject([{ workloads: [{ ...web, imageId: alpine }] }]);
      renameSync(join(task, "aside"), join(task, "init.pid"));
      containerd.run("images", "import", helloWorld());
      containerd.run(
        "images",
        "tag",
        "--force",
        "docker.io/library/hello-world:latest",
        "docker.io/library/alpine:3.10",
      );
      expect(await list()).toMatchObject([{ workloads: [{ ...web, moved: true }] }]);
      expect(await list()).not.toMatchObject([{ workloads: [{ imageId: alpine }] }]);
    });

    test("is found by its socket alone, wherever its folders are", async (context) => {
      if (typeof containerd === "string") return context.skip(`containerd does not run here: ${containerd}`);
      if (obstruction !== undefined) return context.skip(obstruction);
      const web = { engine: "containerd", place: "default", name: "web", image: "alpine:3.10", state: "running" };
      const asked = await listed(["--engine", "containerd"], { CONTAINERD_ADDRESS: containerd.socket });
      expect(asked).toMatchObject({ engines: ["containerd"], workloads: [web], unlisted: [] });
      expect(asked.workloads[0]).toHaveProperty("startedAt");
      // Beside this name of the socket there is no state, so who listens is asked what runs.
      const elsewhere = join(folder, "elsewhere.sock");
      symlinkSync(containerd.socket, elsewhere);
      const env = { CONTAINERD_ADDRESS: elsewhere };
      expect(await listed(["--engine", "containerd"], env)).toMatchObject({ workloads: [web] });
      expect(await listed(["--engine", "containerd"], { ...env, CONTAINERD_NAMESPACE: "none" })).toMatchObject({
        engines: ["containerd (none)"],
        workloads: [],
      });
    });

    test("says what to do about an image whose name has moved, and about one that was removed", async (context) => {
      if (typeof containerd === "string") return context.skip(`containerd does not run here: ${containerd}`);
      if (obstruction !== undefined) return context.skip(obstruction);
      // Its garbage is collected before this returns.
      containerd.run("images", "rm", "--sync", "docker.io/library/hello-world:latest");
      const env = { CONTAINERD_ADDRESS: containerd.socket, PLIMSOLL_CACHE: join(folder, "containerd-cache") };
      const files = join(containerd.folder, "state", "io.containerd.runtime.v2.task", "default", "web", "rootfs");
      const orFiles = `Or scan its current files, including those that it has written: plimsoll scan dir:${files}`;
      const moved = await listed(["--engine", "containerd", "--scan"], env);
      expect(moved.unlisted).toEqual([
        {
          engine: "containerd",
          message: "alpine:3.10 (web) was not scanned: its name now refers to another image",
          hint: `Start the container again: it then runs the image that the name now refers to. ${orFiles}`,
        },
      ]);
      const { stdout } = await plimsoll(["scan", `dir:${files}`, "--no-update", "--format", "json"], { env });
      const { packages } = JSON.parse(stdout) as { readonly packages: readonly { readonly name: string }[] };
      expect(packages.map(({ name }) => name)).toContain("musl");
      containerd.run("images", "rm", "docker.io/library/alpine:3.10");
      const removed = await listed(["--engine", "containerd", "--scan"], env);
      expect(removed.unlisted).toEqual([
        {
          engine: "containerd",
          message: "alpine:3.10 (web) was not scanned: containerd has removed all or part of it",
          hint: `Pull it again, or start the container again with an image that exists. ${orFiles}`,
        },
      ]);
    });
  });

  function helloWorld(): string {
    const path = join(folder, "hello-world.tar");
    writeFileSync(path, unpacked(corpusBytes("images", "docker-archive", "hello-world.tar")));
    return path;
  }
});

async function start(host: string, name: string, image: string): Promise<void> {
  const body = { Image: image, Cmd: ["sleep", "300"], NetworkDisabled: true };
  await askEngine(host, "POST", `/containers/create?name=${name}`, body);
  await askEngine(host, "POST", `/containers/${name}/start`);
}

function unpacked(bytes: Buffer): Buffer {
  return bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
}
