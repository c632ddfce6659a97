import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { boltFile } from "../../tests/setup/bolt.ts";
import { ociLayout, sha256, writeLayout } from "../../tests/setup/image.ts";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
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

  test("of a named service of Podman that cannot be asked is not taken from a store", async () => {
    for (const [host, code, isOffline] of [
      ["ssh://me@build.example/run/podman.sock", "engine-unreachable", false],
      ["tcp://127.0.0.1:1", "usage", true],
      [`unix://${noSocket}`, "engine-unreachable", false],
    ] as const) {
      const podman = { storage: [emptyStore], hosts: [host], isNamed: true };
      const access = { ...options, ...(isOffline && { offline: true }), podman };
      await expect(openTarget("podman:app:1", access)).rejects.toMatchObject({ code });
      const docker = { host: `unix://${noSocket}` };
      using plain = await openTarget("app:1", { ...access, docker, containerd: { storage: [containerd] } });
      expect(plain.target.kind).toBe("containerd");
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
        message: "crio: is no scheme, and no image of this machine is named crio:nginx",
      });
    }
  });

  test("is found under its plain name when no engine runs, and else the engine's error stays", async () => {
    const docker = { host: `unix://${noSocket}` };
    const podman = { storage: [unreadable, emptyStore] };
    using target = await openTarget("app:1", { ...options, docker, podman, containerd: { storage: [containerd] } });
    expect(target.target.kind).toBe("containerd");
    const nowhere = openTarget("app:1", { ...options, docker, podman, containerd: { storage: [none] } });
    await expect(nowhere).rejects.toMatchObject({
      code: "target-not-found",
      message: expect.stringContaining("no Docker Engine to ask"),
    });
    const forced = openTarget("docker:app:1", { ...options, docker, containerd: { storage: [containerd] } });
    await expect(forced).rejects.toMatchObject({ code: "engine-unreachable" });
  });
});
