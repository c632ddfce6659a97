import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const program = "/usr/sbin/clamd";
const startWithin = 30_000;

/** Why no clamd can be started here; undefined when it is worth a try. */
export const clamdObstacle: string | undefined = existsSync(program) ? undefined : "needs Debian's clamav-daemon";

/** The files of Debian's `clamav-testfiles`: one program in archives, packers and documents of many kinds. */
export function clamavTestFiles(): readonly { readonly name: string; readonly content: Buffer }[] {
  let list = "";
  try {
    list = execFileSync("dpkg-query", ["-L", "clamav-testfiles"], { stdio: ["ignore", "pipe", "ignore"] }).toString();
  } catch {
    // Not Debian, or not installed.
  }
  return list
    .split("\n")
    .filter((path) => /\/clamav-testfiles\/clam[^/]*$/.test(path))
    .map((path) => ({ name: basename(path), content: readFileSync(path) }));
}

/** A clamd of one test file. */
export interface RunningClamd {
  readonly socket: string;
  /** Ends it at once. */
  kill(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How a clamd is to run. */
export interface ClamdOptions {
  /** Lines of an `.hdb` file. */
  readonly hashes: readonly string[];
  /** More lines of its configuration. */
  readonly configuration?: readonly string[];
}

/** Starts Debian's clamd with these signatures alone; throws with its last words when it does not come up. */
export async function startClamd({ hashes, configuration = [] }: ClamdOptions): Promise<RunningClamd> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-clamd-"));
  const socket = join(folder, "clamd.sock");
  writeFileSync(join(folder, "test.hdb"), `${hashes.join("\n")}\n`);
  const lines = ["Foreground yes", "User root", `LocalSocket ${socket}`, `DatabaseDirectory ${folder}`];
  writeFileSync(join(folder, "clamd.conf"), `${[...lines, ...configuration].join("\n")}\n`);
  const child = spawn(program, ["--config-file", join(folder, "clamd.conf")], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const note = (text: Buffer) => {
    log = (log + text.toString()).slice(-5000);
  };
  child.stdout.on("data", note);
  child.stderr.on("data", note);
  child.on("error", (error) => note(Buffer.from(error.message)));
  const kill = () => end(child);
  const dispose = async (): Promise<void> => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + startWithin;
  while (Date.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    if (existsSync(socket) && log.includes("Self checking")) return { socket, kill, [Symbol.asyncDispose]: dispose };
    await delay(20);
  }
  await dispose();
  throw new Error(`clamd does not start: ${log.trimEnd().split("\n").at(-1)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGKILL");
  await ended;
}
