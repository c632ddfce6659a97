import { spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { obstacleTo, run } from "./programs.ts";

const program = "containerd";

/** Why no containerd can be started here, as far as can be told without trying. */
export const containerdObstacle: string | undefined = obstacleTo(program, "ctr");

/** A containerd that belongs to one test file. */
export interface RunningContainerd {
  /** Its folder with everything that it stores. */
  readonly root: string;
  /** The path of its socket. */
  readonly address: string;
  /** Runs `ctr`. */
  ctr(...args: readonly string[]): string;
  /** Does something as a program that does not see the folder, so that only the socket is left to it. */
  withoutFolder(work: () => Promise<void>): Promise<void>;
  /** Stops it and removes all that it wrote. */
  stop(): Promise<void>;
}

const startWithin = 20_000;

/** Starts a containerd without Kubernetes' part; the reason in one line when it does not come up. */
export async function startContainerd(): Promise<RunningContainerd | string> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-containerd-"));
  const root = join(folder, "root");
  const address = join(folder, "containerd.sock");
  const config = join(folder, "config.toml");
  writeFileSync(config, configuration({ root, state: join(folder, "state"), address }));
  const child = spawn(program, ["--config", config], { stdio: ["ignore", "ignore", "pipe"] });
  let lastLine = "it said nothing";
  child.on("error", (error) => {
    lastLine = error.message;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    lastLine = text.trimEnd().split("\n").at(-1) || lastLine;
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ctr = (...args: readonly string[]): string => run("ctr", ["--address", address, ...args]);
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await Promise.race([exited, delay(10_000, undefined, { ref: false })]);
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const withoutFolder = async (work: () => Promise<void>): Promise<void> => {
    // containerd itself has the file in it open.
    const metadata = join(root, "io.containerd.metadata.v1.bolt");
    renameSync(metadata, `${metadata}.aside`);
    try {
      await work();
    } finally {
      renameSync(`${metadata}.aside`, metadata);
    }
  };
  const deadline = Date.now() + startWithin;
  while (Date.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    try {
      ctr("--connect-timeout", "1s", "version");
      return { root, address, ctr, withoutFolder, stop };
    } catch {
      await delay(100);
    }
  }
  await stop();
  return lastLine;
}

function configuration({ root, state, address }: Record<"root" | "state" | "address", string>): string {
  return `version = 2
root = ${JSON.stringify(root)}
state = ${JSON.stringify(state)}
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = ${JSON.stringify(address)}
`;
}
