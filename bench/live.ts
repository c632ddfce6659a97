import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const root = resolve(import.meta.dirname, "..");

/**
 * `npm run bench -- live [--seconds N] [--rate EVENTS]…`: a generator on one core opens and closes a file, the probe, the
 * helper and Plimsoll run on another. For each rate: events that were offered, seen and lost, the processor time of each
 * part. Then the cost of the calls with and without the probe.
 */
export async function benchLive(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: "string", default: "20" }, rate: { type: "string", multiple: true } },
  });
  const seconds = Number(values.seconds);
  const rates = (values.rate ?? ["50000", "100000", "150000", "200000", "261000", "300000"]).map(Number);
  if (!existsSync(join(root, "probe/build/plimsoll-probe"))) throw new Error("build the probe: npm run build:probe");
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-live-"));
  try {
    const generator = join(folder, "open-and-close");
    execFileSync("cc", ["-O2", "-o", generator, join(import.meta.dirname, "open-and-close.c")]);
    print(["offered/s", "offered", "seen", "lost", "generator ns", "helper %", "node %", "node MB"]);
    const without = generate(generator, 5, 0);
    for (const rate of rates) print(await measure(generator, { seconds, rate }));
    const full = await measure(generator, { seconds: 5, rate: 0 });
    print(full);
    const ratio = Number(full[4]) / (await without).nanoseconds;
    process.stdout.write(
      `open+close without the probe ${(await without).nanoseconds} ns, with it ${ratio.toFixed(2)} times that\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Generated {
  readonly events: number;
  /** Processor time of one open and close. */
  readonly nanoseconds: number;
}

async function measure(
  generator: string,
  { seconds, rate }: { readonly seconds: number; readonly rate: number },
): Promise<readonly (string | number)[]> {
  const watch = startWatch();
  await watch.ready;
  const pids = [watch.child.pid ?? 0, ...childrenOf(watch.child.pid ?? 0)];
  const [nodeBefore = 0, helperBefore = 0] = pids.map(processorSeconds);
  const { events, nanoseconds } = await generate(generator, seconds, rate / 2);
  // What waits in buffers is seen now.
  await sleep(1500);
  const [nodeAfter = 0, helperAfter = 0] = pids.map(processorSeconds);
  const memory = memoryOf(pids[0] ?? 0);
  watch.child.kill("SIGINT");
  const { seen, lost } = await watch.ended;
  const share = (used: number): string => ((used / seconds) * 100).toFixed(0);
  return [
    Math.round(events / seconds),
    events,
    seen,
    lost,
    nanoseconds,
    share(helperAfter - helperBefore),
    share(nodeAfter - nodeBefore),
    memory,
  ];
}

interface RunningWatch {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly ended: Promise<{ readonly seen: number; readonly lost: number }>;
}

function startWatch(): RunningWatch {
  const command = [process.execPath, join(root, "src/apps/cli/main.ts"), "watch", "--live", "--to", "file:/dev/null"];
  const child = spawn("taskset", ["-c", "1", ...command], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  const { promise, resolve: isReady } = Promise.withResolvers<void>();
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
    if (text.includes("watching the system calls")) isReady();
  });
  const ended = new Promise<{ seen: number; lost: number }>((done) => {
    child.on("close", () => {
      isReady();
      const number = (digits = "0"): number => Number(digits.replaceAll(",", ""));
      const losses = Array.from(text.matchAll(/([\d,]+) events? of this machine (?:was|were) lost/g), ([, n]) =>
        number(n),
      );
      done({ seen: number(/^([\d,]+) events?,/m.exec(text)?.[1]), lost: losses.reduce((sum, n) => sum + n, 0) });
    });
  });
  return { child, ready: promise, ended };
}

function generate(generator: string, seconds: number, rate: number): Promise<Generated> {
  const child = spawn("taskset", ["-c", "0", generator, String(seconds), String(rate)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  return new Promise((done) => {
    child.on("close", () => {
      const [count = 0, nanoseconds = 0] = text.trim().split(" ").map(Number);
      done({ events: count * 2, nanoseconds });
    });
  });
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

/** Of all threads: the clock of a process counts in steps that short work may always miss. */
function processorSeconds(pid: number): number {
  const used = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return used.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e9;
}

function memoryOf(pid: number): number {
  return Math.round(Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024);
}

function print(columns: readonly (string | number)[]): void {
  process.stdout.write(`${columns.map((column) => String(column).padStart(13)).join("")}\n`);
}
