import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { listWorkloads } from "./list-workloads.ts";
import { unlistedOfPodman } from "./unlisted-of-podman.ts";
import type { WatchedContainer } from "./watched-containers.ts";

const folder = temporaryFolder();
const id = (digit: string): string => digit.repeat(64);
const container = (digit: string, uid: number): WatchedContainer => ({ id: id(digit), pid: 7, uid });

describe("containers of Podman that run and are in no list", () => {
  test("are told to the user whose they are, once each", () => {
    const [told, ...others] = unlistedOfPodman([container("a", 1000), container("a", 1000), container("b", 1001)], {
      uid: 1000,
      isRoot: false,
    });
    expect(told).toMatchObject({
      message: "podman runs a container of your user outside the folders that were read: aaaaaaaaaaaa",
      hint: expect.stringContaining("CONTAINERS_STORAGE_CONF"),
    });
    expect(others).toEqual([]);
  });

  test("are all told to root, with the users and how to list them", () => {
    const watched = ["c", "d", "e"].map((digit) => container(digit, 1001));
    const told = unlistedOfPodman([container("a", 0), container("b", 1002), ...watched], { uid: 0, isRoot: true });
    expect(told.map(({ message }) => message)).toEqual([
      "podman runs a container of your user outside the folders that were read: aaaaaaaaaaaa",
      "podman also runs rootless containers of other users: 3 containers of uid 1001, a container of uid 1002",
    ]);
    expect(told[1]?.hint).toContain("sudo -iu '#1001' plimsoll ps");
  });

  test("are those of one user alone to who is called root in a user namespace", () => {
    const told = unlistedOfPodman([container("a", 0), container("b", 65534)], { uid: 0, isRoot: false });
    expect(told.map(({ message }) => message)).toEqual([
      "podman runs a container of your user outside the folders that were read: aaaaaaaaaaaa",
    ]);
  });

  test("are told as CRI-O's where CRI-O runs them", () => {
    const watched = [
      container("a", 0),
      ...["b", "c"].map((digit) => ({ ...container(digit, 0), isCrioContainer: true as const })),
    ];
    expect(unlistedOfPodman(watched, { uid: 0, isRoot: true })).toMatchObject([
      { message: "podman runs a container of your user outside the folders that were read: aaaaaaaaaaaa" },
      {
        message: "cri-o runs 2 containers outside the folders that were read: bbbbbbbbbbbb, cccccccccccc",
        hint: expect.stringContaining("--kubeconfig"),
      },
    ]);
    expect(unlistedOfPodman(watched, { uid: 1000, isRoot: false })).toEqual([]);
  });

  test("are not all named where there are many", () => {
    const watched = Array.from("0123456789abcdef", (digit, index) => container(digit, index < 8 ? 0 : 1000 + index));
    const messages = unlistedOfPodman(watched, { uid: 0, isRoot: true }).map(({ message }) => message);
    expect(messages[0]).toMatch(/^podman runs 8 containers of your user .*, 444444444444, and 3 more$/);
    expect(messages[1]).toMatch(/a container of uid 1012, and those of 3 more users$/);
  });
});

describe("a listing of Podman", () => {
  const store = join(folder, "store");
  mkdirSync(join(store, "overlay-images"), { recursive: true });
  writeFileSync(join(store, "overlay-images", "images.json"), "[]");
  const podman = { storage: [store], state: [join(folder, "none")], hosts: [] };
  const options = { required: new Set<never>(), signal: new AbortController().signal };
  const own = process.getuid?.() ?? 0;

  test("tells of what runs all the while and is not listed", async () => {
    const answers = [[container("a", own), container("b", own)], [container("b", own)]];
    const watched = (): readonly WatchedContainer[] => answers.shift() ?? [];
    const { engines, workloads, unlisted } = await listWorkloads({ podman }, { ...options, watched });
    expect([engines, workloads]).toEqual([["podman"], []]);
    expect(unlisted).toMatchObject([{ engine: "podman", message: expect.stringMatching(/were read: b{12}$/) }]);
  });

  test("that finds no Podman tells how to list what runs all the same", async () => {
    const watched = (): readonly WatchedContainer[] => [container("a", own)];
    const access = { storage: [join(folder, "none")], state: [folder], hosts: [`unix://${join(folder, "none.sock")}`] };
    const required = new Set(["podman"] as const);
    await expect(listWorkloads({ podman: access }, { ...options, required, watched })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^no container engine responds: podman runs a container of your user .*; no Docker Engine socket/,
      ),
      hint: expect.stringContaining("CONTAINERS_STORAGE_CONF"),
    });
  });

  test("tells of none where the service that the user named is asked alone", async () => {
    const watched = (): readonly WatchedContainer[] => [container("a", own)];
    const named = { hosts: [`unix://${join(folder, "none.sock")}`], isNamed: true };
    await expect(listWorkloads({ podman: named }, { ...options, watched })).rejects.toMatchObject({
      message: expect.stringMatching(/^no Docker Engine socket found/),
    });
  });

  test("tells of no container that one of its folders says has ended, while its watcher is still there", async () => {
    const root = join(folder, "with-ended");
    for (const name of ["overlay-images", "overlay-containers"]) mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, "overlay-images", "images.json"), "[]");
    const records = ["a", "b"].map((digit) => ({ id: id(digit), names: [digit], image: "", metadata: "{}" }));
    writeFileSync(join(root, "overlay-containers", "containers.json"), JSON.stringify(records));
    const files = join(folder, "state", "overlay-containers", id("a"), "userdata");
    mkdirSync(files, { recursive: true });
    writeFileSync(join(files, "pidfile"), "4194305");
    const watched = (): readonly WatchedContainer[] => [container("a", own), container("b", own)];
    const access = { storage: [root], state: [join(folder, "state")], hosts: [] };
    const { unlisted } = await listWorkloads({ podman: access }, { ...options, watched });
    // Only the name of the other one is known: its containers are in a folder that was not read.
    expect(unlisted).toMatchObject([{ message: expect.stringMatching(/were read: b{12}$/) }]);
  });

  test.skipIf(process.platform === "win32")("takes a socket that nobody named and nobody serves for none", async () => {
    const path = join(folder, "left.sock");
    const leave = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", leave]);
    const access = { ...podman, hosts: [`unix://${path}`] };
    const watched = (): readonly WatchedContainer[] => [];
    const { engines, unlisted } = await listWorkloads({ podman: access }, { ...options, watched });
    expect([engines, unlisted]).toEqual([["podman"], []]);
    const told = [{ message: expect.stringContaining("no response from") }];
    const named = await listWorkloads({ podman: { ...access, isNamed: true } }, { ...options, watched });
    expect(named.unlisted).toMatchObject(told);
    await expect(listWorkloads({ podman: { hosts: access.hosts } }, options)).rejects.toMatchObject(told[0] ?? {});
  });

  test("leaves to the cluster what CRI-O runs, where the cluster answers", async () => {
    const server = createServer((_, response) => void response.end(JSON.stringify({ items: [], metadata: {} })));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const kubeconfig = join(folder, "kubeconfig");
    const entry = {
      name: "it",
      cluster: { server: `http://127.0.0.1:${port}` },
      context: { cluster: "it", user: "it" },
    };
    const content = {
      clusters: [entry],
      contexts: [entry],
      users: [{ name: "it", user: {} }],
      "current-context": "it",
    };
    writeFileSync(kubeconfig, JSON.stringify(content));
    const watched = (): readonly WatchedContainer[] => [{ ...container("c", own), isCrioContainer: true }];
    const alone = await listWorkloads({ podman }, { ...options, watched });
    expect(alone.unlisted).toMatchObject([{ message: expect.stringMatching(/^cri-o runs a container .*c{12}$/) }]);
    const kubernetes = { kubeconfigs: [kubeconfig], named: true, exec: { environment: {}, searchPath: "" } };
    const { engines, unlisted } = await listWorkloads({ podman, kubernetes }, { ...options, watched });
    expect([engines, unlisted]).toEqual([["podman", "kubernetes (it)"], []]);
  });
});
