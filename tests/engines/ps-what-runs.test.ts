import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import type { Workload, WorkloadReport } from "../../src/model/images/workload.ts";
import type { ContainerdAccess } from "../../src/pipeline/targets/engine-access.ts";
import { listWorkloads } from "../../src/pipeline/workloads/list-workloads.ts";
import { main } from "../end-to-end/run-plimsoll.ts";
import { isInstalled, type RunningRegistry, startDockerRegistry } from "../registry/setup/docker-registry.ts";
import { corpusBytes, describeWithCorpus } from "../setup/corpus.ts";
import { type ImageSpec, layoutTar, ociLayout, sha256 } from "../setup/image.ts";
import { tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { run } from "./programs.ts";
import { firstLine, startContainerd, startPodman, type TestEngine } from "./ps-engines.ts";
import { psReport } from "./ps-report.ts";

const folder = temporaryFolder();
const archive = join(folder, "alpine.tar");
const { signal } = new AbortController();
const limits = ["--ulimit", "nofile=1000:1000", "--ulimit", "nproc=1000:1000", "--network", "none"];
/** Starts a program that sees no process of the machine. */
const alone = ["unshare", "--pid", "--fork", "--mount-proc"];

/** What `plimsoll ps` prints as JSON, started by these words and with these variables. */
function ps(start: readonly string[], variables: Readonly<Record<string, string>>, ...args: string[]): WorkloadReport {
  const [program = "", ...words] = [...start, process.execPath, main, "ps", "--no-update", "--format", "json", ...args];
  const all = { HOME: folder, PLIMSOLL_OFFLINE: "1", TMPDIR: folder, KUBECONFIG: join(folder, "none"), ...variables };
  try {
    return psReport(run(program, words, all));
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    if (!stdout) throw error;
    return psReport(stdout);
  }
}

describeWithCorpus("what runs is listed, or it is said that it is not", () => {
  beforeAll(() => {
    writeFileSync(archive, corpusBytes("images", "docker-archive", "alpine-310.tar.gz"));
  });

  describe("Podman", () => {
    let podman: TestEngine | string = "not started";
    let registry: RunningRegistry | undefined;
    let obstruction: string | undefined;

    beforeAll(async () => {
      podman = await startPodman(archive);
      if (typeof podman === "string") return;
      try {
        podman.run("run", "--detach", "--name", "web", ...limits, "localhost/alpine:3.10", "sleep", "300");
        const made = podman.run("create", "--name", "copied", "localhost/alpine:3.10");
        cpSync(podman.run("mount", made), join(folder, "rootfs"), { recursive: true, verbatimSymlinks: true });
        podman.run("rm", "copied");
        podman.run("run", "--detach", "--name", "plain", ...limits, "--rootfs", join(folder, "rootfs"), "sleep", "300");
      } catch (error) {
        obstruction = `containers do not run here: ${firstLine(error)}`;
      }
      if (isInstalled("docker-registry")) registry = await startDockerRegistry();
    });

    afterAll(async () => {
      if (typeof podman !== "string") await podman.stop();
      await registry?.stop();
    });

    function engineOrSkip(context: TestContext): TestEngine {
      if (typeof podman === "string") return context.skip(`Podman does not run here: ${podman}`);
      return obstruction === undefined ? podman : context.skip(obstruction);
    }

    /** Variables by which the program finds the engine's folders, and no other engine. */
    function folders(engine: TestEngine): Readonly<Record<string, string>> {
      const path = join(folder, "storage.conf");
      const lines = ["[storage]", `graphroot = "${engine.folder}/root"`, `runroot = "${engine.folder}/run"`];
      writeFileSync(path, lines.join("\n"));
      return { CONTAINERS_STORAGE_CONF: path, XDG_RUNTIME_DIR: folder };
    }

    async function list(engine: TestEngine, hosts: readonly string[]): Promise<readonly Workload[]> {
      const { folder: place } = engine;
      const podmanAccess = { hosts, storage: [join(place, "root")], state: [join(place, "run")] };
      return (await listWorkloads({ podman: podmanAccess }, { required: new Set(), signal })).workloads;
    }

    test("is read by a program that sees no process of the machine", (context) => {
      const engine = engineOrSkip(context);
      const { workloads, unlisted } = ps(alone, folders(engine), "--engine", "podman");
      const own = workloads.filter(({ name }) => ["web", "plain"].includes(name));
      expect([own.map(({ name, state }) => `${name} ${state}`).sort(), unlisted]).toEqual([
        ["plain running", "web running"],
        [],
      ]);
      engine.run("run", "--detach", "--name", "over", ...limits, "localhost/alpine:3.10", "true");
      engine.run("wait", "over");
      expect(ps(alone, folders(engine), "--engine", "podman").workloads.map(({ name }) => name)).not.toContain("over");
    });

    test("lists a container that was started from a folder, by the folder", async (context) => {
      const engine = engineOrSkip(context);
      const expected = { name: "plain", image: join(folder, "rootfs"), state: "running" };
      expect(await list(engine, [])).toContainEqual(expect.objectContaining(expected));
      expect(await list(engine, [`unix://${engine.socket}`])).toContainEqual(expect.objectContaining(expected));
      const table = await spawned([process.execPath, main, "ps", "--no-update", "--engine", "podman", "--scan"], {
        HOME: folder,
        ...folders(engine),
      });
      expect(table.stdout).toContain("NOT SCANNED");
      expect(table.stdout).not.toContain("To scan the missing images");
      const { unlisted } = ps([], folders(engine), "--engine", "podman", "--scan");
      expect(unlisted.map(({ message }) => message)).toContainEqual(
        expect.stringContaining("it was started from a folder, not from an image"),
      );
    });

    test("shows that a container is paused, read from its folders", async (context) => {
      const engine = engineOrSkip(context);
      engine.run("pause", "web");
      try {
        expect(await list(engine, [])).toContainEqual(expect.objectContaining({ name: "web", state: "paused" }));
      } finally {
        engine.run("unpause", "web");
      }
    });

    test("as another user, who may not look into the store, is told of", async (context) => {
      const engine = engineOrSkip(context);
      const server = await fakeDocker(join(folder, "docker.sock"));
      chmodSync(folder, 0o755);
      try {
        const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        const variables = { ...folders(engine), DOCKER_HOST: `unix://${server.path}`, HOME: "/nonexistent" };
        const words = [...nobody, process.execPath, main, "ps", "--no-update", "--no-cache", "--format", "json"];
        const { stdout } = await spawned(words, variables);
        const { engines, unlisted } = psReport(stdout);
        expect(engines).toEqual(["docker"]);
        expect(unlisted.map(({ message }) => message)).toContainEqual(
          expect.stringContaining("containers of another user run in podman"),
        );
      } finally {
        server.close();
      }
    });

    test("has a digest to pin of an image that was pulled, and none of one that was loaded and pushed", async (context) => {
      const engine = engineOrSkip(context);
      if (!registry) return context.skip("docker-registry is not installed");
      const name = `${registry.host}/team/alpine:1`;
      engine.run("tag", "localhost/alpine:3.10", name);
      engine.run("push", "--tls-verify=false", name);
      const pins = async (hosts: readonly string[]): Promise<(string | undefined)[]> =>
        (await list(engine, hosts)).filter((one) => one.name === "pinned").map(({ pinned }) => pinned);
      const start = (image = name): string =>
        engine.run("run", "--detach", "--name", "pinned", ...limits, image, "sleep", "300");
      const remove = (container: string): string => engine.run("rm", "--force", "--time", "0", container);
      const service = `unix://${engine.socket}`;
      start();
      expect([await pins([]), await pins([service])]).toEqual([[undefined], [undefined]]);
      remove("pinned");
      engine.run("pull", "--tls-verify=false", name);
      start();
      const [[overLoaded], [overLoadedByService]] = [await pins([]), await pins([service])];
      for (const container of ["pinned", "web"]) remove(container);
      engine.run("rmi", "--force", name, "localhost/alpine:3.10");
      engine.run("pull", "--tls-verify=false", name);
      start();
      const [[fromFolders], [fromService]] = [await pins([]), await pins([service])];
      expect(fromFolders).toMatch(/^127\.0\.0\.1:\d+\/team\/alpine:1@sha256:[0-9a-f]{64}$/);
      expect([fromService, overLoaded, overLoadedByService]).toEqual([fromFolders, fromFolders, fromFolders]);
      remove("pinned");
      engine.run("tag", name, "registry.example/other:1");
      start("registry.example/other:1");
      expect([await pins([]), await pins([service])]).toEqual([[undefined], [undefined]]);
      const digest = fromFolders?.slice(fromFolders.indexOf("@") + 1);
      const answer = await fetch(`http://${registry.host}/v2/team/alpine/manifests/${digest}`, {
        headers: {
          accept: "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json",
        },
      });
      expect(answer.status).toBe(200);
    });
  });

  describe("containerd", () => {
    let containerd: TestEngine | string = "not started";
    let registry: RunningRegistry | undefined;
    let obstruction: string | undefined;
    const name = "plimsoll.example/team/app:1";
    const started: (readonly string[])[] = [];

    beforeAll(async () => {
      containerd = await startContainerd();
      if (typeof containerd === "string") return;
      writeFileSync(join(folder, "both.tar"), imageForSeveralPlatforms(name));
      mkdirSync(join(folder, "root"));
      run("tar", ["-xf", layerOf(archive), "-C", join(folder, "root")]);
      try {
        containerd.run("images", "import", "--all-platforms", join(folder, "both.tar"));
        const native = ["--detach", "--snapshotter", "native"];
        start([], ...native, "--platform", "linux/arm64", name, "arm", "/bin/sleep", "300");
        start([], ...native, "--platform", "linux/arm/v6", name, "old-arm", "/bin/sleep", "300");
        start([], "--detach", "--rootfs", join(folder, "root"), "plain", "/bin/sleep", "300");
        start(["--namespace", "moby"], "--detach", "--rootfs", join(folder, "root"), "dockers", "/bin/sleep", "300");
      } catch (error) {
        obstruction = `containers do not run here: ${firstLine(error)}`;
      }
      if (isInstalled("docker-registry")) registry = await startDockerRegistry();
    });

    function start(before: readonly string[], ...args: string[]): void {
      if (typeof containerd === "string") return;
      started.push([...before, "tasks", "delete", "--force", args.at(-3) ?? ""]);
      containerd.run(...before, "run", ...args);
    }

    afterAll(async () => {
      if (typeof containerd !== "string") {
        for (const words of started) {
          try {
            containerd.run(...words);
          } catch {
            // It was not started.
          }
        }
        await containerd.stop();
      }
      await registry?.stop();
    });

    function engineOrSkip(context: TestContext): TestEngine {
      if (typeof containerd === "string") return context.skip(`containerd does not run here: ${containerd}`);
      return obstruction === undefined ? containerd : context.skip(obstruction);
    }

    async function list(engine: TestEngine, access: Partial<ContainerdAccess> = {}): Promise<readonly Workload[]> {
      const places = { containerd: { storage: [join(engine.folder, "root")], address: engine.socket, ...access } };
      return (await listWorkloads(places, { required: new Set(), signal })).workloads;
    }

    test("is asked by a program that sees no process of the machine", (context) => {
      const { socket } = engineOrSkip(context);
      const { workloads, unlisted } = ps(alone, { CONTAINERD_ADDRESS: socket }, "--engine", "containerd");
      expect([workloads.map(({ name: one }) => one).sort(), unlisted]).toEqual([
        ["arm", "dockers", "old-arm", "plain"],
        [],
      ]);
    });

    test("that does not answer leaves open what runs, for a program that sees no process of the machine", (context) => {
      const engine = engineOrSkip(context);
      const elsewhere = join(folder, "elsewhere");
      mkdirSync(elsewhere);
      symlinkSync(
        join(engine.folder, "state", "io.containerd.runtime.v2.task"),
        join(elsewhere, "io.containerd.runtime.v2.task"),
      );
      const access = { storage: [join(engine.folder, "root")], address: join(elsewhere, "containerd.sock") };
      const program = `
        import { listWorkloads } from ${JSON.stringify(join(import.meta.dirname, "../../src/pipeline/workloads/list-workloads.ts"))};
        const options = { required: new Set(), signal: new AbortController().signal };
        console.log(JSON.stringify(await listWorkloads({ containerd: ${JSON.stringify(access)} }, options)));
      `;
      const [unshare = "", ...words] = [
        ...alone,
        process.execPath,
        "--input-type=module-typescript",
        "--eval",
        program,
      ];
      const { workloads, unlisted } = JSON.parse(run(unshare, words)) as Pick<WorkloadReport, "workloads" | "unlisted">;
      expect(workloads).toEqual([]);
      expect(unlisted.map(({ message }) => message)).toEqual([
        "whether 4 containers of containerd still run is unknown: the host's processes are not visible from here",
      ]);
    });

    test("lists containers that were started from a folder, and Docker's where Docker does not", async (context) => {
      const found = await list(engineOrSkip(context));
      const image = join(folder, "root");
      expect(found).toContainEqual(expect.objectContaining({ place: "default", name: "plain", image }));
      expect(found).toContainEqual(expect.objectContaining({ place: "moby", name: "dockers", image }));
    });

    test("knows an image that runs for another platform than that of the machine, and scans that one", async (context) => {
      const engine = engineOrSkip(context);
      const arms = (await list(engine)).filter((one) => one.name.endsWith("arm"));
      expect(arms).toMatchObject([
        { image: name, name: "arm", platform: "linux/arm64" },
        { image: name, name: "old-arm", platform: "linux/arm/v7" },
      ]);
      for (const arm of arms) expect(arm).not.toHaveProperty("moved");
      const variables = { CONTAINERD_ADDRESS: engine.socket, PLIMSOLL_CACHE: join(folder, "cache-arm") };
      const { workloads, unlisted } = ps([], variables, "--engine", "containerd", "--scan");
      const again = ps([], variables, "--engine", "containerd").workloads;
      for (const arm of [...workloads, ...again].filter((one) => one.name.endsWith("arm")))
        expect(arm.scan).not.toBeNull();
      // Of two of which nothing but one name is known each is told in its own place.
      const root = join(folder, "root");
      expect(unlisted.map(({ message }) => message)).toEqual([
        `${root} (plain) was not scanned: it was started from a folder, not from an image`,
        `${root} (dockers) was not scanned: Docker keeps its image`,
      ]);
    });

    test("has a digest to pin of what it pulled from a registry with a port", async (context) => {
      const engine = engineOrSkip(context);
      if (!registry) return context.skip("docker-registry is not installed");
      const pushed = `${registry.host}/team/app:1`;
      engine.run("images", "tag", name, pushed);
      engine.run("images", "push", "--plain-http", "--platform", "linux/amd64", pushed);
      engine.run("images", "rm", pushed);
      engine.run("images", "pull", "--plain-http", "--snapshotter", "native", pushed);
      start([], "--detach", "--snapshotter", "native", pushed, "pulled", "/bin/sleep", "300");
      const [pulled] = (await list(engine)).filter((one) => one.name === "pulled");
      expect(pulled?.pinned).toMatch(/^127\.0\.0\.1:\d+\/team\/app:1@sha256:[0-9a-f]{64}$/);
    });
  });
});

/** The layer of an archive that has one. */
function layerOf(path: string): string {
  const unpacked = join(folder, "unpacked");
  mkdirSync(unpacked, { recursive: true });
  run("tar", ["-xf", path, "-C", unpacked]);
  const [item] = JSON.parse(readFileSync(join(unpacked, "manifest.json"), "utf8")) as { Layers: readonly string[] }[];
  return join(unpacked, item?.Layers[0] ?? "");
}

/**
 * An index of images whose programs are the same, so that all start on this machine. Of two the config tells another
 * variant than the index, as builders write them.
 */
function imageForSeveralPlatforms(name: string): Buffer {
  const layer = { bytes: readFileSync(layerOf(archive)) };
  const platforms: readonly Partial<ImageSpec>[] = [
    { architecture: "amd64" },
    { architecture: "arm64", config: { variant: "v8" } },
    { architecture: "arm", variant: "v6", config: { variant: "v7" } },
  ];
  const images = platforms.map((platform): ImageSpec => {
    const members = [{ name: "srv/platform", content: platform.architecture ?? "" }];
    return { ...platform, os: "linux", layers: [layer, { bytes: tar(members) }] };
  });
  const files = ociLayout(images);
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const list = JSON.parse(Buffer.from(files["index.json"] ?? "").toString()) as object;
  const index = Buffer.from(JSON.stringify({ ...list, mediaType }));
  const descriptor = { mediaType, digest: sha256(index), size: index.length };
  const annotations = { "io.containerd.image.name": name };
  const top = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptor, annotations }] }));
  return layoutTar({ ...files, [`blobs/sha256/${sha256(index).slice(7)}`]: index, "index.json": top });
}

/** A Docker Engine that runs nothing. */
async function fakeDocker(path: string): Promise<{ readonly path: string; close(): void }> {
  const server: Server = createServer(({ url = "" }, response) => {
    response.end(url.endsWith("_ping") ? "OK" : "[]");
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  chmodSync(path, 0o777);
  return { path, close: () => void server.close() };
}

async function spawned(
  [program = "", ...words]: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly stdout: string }> {
  const { execFile } = await import("node:child_process");
  const env = { PATH: process.env["PATH"] ?? "", PLIMSOLL_OFFLINE: "1", ...variables };
  return new Promise((resolve) => {
    execFile(program, words, { env, timeout: 60_000 }, (_error, stdout) => resolve({ stdout }));
  });
}
