import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { type OpenTargetOptions, type OpenTree, openTarget } from "../../src/pipeline/open-target.ts";
import { scanTarget } from "../../src/pipeline/scan.ts";
import { type ImageSpec, layoutTar, legacyDockerLayout } from "../setup/image.ts";
import { everyFile, takeStock } from "../setup/take-stock.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { containerdObstacle, type RunningContainerd, startContainerd } from "./containerd.ts";
import { obstacle as dockerdObstacle, type RunningDockerd, startDockerd } from "./dockerd.ts";
import { makePodmanStore, type PodmanStore, podmanObstacle } from "./podman.ts";
import { run } from "./programs.ts";

const signal = new AbortController().signal;
const folder = temporaryFolder();
const archive = join(folder, "image.tar");
const name = "plimsoll.example/team/app:1.0";

const dpkg = (...packages: readonly string[]): string =>
  packages
    .map((entry) => {
      const [title, version] = entry.split("=");
      return `Package: ${title}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: amd64\n\n`;
    })
    .join("");
const npm = (title: string, version: string): string => JSON.stringify({ name: title, version });

/** Whatever an engine could get wrong when it unpacks: all kinds of whiteouts, links, long and odd names, large bodies. */
const image: ImageSpec = {
  tags: [name],
  user: "app",
  layers: [
    {
      createdBy: "ADD rootfs.tar /",
      members: [
        { name: "etc/", type: "directory" },
        { name: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
        { name: "etc/shadow", content: "root:*:\n", mode: 0o600 },
        { name: "var/lib/dpkg/status", content: dpkg("bash=5.2.15-2", "openssl=3.0.11-1~deb12u1") },
        { name: "usr/lib/node_modules/removed/package.json", content: npm("removed", "1.0.0") },
        { name: "usr/lib/node_modules/hidden/package.json", content: npm("hidden", "1.0.0") },
        { name: "usr/lib/node_modules/hidden/node_modules/deep/package.json", content: npm("deep", "1.0.0") },
        { name: "opt/node_modules/replaced/package.json", content: npm("replaced", "1.0.0") },
        { name: "srv/large.bin", content: randomBytes(3 * 1024 * 1024 + 17) },
        { name: "srv/linked.bin", type: "hardlink", link: "srv/large.bin" },
        { name: `srv/${"long".repeat(40)}/file.txt`, content: "long", longNames: "pax" },
        { name: `srv/${"gnu".repeat(40)}/file.txt`, content: "gnu", longNames: "gnu" },
        { name: "srv/umlaut-ä-✓.txt", content: "text" },
        { name: "lib", type: "symlink", link: "usr/lib" },
        { name: "srv/empty", content: "" },
      ],
    },
    {
      createdBy: "RUN change",
      members: [
        { name: "usr/lib/node_modules/.wh.removed", content: "" },
        { name: "usr/lib/node_modules/hidden/", type: "directory" },
        { name: "usr/lib/node_modules/hidden/.wh..wh..opq", content: "" },
        { name: "usr/lib/node_modules/hidden/package.json", content: npm("hidden", "2.0.0") },
        { name: "opt/node_modules", content: "now a file" },
        { name: "var/lib/dpkg/status", content: dpkg("bash=5.2.15-2", "openssl=3.0.13-1~deb12u1", "zlib1g=1:1.2.13") },
      ],
    },
    {
      createdBy: "RUN clean up",
      members: [
        { name: ".wh.opt", content: "" },
        { name: "srv/.wh.empty", content: "" },
        { name: "app/node_modules/third/package.json", content: npm("third", "3.0.0") },
      ],
    },
  ],
};

writeFileSync(archive, layoutTar(legacyDockerLayout([image])));

/** Compares a target with the archive: the whole tree by content, and the report. */
async function expectSameAsArchive(target: string, options: Partial<OpenTargetOptions>): Promise<void> {
  const tree = { extractors: [everyFile], ...options };
  const expectedTree = await takeStock(archive, { extractors: [everyFile] });
  const tookTree = await takeStock(target, tree);
  expect(tookTree.problems).toEqual(expectedTree.problems);
  expect(tookTree.packages).toEqual(expectedTree.packages);
  expect(tookTree.packages.length).toBeGreaterThanOrEqual(9);

  const scanOptions = { signal, now: new Date(0), verifyDigests: false };
  const expected = await scanTarget(archive, { ...scanOptions, verifyDigests: true });
  const report = await scanTarget(target, { ...scanOptions, ...options });
  expect(report.packages).toEqual(expected.packages);
  expect(report.packages.map((found) => found.name)).toEqual(
    expect.arrayContaining(["bash", "openssl", "zlib1g", "hidden", "third"]),
  );
  expect(report.findings).toEqual(expected.findings);
  expect(report.problems).toEqual(expected.problems);
  const withoutSizes = ({ layers }: typeof report): unknown =>
    layers.map(({ digest: _digest, size: _size, ...layer }) => layer);
  expect(withoutSizes(report)).toEqual(withoutSizes(expected));
  expect(report.layers.every(({ verified }) => verified)).toBe(true);
  expect(report.target).toMatchObject({ imageId: expected.target.imageId, tags: [name], user: "app" });
}

/** Scans from a cold and then from a warm cache. */
async function expectSameTwice(target: string, options: Partial<OpenTargetOptions>): Promise<void> {
  const all = {
    signal,
    now: new Date(0),
    verifyDigests: false,
    cache: join(folder, `cache-${randomBytes(4).toString("hex")}`),
    ...options,
  };
  const first = await scanTarget(target, all);
  expect(await scanTarget(target, all)).toEqual(first);
}

for (const driver of ["overlay2", "vfs"] as const) {
  describe.skipIf(dockerdObstacle !== undefined)(
    `the folder of a Docker Engine with ${driver}${why(dockerdObstacle)}`,
    () => {
      let dockerd: RunningDockerd | string = "not started";

      beforeAll(async () => {
        dockerd = await startDockerd(driver);
        if (typeof dockerd !== "string") await dockerd.post("/images/load", readFileSync(archive));
      });
      afterAll(async () => {
        if (typeof dockerd !== "string") await dockerd.stop();
      });

      function hostOrSkip(context: TestContext): string {
        return typeof dockerd === "string" ? context.skip(`dockerd does not run here: ${dockerd}`) : dockerd.host;
      }

      test("is read in place and gives what the archive gives", async (context) => {
        const docker = { host: hostOrSkip(context) };
        await expectSameAsArchive(`docker:${name}`, { docker });
        await expectSameTwice(`docker:${name}`, { docker });
      });

      test("is not asked to export", async (context) => {
        const docker = { host: hostOrSkip(context) };
        await withoutTemporaryFolder(async () => {
          using target = await openOnly(`docker:${name}`, { docker });
          expect(target.layers).toHaveLength(3);
          const asOther = asAnotherUser(async () => void (await openOnly(`docker:${name}`, { docker })));
          await expect(asOther).rejects.toMatchObject({ code: "target-unreadable" });
        });
      });

      test("is asked by another user to export an image once, and not again while its layers are cached", async (context) => {
        const docker = { host: hostOrSkip(context) };
        const options = {
          signal,
          now: new Date(0),
          verifyDigests: false,
          docker,
          cache: join(folder, `user-${driver}`),
        };
        await asAnotherUser(async () => {
          const first = await scanTarget(`docker:${name}`, options);
          await withoutTemporaryFolder(async () => {
            expect(await scanTarget(`docker:${name}`, options)).toEqual(first);
            rmSync(join(options.cache, "layers"), { recursive: true });
            const without = await scanTarget(`docker:${name}`, options);
            expect(without.problems).toContainEqual(
              expect.objectContaining({ code: "unreadable", message: expect.stringContaining("cannot be unpacked") }),
            );
            expect(without.packages).toEqual([]);
          });
          expect(await scanTarget(`docker:${name}`, options)).toEqual(first);
        });
      });

      test("with a file that was changed is found out by the layer's digest", async (context) => {
        const docker = { host: hostOrSkip(context) };
        const copies = filesNamed("large.bin", dataFolder(docker.host));
        const before = readFileSync(copies[0] ?? "");
        const scan = (): Promise<Report> =>
          scanTarget(`docker:${name}`, { signal, now: new Date(0), verifyDigests: false, docker });
        try {
          for (const copy of copies) writeFileSync(copy, Buffer.from(before).fill(before.readUInt8(100) ^ 1, 100, 101));
          const changed = await scan();
          expect(changed.layers.map(({ verified }) => verified)).toEqual([false, true, true]);
          expect(changed.problems.map(({ message }) => message)).toEqual([
            expect.stringContaining("should have the digest"),
          ]);
          for (const copy of copies) writeFileSync(copy, Buffer.concat([before, before]));
          expect((await scan()).problems.map(({ message }) => message)).toEqual([
            expect.stringMatching(/srv\/large\.bin.*it has \d+ bytes/),
          ]);
        } finally {
          for (const copy of copies) writeFileSync(copy, before);
        }
      });
    },
  );
}

for (const driver of ["overlay", "vfs"] as const) {
  describe.skipIf(podmanObstacle !== undefined)(`the store of Podman with ${driver}${why(podmanObstacle)}`, () => {
    let store: PodmanStore;
    let obstacle: string | undefined;

    beforeAll(() => {
      store = makePodmanStore(driver);
      try {
        store.podman("load", "--quiet", "--input", archive);
      } catch (error) {
        obstacle = String(error).trim().replace(/\s+/g, " ");
      }
    });
    afterAll(() => store.remove());

    function accessOrSkip(context: TestContext): { storage: string[]; hosts: string[] } {
      return obstacle === undefined
        ? { storage: [store.root], hosts: [] }
        : context.skip(`Podman does not run here: ${obstacle}`);
    }

    test("is read in place and gives what the archive gives", async (context) => {
      const podman = accessOrSkip(context);
      await expectSameAsArchive(`podman:${name}`, { podman });
      await expectSameAsArchive(`containers-storage:[${store.root}]${name}`, {});
      await expectSameTwice(`podman:${name}`, { podman });
    });

    test("knows an image by a short name, its id and the beginning of its id", async (context) => {
      const podman = accessOrSkip(context);
      const id = store.podman("image", "inspect", "--format", "{{.Id}}", name).trim();
      for (const other of ["app:1.0", "team/app:1.0", id, `sha256:${id}`, id.slice(0, 12)]) {
        using target = await openOnly(`podman:${other}`, { podman });
        expect(target.target).toMatchObject({ kind: "podman", imageId: `sha256:${id}`, tags: [name] });
      }
      await expect(openOnly("podman:app:2.0", { podman })).rejects.toMatchObject({ code: "image-not-found" });
    });

    test("is found by the configuration that Podman reads", async (context) => {
      accessOrSkip(context);
      const path = join(folder, `${driver}-storage.conf`);
      writeFileSync(path, `[storage]\ndriver = "${driver}"\ngraphroot = "${store.root}"\nrunroot = "${folder}/run"\n`);
      const listed = run("podman", ["images", "--quiet", "--no-trunc", name], { CONTAINERS_STORAGE_CONF: path }).trim();
      const configurations = [{ path, of: "user" as const }];
      using target = await openOnly(`podman:${name}`, { podman: { configurations, storage: [], hosts: [] } });
      expect(target.target.imageId).toBe(listed);
    });

    test("says of a list of images that it is one", async (context) => {
      const podman = accessOrSkip(context);
      store.podman("manifest", "create", "localhost/several:1");
      await expect(openOnly("podman:localhost/several:1", { podman })).rejects.toMatchObject({
        code: "layout-malformed",
        message: expect.stringContaining("localhost/several:1 is a list of images"),
      });
    });

    test("is told from a folder that is none", async (context) => {
      accessOrSkip(context);
      await expect(openOnly(`containers-storage:[${folder}]${name}`, {})).rejects.toMatchObject({
        code: "target-not-found",
      });
    });

    test("is used for a plain name when no Docker Engine runs", async (context) => {
      const podman = accessOrSkip(context);
      const docker = { host: `unix://${join(folder, "none.sock")}` };
      using target = await openOnly(name, { podman, docker });
      expect(target.target.kind).toBe("podman");
    });

    test("and its service give the same, read in place and exported", async (context) => {
      accessOrSkip(context);
      const host = await store.serve();
      await expectSameAsArchive(`docker:${name}`, { docker: { host } });
      await asAnotherUser(async () => {
        await expectSameAsArchive(`docker:${name}`, { docker: { host } });
        await expectSameAsArchive(`podman:${name}`, { podman: { storage: [], hosts: [host] } });
        const docker = { host: `unix://${join(folder, "none.sock")}` };
        using target = await openOnly(name, { docker, podman: { storage: [store.root], hosts: [host] } });
        expect(target.target.kind).toBe("podman");
        expect((await takeStock(name, { docker, podman: { storage: [store.root], hosts: [host] } })).problems).toEqual(
          [],
        );
        await expectSameTwice(`docker:${name}`, { docker: { host } });
      });
    });
  });
}

describe.skipIf(containerdObstacle !== undefined)(`the folder of containerd${why(containerdObstacle)}`, () => {
  let containerd: RunningContainerd | string = "not started";

  beforeAll(async () => {
    containerd = await startContainerd();
    if (typeof containerd === "string") return;
    containerd.ctr("image", "import", "--no-unpack", archive);
    containerd.ctr("--namespace", "k8s.io", "image", "import", "--no-unpack", "--base-name", "other", archive);
  });
  afterAll(async () => {
    if (typeof containerd !== "string") await containerd.stop();
  });

  function runningOrSkip(context: TestContext): RunningContainerd {
    return typeof containerd === "string" ? context.skip(`containerd does not run here: ${containerd}`) : containerd;
  }

  test("is read in place and gives what the archive gives", async (context) => {
    const storage = [runningOrSkip(context).root];
    await expectSameAsArchive(`containerd:${name}`, { containerd: { storage } });
    await expectSameAsArchive(`containerd:${name}`, { containerd: { storage, namespace: "k8s.io" } });
    await expectSameTwice(`containerd:${name}`, { containerd: { storage } });
  });

  test("is read in place for a Docker Engine that stores its images in it", async (context) => {
    const { root, ctr } = runningOrSkip(context);
    const list = ctr("image", "list", `name==${name}`);
    const digest = /sha256:[0-9a-f]{64}/.exec(list)?.[0] ?? "";
    const data = join(folder, "docker-with-containerd");
    mkdirSync(join(data, "containerd"), { recursive: true });
    symlinkSync(root, join(data, "containerd", "daemon"));
    const image = { Id: digest, RepoTags: [name], Os: "linux", Architecture: "amd64", RootFS: { Layers: [] } };
    const answers: Readonly<Record<string, unknown>> = { "/info": { DockerRootDir: data }, "/json": image };
    const server = createServer((request, response) => {
      const found = Object.entries(answers).find(([end]) => request.url?.endsWith(end));
      response.end(found ? JSON.stringify(found[1]) : "OK");
    });
    const socket = join(folder, "docker-with-containerd.sock");
    await new Promise<void>((resolve) => server.listen(socket, () => resolve()));
    try {
      await expectSameAsArchive(`docker:${name}`, { docker: { host: `unix://${socket}` } });
    } finally {
      server.close();
    }
  });

  test("gives the same through its socket, from where only what is not cached is fetched", async (context) => {
    const { address } = runningOrSkip(context);
    await expectSameAsArchive(`containerd:${name}`, { containerd: { address } });
    await expectSameAsArchive(`containerd:${name}`, { containerd: { address, namespace: "k8s.io" } });
    const all = { signal, now: new Date(0), verifyDigests: false, cache: join(folder, "socket-cache") };
    const options = { ...all, containerd: { address } };
    const first = await scanTarget(`containerd:${name}`, options);
    expect(await scanTarget(`containerd:${name}`, options)).toEqual(first);
    await expect(openOnly("containerd:none:1", { containerd: { address } })).rejects.toMatchObject({
      code: "image-not-found",
    });
  });

  test("says that nobody listens at a socket", async () => {
    const address = join(folder, "none.sock");
    await expect(openOnly(`containerd:${name}`, { containerd: { address } })).rejects.toMatchObject({
      code: "engine-unreachable",
      message: expect.stringContaining(address),
    });
  });

  test("has no image of a namespace that is empty", async (context) => {
    const containerd = { storage: [runningOrSkip(context).root], namespace: "none" };
    await expect(openOnly(`containerd:${name}`, { containerd })).rejects.toMatchObject({ code: "image-not-found" });
  });

  test("stays readable while containerd writes to it", async (context) => {
    const { root, ctr } = runningOrSkip(context);
    for (let count = 1; count < 40; count++)
      ctr("image", "tag", name, `plimsoll.example/copy/${"x".repeat(count)}:${count}`);
    for (const tag of [1, 20, 39]) {
      const copy = `plimsoll.example/copy/${"x".repeat(tag)}:${tag}`;
      using target = await openOnly(`containerd:${copy}`, { containerd: { storage: [root] } });
      expect(target.target.tags).toEqual([copy]);
    }
  });
});

async function openOnly(target: string, options: Partial<OpenTargetOptions>): Promise<OpenTree> {
  const opened = await openTarget(target, { signal, verifyDigests: false, ...options });
  if (opened.form !== "tree") throw new Error(`${target} is no tree`);
  return opened;
}

/** Plimsoll reads in place only as root; here it is told that it is somebody else. */
async function asAnotherUser(work: () => Promise<void>): Promise<void> {
  const { getuid } = process;
  process.getuid = () => 1000;
  try {
    await work();
  } finally {
    Object.assign(process, { getuid });
  }
}

function dataFolder(host: string): string {
  return join(host.slice("unix://".length), "..", "data");
}

function filesNamed(name: string, root: string): string[] {
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((item) => item.name === name);
  return found.map((item) => join(item.parentPath, item.name));
}

/** Nothing can be exported meanwhile. */
async function withoutTemporaryFolder(work: () => Promise<void>): Promise<void> {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = join(folder, "none");
  try {
    await work();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
}

function why(obstacle: string | undefined): string {
  return obstacle === undefined ? "" : ` (${obstacle})`;
}
