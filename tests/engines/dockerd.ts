import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const program = "dockerd";

/** Why no engine can be started here, as far as can be told without trying; undefined when it is worth a try. */
export const obstacle: string | undefined = findObstacle();

/** An engine that belongs to one test file: own socket, own data, no network. */
export interface RunningDockerd {
  /** A value of `DOCKER_HOST`. */
  readonly host: string;
  /** Where its socket, its configuration file `config.json` and its data lie. */
  readonly folder: string;
  post(path: string, body?: Uint8Array): Promise<void>;
  /** Sends an object as JSON, and resolves with what the engine answers. */
  postJson(path: string, body: object): Promise<string>;
  getJson(path: string): Promise<unknown>;
  delete(path: string): Promise<void>;
  /** Stops it and removes all that it wrote. */
  stop(): Promise<void>;
}

const startWithin = 20_000;
const stopWithin = 10_000;

/** How an engine is set up beside the usual. */
export interface DockerdSetup {
  readonly config?: object;
  /** Further arguments; `FOLDER` in them stands for the engine's own folder. */
  readonly args?: readonly string[];
  /** Called with the engine's folder before the engine starts. */
  readonly prepare?: (folder: string) => void;
  /** Gives it a network and mounts of its own, with a bridge and rules of the firewall, which nothing outside sees. */
  readonly ownNetwork?: boolean;
  /** Shell commands that run before the engine, in its own mounts; with `ownNetwork` only. `FOLDER` stands for its folder. */
  readonly mounts?: string;
}

/** Starts an engine; the reason in one line when it does not come up. The driver vfs works everywhere. */
export async function startDockerd(
  driver: "vfs" | "overlay2" = "vfs",
  { config = {}, args = [], prepare, ownNetwork = false, mounts = "" }: DockerdSetup = {},
): Promise<RunningDockerd | string> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-dockerd-"));
  const socket = join(folder, "docker.sock");
  const inFolder = (text: string): string => text.replaceAll("FOLDER", folder);
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  prepare?.(folder);
  const noNetwork = ["--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-masq=false"];
  const child = spawn(
    ownNetwork ? "unshare" : program,
    [
      ...(ownNetwork ? ["--net", "--mount", "sh", "-ec", `${inFolder(mounts)}\nexec "$0" "$@"`, program] : []),
      ...["--host", `unix://${socket}`, "--config-file", join(folder, "config.json")],
      ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec"), "--pidfile", join(folder, "pid")],
      ...["--storage-driver", driver],
      ...(ownNetwork ? [] : noNetwork),
      ...args.map(inFolder),
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let lastLine = "it said nothing";
  child.on("error", (error) => {
    lastLine = error.message;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    lastLine = text.trimEnd().split("\n").at(-1) || lastLine;
  });
  const stop = async (): Promise<void> => {
    await end(child, join(folder, "exec", "containerd", "containerd.pid"));
    rmSync(folder, { recursive: true, force: true });
  };
  const post = async (path: string, body?: Uint8Array): Promise<void> => {
    await send(socket, { method: "POST", path, body });
  };
  const postJson = (path: string, body: object): Promise<string> =>
    send(socket, { method: "POST", path, body: Buffer.from(JSON.stringify(body)), type: "application/json" });
  const getJson = async (path: string): Promise<unknown> => JSON.parse(await send(socket, { method: "GET", path }));
  const remove = async (path: string): Promise<void> => {
    await send(socket, { method: "DELETE", path });
  };
  const deadline = Date.now() + startWithin;
  while (Date.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    const answers =
      existsSync(socket) &&
      (await send(socket, { method: "GET", path: "/_ping" }).then(
        () => true,
        () => false,
      ));
    if (answers) return { host: `unix://${socket}`, folder, post, postJson, getJson, delete: remove, stop };
    await delay(50);
  }
  await stop();
  return lastLine;
}

async function end(child: ChildProcess, containerdPid: string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await Promise.race([ended, delay(stopWithin, undefined, { ref: false })]);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const containerd = existsSync(containerdPid) ? Number(readFileSync(containerdPid, "utf8")) : 0;
  child.kill("SIGKILL");
  if (containerd > 1) process.kill(containerd, "SIGKILL");
  await ended;
}

function send(
  socketPath: string,
  { method, path, body, type }: { method: string; path: string; body?: Uint8Array | undefined; type?: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = type === undefined ? {} : { "content-type": type };
    const sending = request({ socketPath, method, path, headers, timeout: startWithin }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        const failed = (response.statusCode ?? 500) >= 400 || text.includes('"errorDetail"');
        if (failed) reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        else resolve(text);
      });
    });
    sending.on("error", reject);
    sending.on("timeout", () => sending.destroy(new Error(`${method} ${path} takes too long`)));
    sending.end(body);
  });
}

function findObstacle(): string | undefined {
  if (process.platform !== "linux") return "dockerd runs on Linux only";
  if (process.getuid?.() !== 0) return "dockerd needs root";
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  if (!folders.some((folder) => existsSync(join(folder, program)))) return "dockerd is not installed";
  try {
    execFileSync(program, ["--version"], { timeout: 10_000, stdio: "ignore" });
  } catch {
    return "dockerd is installed but does not start";
  }
  return undefined;
}
