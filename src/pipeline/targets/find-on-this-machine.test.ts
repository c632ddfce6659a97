import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { boltFile } from "../../../tests/setup/bolt.ts";
import { ociLayout, sha256, writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { examineTarget } from "../scan/examine-target.ts";
import { openTarget } from "./open-target.ts";
import type { RegistryClient } from "./registry-access.ts";

const base = temporaryFolder();
const none = join(base, "none");
const noSocket = `unix://${join(base, "none.sock")}`;
const content = ociLayout([{ layers: [{ members: [{ name: "a", content: "a" }] }] }]);
const index = content["index.json"] ?? new Uint8Array();
const containerd = containerdOf("containerd");
let sockets = 0;

/** Asking the registry for anything would fail the test. */
const registry = {} as RegistryClient;
const nowhere = {
  ...{ signal: new AbortController().signal, verifyDigests: false, now: new Date(0) },
  docker: { host: noSocket },
  podman: { storage: [none], hosts: [] },
  containerd: { storage: [none] },
};

/** A folder of containerd with `app:1`. */
function containerdOf(name: string): string {
  const store = join(base, name);
  writeLayout(join(store, "io.containerd.content.v1.content"), {
    ...content,
    [`blobs/sha256/${sha256(index).slice(7)}`]: index,
  });
  mkdirSync(join(store, "io.containerd.metadata.v1.bolt"));
  const images = { "docker.io/library/app:1": { target: { digest: sha256(index) } } };
  const metadata = boltFile({ v1: { default: { images } } });
  writeFileSync(join(store, "io.containerd.metadata.v1.bolt", "meta.db"), metadata);
  return store;
}

/** An engine at a socket; it has an image of every name unless `answer` says otherwise. */
async function engine(answer: (path: string, response: ServerResponse) => boolean): Promise<string> {
  const server = createServer(({ url = "" }, response) => {
    response.setHeader("connection", "close");
    if (answer(url, response)) return;
    if (!url.endsWith("/json")) response.end("OK");
    else response.end(JSON.stringify({ Id: `sha256:${"ab".repeat(32)}`, RepoTags: ["app:1"], RootFS: {} }));
  });
  const socket = join(base, `engine-${sockets++}.sock`);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return `unix://${socket}`;
}

function fails(_path: string, response: ServerResponse): boolean {
  response.writeHead(500).end('{"message":"out of order"}');
  return true;
}

const exportFails = (path: string, response: ServerResponse): boolean => path.includes("/get") && fails(path, response);

test.each([false, true])(
  "an engine that has the image and fails to give it ends the scan, named: %j",
  async (isNamed) => {
    const host = await engine(exportFails);
    for (const access of [
      { docker: { host, isNamed } },
      { podman: { storage: [none], hosts: [host], isNamed }, containerd: { storage: [containerd] } },
    ]) {
      const asked = openTarget("app:1", { ...nowhere, ...access, registry });
      await expect(asked).rejects.toMatchObject({
        code: "engine-failed",
        message: expect.stringContaining("out of order"),
      });
    }
  },
);

test("an engine that is gone once it has said that it has the image ends the scan", async () => {
  const host = await engine((path) => {
    if (path.endsWith("/json")) rmSync(host.slice("unix://".length));
    return false;
  });
  const asked = openTarget("app:1", { ...nowhere, docker: { host }, containerd: { storage: [containerd] }, registry });
  await expect(asked).rejects.toMatchObject({ code: "engine-unreachable" });
});

test("an engine that the user named and that cannot say whether it has the image ends the scan", async () => {
  const host = await engine(fails);
  for (const [code, what, access] of [
    ["engine-failed", "Podman", { podman: { storage: [none], hosts: [host], isNamed: true } }],
    ["engine-unreachable", "Podman", { podman: { storage: [none], hosts: [noSocket], isNamed: true } }],
    ["engine-unreachable", "the Docker Engine", { docker: { host: noSocket, isNamed: true } }],
    ["engine-unreachable", "containerd", { containerd: { address: join(base, "none.sock") } }],
  ] as const) {
    const asked = openTarget("app:1", { ...nowhere, containerd: { storage: [containerd] }, ...access, registry });
    await expect(asked).rejects.toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(`^no file or folder named app:1; ${what} cannot be asked: `)),
      hint: expect.stringContaining("registry:app:1"),
    });
  }
});

test("a service of Podman over SSH, which cannot be asked, is passed over and told where nothing else has the image", async () => {
  const podman = { storage: [none], hosts: ["ssh://me@build.example/podman.sock"], isNamed: true };
  using opened = await openTarget("app:1", { ...nowhere, podman, containerd: { storage: [containerd] } });
  expect(opened).toMatchObject({ target: { kind: "containerd" }, passedOver: [] });
  const asked = openTarget("app:1", { ...nowhere, podman });
  await expect(asked).rejects.toMatchObject({ message: expect.stringMatching(/Podman cannot be asked: .*uses SSH/) });
});

test("an engine that fails at its usual place is passed over and told, in the report as in the error", async () => {
  const podman = { storage: [none], hosts: [await engine(fails)] };
  const { target, problems } = await examineTarget("app:1", {
    ...nowhere,
    ...{ podman, containerd: { storage: [containerd] } },
  });
  expect(target.kind).toBe("containerd");
  const said =
    /^Podman cannot be asked: .*out of order, so another image of this name may be meant; use containerd:app:1/;
  expect(problems).toEqual([{ code: "not-examined", message: expect.stringMatching(said) }]);
  await expect(openTarget("app:1", { ...nowhere, podman })).rejects.toMatchObject({
    code: "target-not-found",
    message: expect.stringMatching(/no Docker Engine found: .*, Podman cannot be asked: .*out of order$/),
  });
});

test("Podman's service that fails does not keep its store from being read", async () => {
  const store = join(base, "store");
  mkdirSync(join(store, "overlay-images"), { recursive: true });
  const image = { id: "ab".repeat(32), names: ["docker.io/library/app:1"] };
  writeFileSync(join(store, "overlay-images", "images.json"), JSON.stringify([image]));
  const podman = { storage: [store], hosts: [await engine(fails)] };
  for (const name of ["app:1", "podman:app:1"]) {
    // It is this one, of which the store lacks the config.
    await expect(openTarget(name, { ...nowhere, podman })).rejects.toMatchObject({ code: "layout-malformed" });
  }
});

test("a damaged configuration of Podman is told, and keeps no image from being found", async () => {
  const path = join(base, "storage.conf");
  const configurations = [{ path, of: "user" as const }];
  const access = { ...nowhere, podman: { configurations, storage: [none], hosts: [] } };
  writeFileSync(path, '[storage]\ngraphroot = "here"\n');
  {
    using opened = await openTarget("app:1", { ...access, containerd: { storage: [containerd] } });
    expect(opened).toMatchObject({
      target: { kind: "containerd" },
      passedOver: [expect.stringContaining(`Podman cannot be asked: ${path} cannot be read: storage.graphroot`)],
    });
  }
  await expect(openTarget("app:1", access)).rejects.toMatchObject({ message: expect.stringContaining(path) });
  await expect(openTarget("podman:app:1", access)).rejects.toMatchObject({ code: "target-unreadable" });
  writeFileSync(path, '[storage]\nrunroot = "here"\n');
  await expect(openTarget("podman:app:1", access)).rejects.toMatchObject({ code: "target-not-found" });
});

test("a store with a damaged list of images is passed over and told", async () => {
  const damaged = join(base, "damaged");
  mkdirSync(join(damaged, "overlay-images"), { recursive: true });
  writeFileSync(join(damaged, "overlay-images", "images.json"), '[{"id":5}]');
  const podman = { storage: [damaged], hosts: [] };
  {
    using opened = await openTarget("app:1", { ...nowhere, podman, containerd: { storage: [containerd] } });
    expect(opened).toMatchObject({
      target: { kind: "containerd" },
      passedOver: [expect.stringContaining("so it is unknown whether it has")],
    });
  }
  const store = containerdOf("damaged-containerd");
  writeFileSync(join(store, "io.containerd.metadata.v1.bolt", "meta.db"), Buffer.alloc(8192));
  await expect(openTarget("app:1", { ...nowhere, containerd: { storage: [store] } })).rejects.toMatchObject({
    code: "target-not-found",
    message: expect.stringMatching(/containerd cannot be asked: .*bbolt/),
  });
  await expect(openTarget("containerd:app:1", { ...nowhere, containerd: { storage: [store] } })).rejects.toMatchObject({
    code: "layout-malformed",
  });
});
