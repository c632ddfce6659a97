import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { layoutTar, legacyDockerLayout } from "../setup/image.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { containerdObstacle, type RunningContainerd, startContainerd } from "./containerd.ts";
import { openOnly, storedImage, storedName, why } from "./stored-image.ts";

const signal = new AbortController().signal;
const folder = temporaryFolder();
const { archive, expectSameAsArchive, expectSameTwice } = storedImage(folder);

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
    await expectSameAsArchive(`containerd:${storedName}`, { containerd: { storage } });
    await expectSameAsArchive(`containerd:${storedName}`, { containerd: { storage, namespace: "k8s.io" } });
    await expectSameTwice(`containerd:${storedName}`, { containerd: { storage } });
  });

  test("is read in place for a Docker Engine that stores its images in it", async (context) => {
    const { root, ctr } = runningOrSkip(context);
    const list = ctr("image", "list", `name==${storedName}`);
    const digest = /sha256:[0-9a-f]{64}/.exec(list)?.[0] ?? "";
    const data = join(folder, "docker-with-containerd");
    mkdirSync(join(data, "containerd"), { recursive: true });
    symlinkSync(root, join(data, "containerd", "daemon"));
    const image = { Id: digest, RepoTags: [storedName], Os: "linux", Architecture: "amd64", RootFS: { Layers: [] } };
    const answers: Readonly<Record<string, unknown>> = { "/info": { DockerRootDir: data }, "/json": image };
    const server = createServer((request, response) => {
      const found = Object.entries(answers).find(([end]) => request.url?.endsWith(end));
      response.end(found ? JSON.stringify(found[1]) : "OK");
    });
    const socket = join(folder, "docker-with-containerd.sock");
    await new Promise<void>((resolve) => server.listen(socket, () => resolve()));
    try {
      await expectSameAsArchive(`docker:${storedName}`, { docker: { host: `unix://${socket}` } });
    } finally {
      server.close();
    }
  });

  test("gives the same through its socket, from where only what is not cached is fetched", async (context) => {
    const { address, withoutFolder } = runningOrSkip(context);
    await withoutFolder(async () => {
      await expectSameAsArchive(`containerd:${storedName}`, { containerd: { address } });
      await expectSameAsArchive(`containerd:${storedName}`, { containerd: { address, namespace: "k8s.io" } });
      const all = { signal, now: new Date(0), verifyDigests: false, cache: join(folder, "socket-cache") };
      const options = { ...all, containerd: { address } };
      const first = await scanTarget(`containerd:${storedName}`, options);
      expect(await scanTarget(`containerd:${storedName}`, options)).toEqual(first);
      await expect(openOnly("containerd:none:1", { containerd: { address } })).rejects.toMatchObject({
        code: "image-not-found",
      });
    });
  });

  test("is found wherever it is, by a socket that is named or usual", async (context) => {
    const { address } = runningOrSkip(context);
    const nobody = { docker: { host: `unix://${join(folder, "no-engine.sock")}` }, podman: { storage: [], hosts: [] } };
    for (const containerd of [{ address }, { usualAddresses: [join(folder, "none.sock"), address] }]) {
      await expectSameAsArchive(`containerd:${storedName}`, { containerd });
      using plain = await openOnly(storedName, { ...nobody, containerd });
      expect(plain.target).toMatchObject({ kind: "containerd", namespace: "default" });
    }
  });

  test("knows an image by its digest, its id and the beginning of either, in its folder and through its socket", async (context) => {
    const { root, address, ctr } = runningOrSkip(context);
    const digest = /sha256:[0-9a-f]{64}/.exec(ctr("image", "list", `name==${storedName}`))?.[0] ?? "";
    using named = await openOnly(`containerd:${storedName}`, { containerd: { storage: [root] } });
    const id = named.target.imageId ?? "";
    const nobody = { docker: { host: `unix://${join(folder, "no-engine.sock")}` }, podman: { storage: [], hosts: [] } };
    for (const access of [{ storage: [root] }, { address }]) {
      for (const text of [digest, digest.slice(7), digest.slice(7, 19), id, id.slice(7), id.slice(7, 20)]) {
        for (const target of [`containerd:${text}`, text]) {
          using opened = await openOnly(target, { ...nobody, containerd: access });
          expect([target, opened.target.kind, opened.target.imageId]).toEqual([target, "containerd", id]);
        }
      }
      const absent = openOnly(`containerd:sha256:${"0".repeat(64)}`, { containerd: access });
      await expect(absent).rejects.toMatchObject({ code: "image-not-found" });
    }
  });

  test("tells the namespace, and refuses a name that means different images in several", async (context) => {
    const { root, address, ctr } = runningOrSkip(context);
    for (const namespace of ["k8s.io", "moby"]) {
      const path = join(folder, `${namespace}.tar`);
      const members = [{ name: "etc/namespace", content: namespace }];
      writeFileSync(path, layoutTar(legacyDockerLayout([{ tags: ["plimsoll.example/two:1"], layers: [{ members }] }])));
      ctr("--namespace", namespace, "image", "import", "--no-unpack", path);
    }
    const nobody = { docker: { host: `unix://${join(folder, "no-engine.sock")}` }, podman: { storage: [], hosts: [] } };
    for (const access of [{ storage: [root] }, { address }]) {
      using same = await openOnly(`containerd:${storedName}`, { containerd: access });
      expect(same.target.namespace).toBe("default");
      for (const target of ["containerd:plimsoll.example/two:1", "plimsoll.example/two:1"]) {
        const asked = openOnly(target, { ...nobody, containerd: access });
        await expect(asked).rejects.toMatchObject({
          code: "usage",
          message: expect.stringMatching(
            /matches several images.*sha256:[0-9a-f]{12} in k8s\.io, sha256:[0-9a-f]{12} in moby$/,
          ),
          hint: expect.stringContaining("CONTAINERD_NAMESPACE to one of k8s.io, moby"),
        });
      }
      using one = await openOnly("containerd:plimsoll.example/two:1", { containerd: { ...access, namespace: "moby" } });
      expect(one.target.namespace).toBe("moby");
    }
  });

  test("says that nobody listens at a socket", async () => {
    const address = join(folder, "none.sock");
    await expect(openOnly(`containerd:${storedName}`, { containerd: { address } })).rejects.toMatchObject({
      code: "engine-unreachable",
      message: expect.stringContaining(address),
    });
  });

  test("has no image of a namespace that is empty", async (context) => {
    const containerd = { storage: [runningOrSkip(context).root], namespace: "none" };
    await expect(openOnly(`containerd:${storedName}`, { containerd })).rejects.toMatchObject({
      code: "image-not-found",
    });
  });

  test("stays readable while containerd writes to it", async (context) => {
    const { root, ctr } = runningOrSkip(context);
    for (let count = 1; count < 40; count++)
      ctr("image", "tag", storedName, `plimsoll.example/copy/${"x".repeat(count)}:${count}`);
    for (const tag of [1, 20, 39]) {
      const copy = `plimsoll.example/copy/${"x".repeat(tag)}:${tag}`;
      using target = await openOnly(`containerd:${copy}`, { containerd: { storage: [root] } });
      expect(target.target.tags).toEqual([copy]);
    }
  });
});
