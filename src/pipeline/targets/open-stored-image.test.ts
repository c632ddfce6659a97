import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { boltFile } from "../../../tests/setup/bolt.ts";
import { ociLayout, sha256, writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openTarget } from "./open-target.ts";
import type { RegistryClient } from "./registry-access.ts";
import type { SignaturePolicy } from "./signature-trust.ts";

const base = temporaryFolder();
const options = { signal: new AbortController().signal, verifyDigests: false };
const none = join(base, "none");
const noSocket = join(base, "none.sock");
// Looking into it fails with another reason than that it is not there, even for root.
const unreadable = join(base, "unreadable");
symlinkSync(unreadable, unreadable);

const content = ociLayout([{ layers: [{ members: [{ name: "a", content: "a" }] }] }]);
const index = content["index.json"] ?? new Uint8Array();
const containerd = join(base, "containerd");
writeLayout(join(containerd, "io.containerd.content.v1.content"), {
  ...content,
  [`blobs/sha256/${sha256(index).slice(7)}`]: index,
});
mkdirSync(join(containerd, "io.containerd.metadata.v1.bolt"));
const images = { "docker.io/library/app:1": { target: { digest: sha256(index) } } };
writeFileSync(join(containerd, "io.containerd.metadata.v1.bolt", "meta.db"), boltFile({ v1: { default: { images } } }));
const emptyStore = join(base, "empty-store");
mkdirSync(join(emptyStore, "overlay-images"), { recursive: true });
writeFileSync(join(emptyStore, "overlay-images", "images.json"), "[]");

/** A store of Podman's that lists images without their files. */
function storeOf(name: string, records: readonly { readonly id: string; readonly names: readonly string[] }[]): string {
  const store = join(base, name);
  mkdirSync(join(store, "overlay-images"), { recursive: true });
  writeFileSync(join(store, "overlay-images", "images.json"), JSON.stringify(records));
  return store;
}

/** A folder of containerd in which `app:1` has a digest. */
function containerdOf(name: string, digest: string): string {
  const store = join(base, name);
  writeLayout(join(store, "io.containerd.content.v1.content"), content);
  mkdirSync(join(store, "io.containerd.metadata.v1.bolt"));
  const named = { "docker.io/library/app:1": { target: { digest } } };
  const metadata = boltFile({ v1: { default: { images: named } } });
  writeFileSync(join(store, "io.containerd.metadata.v1.bolt", "meta.db"), metadata);
  return store;
}

/** Only the stores have an image; a request to the registry would fail the test. */
const plain = {
  docker: { host: `unix://${noSocket}` },
  podman: { storage: [emptyStore], hosts: [] },
  containerd: { storage: [none] },
  registry: {} as RegistryClient,
};

describe("an image in a store", () => {
  test("is looked for in each folder; one that cannot be read counts only when no other has it", async () => {
    using target = await openTarget("containerd:app:1", {
      ...options,
      containerd: { storage: [none, unreadable, containerd] },
    });
    expect(target.target).toMatchObject({ kind: "containerd", tags: ["docker.io/library/app:1"] });
    const asked = openTarget("containerd:app:2", { ...options, containerd: { storage: [unreadable, containerd] } });
    await expect(asked).rejects.toMatchObject({ code: "target-unreadable" });
  });

  test.each([
    ["podman:app:1", "target-not-found", { storage: [none], hosts: [] }],
    ["podman:app:1", "image-not-found", { storage: [none, emptyStore], hosts: [`unix://${noSocket}`] }],
    ["podman:app:1", "target-unreadable", { storage: [unreadable], hosts: [] }],
    ["containers-storage:app:1", "image-not-found", { storage: [emptyStore] }],
    [`containers-storage:[${none}]app:1`, "target-not-found", { storage: [emptyStore] }],
    [`containers-storage:[vfs@${emptyStore}+/run/x:a=b]app:1`, "image-not-found", { storage: [none] }],
    [`containers-storage:[overlay@${emptyStore}:a=b]app:1`, "image-not-found", { storage: [none] }],
    [`containers-storage:[${emptyStore}+/run/x]app:1`, "image-not-found", { storage: [none] }],
    [`containers-storage:[${emptyStore}]app:1`, "image-not-found", { storage: [none] }],
  ])("%s gives %s with %j", async (target, code, podman) => {
    await expect(openTarget(target, { ...options, podman })).rejects.toMatchObject({ code, hint: expect.any(String) });
  });

  test("that no store has is told with the stores that were searched, beside one that cannot be read", async () => {
    const asked = openTarget("podman:app:1", { ...options, podman: { storage: [emptyStore, unreadable], hosts: [] } });
    await expect(asked).rejects.toMatchObject({
      code: "target-unreadable",
      message: `no image in ${emptyStore} is named "app:1", and ${unreadable} cannot be read: too many symbolic links`,
      hint: expect.stringMatching(/^Use the full name .* Run Plimsoll as the user who owns the store, usually root\.$/),
    });
  });

  test("of a named service of Podman that cannot be asked is not taken from a store", async () => {
    for (const [host, code, isOffline] of [
      ["ssh://me@build.example/run/podman.sock", "engine-unreachable", false],
      ["tcp://127.0.0.1:1", "usage", true],
      [`unix://${noSocket}`, "engine-unreachable", false],
    ] as const) {
      const podman = { storage: [emptyStore], hosts: [host], isNamed: true };
      const access = { ...options, ...(isOffline && { offline: true }), podman };
      await expect(openTarget("podman:app:1", access)).rejects.toMatchObject({ code });
      // Under its plain name too, only what may not be asked at all is passed over.
      const docker = { host: `unix://${noSocket}` };
      const opening = openTarget("app:1", { ...access, docker, containerd: { storage: [containerd] } });
      if (host.startsWith("unix:")) {
        await expect(opening).rejects.toMatchObject({ code });
        continue;
      }
      using plain = await opening;
      expect(plain.target.kind).toBe("containerd");
    }
  });

  test("that Podman's service does not have is not said to lack a store", async () => {
    const service = createServer(({ url = "" }, response) => {
      response.statusCode = url.endsWith("_ping") ? 200 : 404;
      response.end(url.endsWith("_ping") ? "OK" : '{"message":"no such image"}');
    });
    const socket = join(base, "answers.sock");
    await new Promise<void>((resolve) => service.listen(socket, resolve));
    onTestFinished(() => void service.close());
    for (const podman of [
      { storage: [none], hosts: [`unix://${socket}`] },
      { storage: [emptyStore], hosts: [`unix://${socket}`], isNamed: true },
    ]) {
      await expect(openTarget("podman:app:1", { ...options, podman })).rejects.toMatchObject({
        code: "image-not-found",
        message: `Podman at ${socket} has no image named "app:1"`,
        hint: expect.stringContaining("full name"),
      });
    }
  });

  test("is found where a configuration says that the store is, before the usual places", async () => {
    const store = join(base, "configured-store");
    mkdirSync(join(store, "overlay-images"), { recursive: true });
    writeFileSync(join(store, "overlay-images", "images.json"), "[]");
    const file = join(base, "storage.conf");
    writeFileSync(file, `[storage]\ndriver = "overlay"\ngraphroot = "${store}"\n`);
    const configurations = [
      { path: join(base, "no-such.conf"), of: "user" as const },
      { path: file, of: "user" as const },
    ];
    const asked = openTarget("containers-storage:app:1", {
      ...options,
      podman: { configurations, storage: [emptyStore], hosts: [] },
    });
    await expect(asked).rejects.toMatchObject({
      code: "image-not-found",
      message: `no image in ${store} or ${emptyStore} is named "app:1"`,
    });
  });

  test("is not looked for in a registry under a name that is a target of another program", async () => {
    const access = {
      ...{ docker: { host: `unix://${noSocket}` }, podman: { storage: [emptyStore], hosts: [] } },
      containerd: { storage: [containerd] },
      // Asking it for anything would fail the test.
      registry: {} as RegistryClient,
    };
    for (const attachedSbom of [undefined, {} as SignaturePolicy]) {
      const asked = openTarget("crio:nginx", { ...options, ...access, ...(attachedSbom && { attachedSbom }) });
      await expect(asked).rejects.toMatchObject({
        code: "usage",
        message: "crio: is not a scheme, and no local image named crio:nginx",
      });
    }
  });

  test("is refused under a plain name that means several of Podman's, and no registry is asked", async () => {
    const several = storeOf("several", [
      { id: "ab".repeat(32), names: ["one.example/x:1"] },
      { id: "cd".repeat(32), names: ["two.example/x:1"] },
    ]);
    const asked = openTarget("x:1", { ...options, ...plain, podman: { storage: [several], hosts: [] } });
    await expect(asked).rejects.toMatchObject({
      code: "usage",
      message: `2 images of the store ${several} are meant by "x:1"`,
      hint: "Write one of: one.example/x:1, two.example/x:1.",
    });
  });

  test("is not known by a few digits of its id where no scheme says that Podman is meant", async () => {
    const short = storeOf("short", [{ id: `db12345${"0".repeat(57)}`, names: ["localhost/some:1"] }]);
    const asked: string[] = [];
    const service = createServer(({ url = "" }, response) => {
      asked.push(url);
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ Id: `sha256:db12345${"0".repeat(57)}`, RepoTags: ["localhost/some:1"], RootFS: {} }),
      );
    });
    const socket = join(base, "service.sock");
    await new Promise<void>((resolve) => service.listen(socket, resolve));
    onTestFinished(() => void service.close());
    for (const podman of [
      { storage: [short], hosts: [] },
      { storage: [none], hosts: [`unix://${socket}`] },
    ]) {
      const { registry: _, ...without } = plain;
      const access = { ...options, ...without, podman };
      for (const name of ["db", "db1234"]) {
        await expect(openTarget(name, access)).rejects.toMatchObject({ code: "target-not-found" });
      }
    }
    expect(asked.filter((url) => url.includes("/get"))).toEqual([]);
    // It is this one, of which the store lacks the config.
    const damaged = { code: "layout-malformed" };
    const access = { ...options, ...plain, podman: { storage: [short], hosts: [] } };
    for (const name of ["db12345", "sha256:db", "podman:db", "containers-storage:db"]) {
      await expect(openTarget(name, access)).rejects.toMatchObject(damaged);
    }
  });

  test("is not looked for in a registry by an id alone", async () => {
    const access = { ...options, ...plain, podman: { storage: [none], hosts: [] }, containerd: { storage: [none] } };
    for (const name of ["sha256:abc", sha256("none")]) {
      for (const attachedSbom of [undefined, {} as SignaturePolicy]) {
        const asked = openTarget(name, { ...access, ...(attachedSbom && { attachedSbom }) });
        await expect(asked).rejects.toMatchObject({
          code: "image-not-found",
          message: attachedSbom
            ? `${name} is not a valid name of an image in a registry`
            : `no image on this machine has the id ${name}: no Docker Engine found`,
          hint: expect.stringContaining("NAME@sha256:"),
        });
      }
    }
  });

  test("of containerd is looked for in the folder before its name, and nowhere else", async () => {
    const access = { ...options, containerd: { storage: [none] } };
    using target = await openTarget(`containerd:[${containerd}]app:1`, access);
    expect(target.target).toMatchObject({ kind: "containerd", tags: ["docker.io/library/app:1"] });
    await expect(openTarget(`containerd:[${containerd}]app:2`, access)).rejects.toMatchObject({
      code: "image-not-found",
      message: `no image in ${containerd} is named "app:2"`,
    });
    await expect(openTarget("containerd:app:1", access)).rejects.toMatchObject({
      code: "target-not-found",
      hint: "Set CONTAINERD_ADDRESS to its socket, or specify its folder (root in its config.toml): containerd:[FOLDER]app:1.",
    });
    // The brackets of an address are not a folder.
    await expect(openTarget("containerd:[::1]:5000/app:1", access)).rejects.toMatchObject({ code: "target-not-found" });
  });

  test("of containerd is refused where two folders have different ones under the name", async () => {
    const again = containerdOf("containerd-again", sha256(index));
    const differs = containerdOf("containerd-differs", sha256("another"));
    const opened = await openTarget("containerd:app:1", { ...options, containerd: { storage: [containerd, again] } });
    opened[Symbol.dispose]();
    for (const [name, storage] of [
      ["containerd:app:1", [containerd, differs]],
      ["app:1", [none, containerd, unreadable, differs]],
    ] as const) {
      const asked = openTarget(name, { ...options, ...plain, containerd: { storage } });
      const where = `${sha256(index).slice(0, 19)} in ${containerd}, ${sha256("another").slice(0, 19)} in ${differs}`;
      await expect(asked).rejects.toMatchObject({
        code: "usage",
        message: `app:1 matches several images of containerd: ${where}`,
        hint: `Use the digest: containerd:${sha256(index)}.`,
      });
    }
  });

  test("of containerd is opened though another folder is damaged, which counts only when none has it", async () => {
    const damaged = containerdOf("containerd-damaged", sha256(index));
    writeFileSync(join(damaged, "io.containerd.metadata.v1.bolt", "meta.db"), "damaged");
    const partial = containerdOf("containerd-partial", sha256(index));
    const manifest = join(partial, "io.containerd.content.v1.content", "blobs", "sha256", sha256(index).slice(7));
    writeFileSync(manifest, "{}");
    for (const other of [damaged, partial]) {
      for (const storage of [
        [other, containerd],
        [containerd, other],
      ]) {
        using target = await openTarget("containerd:app:1", { ...options, containerd: { storage } });
        expect(target.target).toMatchObject({ kind: "containerd", tags: ["docker.io/library/app:1"] });
      }
    }
    const asked = openTarget("containerd:app:2", { ...options, containerd: { storage: [damaged, containerd] } });
    await expect(asked).rejects.toMatchObject({ code: "layout-malformed" });
  });

  test("of containerd is not looked for any further once that was cancelled", async () => {
    const many = join(base, "containerd-many");
    writeLayout(join(many, "io.containerd.content.v1.content"), content);
    mkdirSync(join(many, "io.containerd.metadata.v1.bolt"));
    const named = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`docker.io/library/a:${at}`, { target: { digest: sha256(`${at}`) } }]),
    );
    const metadata = boltFile({ v1: { default: { images: named } } });
    writeFileSync(join(many, "io.containerd.metadata.v1.bolt", "meta.db"), metadata);
    const controller = new AbortController();
    const { signal } = controller;
    setImmediate(() => controller.abort());
    const asked = openTarget(`containerd:${sha256("none")}`, { ...options, signal, containerd: { storage: [many] } });
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
  });

  test("is found under its plain name when no engine runs, and else the engine's error stays", async () => {
    const docker = { host: `unix://${noSocket}` };
    const podman = { storage: [unreadable, emptyStore] };
    using target = await openTarget("app:1", { ...options, docker, podman, containerd: { storage: [containerd] } });
    expect(target.target.kind).toBe("containerd");
    const nowhere = openTarget("app:1", { ...options, docker, podman, containerd: { storage: [none] } });
    await expect(nowhere).rejects.toMatchObject({
      code: "target-not-found",
      message: expect.stringContaining("no Docker Engine found"),
    });
    const forced = openTarget("docker:app:1", { ...options, docker, containerd: { storage: [containerd] } });
    await expect(forced).rejects.toMatchObject({ code: "engine-unreachable" });
  });
});
