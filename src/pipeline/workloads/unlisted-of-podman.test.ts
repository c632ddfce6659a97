import { spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { seesAllProcesses } from "../../io/sees-all-processes.ts";
import { listWorkloads } from "./list-workloads.ts";
import { unlistedOfPodman } from "./unlisted-of-podman.ts";
import { type WatchedContainer, watchedContainers } from "./watched-containers.ts";

const folder = temporaryFolder();
const id = (digit: string): string => digit.repeat(64);
const container = (digit: string, uid: number): WatchedContainer => ({ id: id(digit), pid: 7, uid });

describe("containers of Podman that run and are in no list", () => {
  test("are told to the user whose they are, once each", () => {
    const [told, ...others] = unlistedOfPodman([container("a", 1000), container("a", 1000), container("b", 1001)], {
      uid: 1000,
    });
    expect(told).toMatchObject({
      message: "podman runs a container of yours that is in no folder that was read: aaaaaaaaaaaa",
      hint: expect.stringContaining("CONTAINERS_STORAGE_CONF"),
    });
    expect(others).toEqual([]);
  });

  test("are all told to root, with the users and how to list them", () => {
    const watched = ["c", "d", "e"].map((digit) => container(digit, 1001));
    const told = unlistedOfPodman([container("a", 0), container("b", 1002), ...watched], { uid: 0 });
    expect(told.map(({ message }) => message)).toEqual([
      "podman runs a container of yours that is in no folder that was read: aaaaaaaaaaaa",
      "podman also runs containers of users without root, in folders of theirs: 3 containers of uid 1001, a container of uid 1002",
    ]);
    expect(told[1]?.hint).toContain("sudo -iu '#1001' plimsoll ps");
  });

  test("are not all named where there are many", () => {
    const watched = Array.from("0123456789abcdef", (digit, index) => container(digit, index < 8 ? 0 : 1000 + index));
    const messages = unlistedOfPodman(watched, { uid: 0 }).map(({ message }) => message);
    expect(messages[0]).toMatch(/^podman runs 8 containers of yours .*, 444444444444, and 3 more$/);
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
    expect(unlisted).toMatchObject([{ engine: "podman", message: expect.stringMatching(/was read: b{12}$/) }]);
  });

  test("that finds no Podman tells how to list what runs all the same", async () => {
    const watched = (): readonly WatchedContainer[] => [container("a", own)];
    const access = { storage: [join(folder, "none")], state: [folder], hosts: [`unix://${join(folder, "none.sock")}`] };
    const required = new Set(["podman"] as const);
    await expect(listWorkloads({ podman: access }, { ...options, required, watched })).rejects.toMatchObject({
      message: expect.stringMatching(/^no container engine answers: podman runs a container of yours .*; there is no/),
      hint: expect.stringContaining("CONTAINERS_STORAGE_CONF"),
    });
  });

  test("tells of none where the service that the user named is asked alone", async () => {
    const watched = (): readonly WatchedContainer[] => [container("a", own)];
    const named = { hosts: [`unix://${join(folder, "none.sock")}`], isNamed: true };
    await expect(listWorkloads({ podman: named }, { ...options, watched })).rejects.toMatchObject({
      message: expect.stringMatching(/^there is no/),
    });
  });
});

test.skipIf(process.platform !== "linux" || !seesAllProcesses())(
  "a process with the name of conmon tells which container it watches over and whose it is",
  async () => {
    const program = join(folder, "conmon");
    symlinkSync("/bin/sh", program);
    const child = spawn(program, ["-s", "--", "-c", id("9")], { stdio: ["pipe", "ignore", "ignore"] });
    onTestFinished(() => void child.kill());
    await vi.waitFor(() =>
      expect(watchedContainers("podman")).toContainEqual({ id: id("9"), pid: child.pid, uid: process.getuid?.() }),
    );
    expect(watchedContainers("containerd")).not.toContainEqual(expect.objectContaining({ id: id("9") }));
  },
);
