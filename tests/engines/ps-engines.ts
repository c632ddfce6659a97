import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Sends JSON to an engine's socket; the answer's JSON, or undefined when it has none. Throws when the engine refuses. */
export function askEngine(host: string, method: string, path: string, body?: object): Promise<unknown> {
  const socketPath = host.replace("unix://", "");
  const headers = { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const sending = request({ socketPath, method, path, headers, timeout: 30_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        if ((response.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        else resolve(text === "" ? undefined : JSON.parse(text));
      });
    });
    sending.on("error", reject);
    sending.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** An engine of a test: what it is asked with, and its end. */
export interface TestEngine {
  /** Runs the engine's own command line and returns what it writes. */
  run(...args: string[]): string;
  /** The socket of its service. */
  readonly socket: string;
  readonly folder: string;
  stop(): Promise<void>;
}

/** Podman with a store of its own and its service; the reason in one line when it does not work here. */
export async function startPodman(archive: string): Promise<TestEngine | string> {
  if (process.getuid?.() !== 0) return "Podman's store of a test needs root";
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-podman-"));
  const socket = join(folder, "podman.sock");
  const places = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  const ways = ["--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", "runc"];
  const run = (...args: string[]): string => runProgram("podman", [...places, ...ways, ...args]);
  try {
    run("load", "--input", archive);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return firstLine(error);
  }
  const child = spawn("podman", [...places, ...ways, "system", "service", "--time", "0", `unix://${socket}`], {
    stdio: "ignore",
  });
  const stop = async (): Promise<void> => {
    spawnSync("podman", [...places, ...ways, "rm", "--force", "--all", "--time", "0"]);
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  if (await appears(socket, child)) return { run, socket, folder, stop };
  await stop();
  return "Podman's service does not start";
}

/** containerd with folders of its own; the reason in one line when it does not work here. */
export async function startContainerd(): Promise<TestEngine | string> {
  if (process.getuid?.() !== 0) return "containerd needs root";
  if (spawnSync("ctr", ["--version"]).status !== 0) return "containerd is not installed";
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-containerd-"));
  const socket = join(folder, "state", "containerd.sock");
  const child = spawn(
    "containerd",
    ["--root", join(folder, "root"), "--state", join(folder, "state"), "--address", socket],
    { stdio: "ignore" },
  );
  const run = (...args: string[]): string => runProgram("ctr", ["--address", socket, ...args]);
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  if (await appears(socket, child)) return { run, socket, folder, stop };
  await stop();
  return "containerd does not start";
}

function runProgram(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** What went wrong, for the name of a skipped test. */
export function firstLine(error: unknown): string {
  const { stderr, message = String(error) } = error as { readonly stderr?: string; readonly message?: string };
  return (stderr?.trim() || message).split("\n").at(-1) ?? "";
}

async function appears(socket: string, child: ChildProcess): Promise<boolean> {
  let failed = false;
  child.on("error", () => {
    failed = true;
  });
  for (let attempt = 0; attempt < 200 && !failed && child.exitCode === null; attempt++) {
    if (existsSync(socket)) return true;
    await delay(50);
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await Promise.race([ended, delay(5000, undefined, { ref: false })]);
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await ended;
}
