import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { obstacleTo, run } from "./programs.ts";

const program = "podman";

/** Why Podman cannot be used here, as far as can be told without trying. */
export const podmanObstacle: string | undefined = obstacleTo(program);

/** A store of Podman that belongs to one test file. */
export interface PodmanStore {
  /** Its folder, in the form of containers/storage. */
  readonly root: string;
  /** Runs `podman` on this store. */
  podman(...args: readonly string[]): string;
  /** Starts Podman's service on this store; a value of `DOCKER_HOST`. */
  serve(): Promise<string>;
  /** Stops the service and removes all. */
  remove(): Promise<void>;
}

/** How a store is used. */
export interface PodmanStoreOptions {
  /** Values of `pull_options` in storage.conf. Source: containers-storage.conf(5). */
  readonly pullOptions?: Readonly<Record<string, string>>;
}

/** Makes an empty store. */
export function makePodmanStore(driver: "overlay" | "vfs", { pullOptions }: PodmanStoreOptions = {}): PodmanStore {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-podman-"));
  const root = join(folder, "root");
  const socket = join(folder, "podman.sock");
  const variables = pullOptions ? { CONTAINERS_STORAGE_CONF: writeConfiguration(folder, { driver, pullOptions }) } : {};
  const place = ["--root", root, "--runroot", join(folder, "run"), "--storage-driver", driver];
  let stopService: (() => Promise<void>) | undefined;
  return {
    root,
    podman: (...args) => run(program, [...place, ...args], variables),
    async serve() {
      const child = spawn(program, [...place, "system", "service", "--time", "0", `unix://${socket}`], {
        stdio: "ignore",
      });
      const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      stopService = async () => {
        child.kill("SIGTERM");
        await Promise.race([exited, delay(10_000, undefined, { ref: false })]);
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      };
      for (let waited = 0; !existsSync(socket) && waited < 20_000; waited += 50) await delay(50);
      return `unix://${socket}`;
    },
    async remove() {
      await stopService?.();
      // The driver mounts this folder on itself.
      if (readFileSync("/proc/self/mounts", "utf8").includes(` ${join(root, driver)} `))
        run("umount", [join(root, driver)]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeConfiguration(
  folder: string,
  { driver, pullOptions }: { readonly driver: string; readonly pullOptions: Readonly<Record<string, string>> },
): string {
  const path = join(folder, "storage.conf");
  const values = Object.entries(pullOptions).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const lines = ["[storage]", `driver = "${driver}"`, `runroot = "${join(folder, "run")}"`];
  lines.push(`graphroot = "${join(folder, "root")}"`, "[storage.options]", `pull_options = {${values.join(", ")}}`, "");
  writeFileSync(path, lines.join("\n"));
  return path;
}
