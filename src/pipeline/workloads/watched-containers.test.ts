import { spawn } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { seesAllProcesses } from "../../io/processes/sees-all-processes.ts";
import { type WatchedContainer, watchedContainers } from "./watched-containers.ts";

const folder = temporaryFolder();
const id = (digit: string): string => digit.repeat(64);

describe.skipIf(process.platform !== "linux" || !seesAllProcesses())("a process with the name of conmon", () => {
  const program = join(folder, "conmon");
  beforeAll(() => symlinkSync("/bin/sh", program));

  /** Starts one that watches over the container of a digit, and runs a script. */
  function start(digit: string, args: readonly string[] = [], script = ""): number | undefined {
    const child = spawn(program, ["-s", "--", "-c", id(digit), ...args], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    child.stdin.write(`${script}\n`);
    onTestFinished(() => void process.kill(-(child.pid ?? 0)));
    return child.pid;
  }

  const watched = (digit: string): readonly WatchedContainer[] =>
    (watchedContainers("podman") ?? []).filter((one) => one.id === id(digit));

  test("tells which container it watches over and whose it is", async () => {
    const pid = start("9");
    await vi.waitFor(() => expect(watched("9")).toEqual([{ id: id("9"), pid, uid: process.getuid?.() }]));
    expect(watchedContainers("containerd")).not.toContainEqual(expect.objectContaining({ id: id("9") }));
  });

  test("tells that its container is CRI-O's", async () => {
    start("8", ["--exit-dir", "/var/run/crio/exits"]);
    await vi.waitFor(() => expect(watched("8")).toMatchObject([{ isCrioContainer: true }]));
  });

  test("that watches over a command in a container tells of none", async () => {
    const pid = start("7", ["--exit-delay", "300", "-e", "--exec-attach"]);
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/comm`, "latin1")).toBe("conmon\n"));
    expect(watched("7")).toEqual([]);
  });

  test("that waits for its exit command alone watches over no container any more", async () => {
    const exit = ["--exit-command", "sleep", "--exit-command-arg", "61"];
    start("6", exit, "sleep 61 &");
    start("5", exit, "sleep 61 & sleep 62 &");
    start("4", exit, "sleep 62 &");
    const all = ["4", "5", "6"];
    await vi.waitFor(() => expect(all.map((digit) => watched(digit).length)).toEqual([1, 1, 0]));
  });
});
