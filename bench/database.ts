import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { verifyDatabase } from "../src/advisories/database/verify-database.ts";
import { bucketFolder } from "./bucket.ts";
import type { MatchTimes } from "./match-packages.ts";
import { median, type Run, runOnce } from "./measure.ts";
import { programModules } from "./program-modules.ts";

const rounds = 5;

/**
 * Times the building of a database against reading and parsing its input, and matching against it. The input is real records in the
 * layout of OSV.dev's export; beyond their number, copies with other names.
 */
export async function benchDatabase(): Promise<void> {
  const bucket = bucketFolder();
  if (bucket === undefined) {
    write("There is no corpus beside this clone; set PLIMSOLL_CORPUS to its folder.");
    return;
  }
  write(`${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.versions.node}`);
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-database-"));
  try {
    await benchSize({ bucket, folder, records: 40_000, target: "target 20000 ms, 300 MB" });
    await benchSize({ bucket, folder, records: 300_000, target: "" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Size {
  readonly bucket: string;
  readonly folder: string;
  readonly records: number;
  /** What building should take. */
  readonly target: string;
}

async function benchSize({ bucket, folder, records, target }: Size): Promise<void> {
  const [database, packages] = [join(folder, `${records}.db`), join(folder, `${records}.json`)];
  const child = (name: string, ...args: string[]): string[] => [
    process.execPath,
    join(import.meta.dirname, name),
    ...args,
  ];
  const floor = await runOnce({ name: "floor", command: child("read-records.ts", bucket, String(records)) });
  const build = await runOnce({
    name: "build",
    command: child("build-records.ts", bucket, String(records), database, packages),
  });
  write(`\n${records} records`);
  line("floor: read and parse JSON", floor, rate(records, floor));
  const size = (statSync(database).size / 1_000_000).toFixed(0);
  const times = (build.milliseconds / floor.milliseconds).toFixed(1);
  line("build", build, [rate(records, build), `${times} × the floor`, `${size} MB`, target].filter(Boolean).join(", "));
  const match = child("match-packages.ts", database, packages);
  matchPackages(match, { where: "in a new process, nothing compiled", cache: undefined });
  const cache = join(folder, "compiled");
  execFileSync(process.execPath, match.slice(1), { env: { ...process.env, NODE_COMPILE_CACHE: cache } });
  matchPackages(match, { where: "in a new process", cache });
  matchPackages([...match, "warm"], { where: "in one that matched others", cache });
  const modules = await programModules(1000);
  if (modules.length > 0) {
    const list = join(folder, "modules.json");
    writeFileSync(list, JSON.stringify(modules));
    matchPackages(child("match-packages.ts", database, list), {
      where: "Go modules of programs, in a new process",
      cache,
    });
  }
  const start = performance.now();
  const { digest } = await verifyDatabase(database);
  line("verify", { milliseconds: performance.now() - start }, digest);
}

interface Matching {
  readonly where: string;
  /** The folder of what an earlier process compiled; without it everything is compiled anew. */
  readonly cache: string | undefined;
}

/** Each round in a process of its own, as a scan is. */
function matchPackages([program = "", ...args]: readonly string[], { where, cache }: Matching): void {
  const { NODE_COMPILE_CACHE: _cache, ...environment } = process.env;
  const env = cache === undefined ? environment : { ...environment, NODE_COMPILE_CACHE: cache };
  const runs = Array.from({ length: rounds }, () => JSON.parse(execFileSync(program, args, { encoding: "utf8", env })));
  const all = runs as readonly MatchTimes[];
  const [first] = all;
  line("open", { milliseconds: median(all.map(({ open }) => open)) }, "target 10 ms");
  line(
    `match ${first?.packages} packages`,
    { milliseconds: median(all.map(({ match }) => match)) },
    `${where}, ${first?.findings} findings (target 100 ms)`,
  );
  line("  processor time of it", { milliseconds: median(all.map(({ processor }) => processor)) }, "");
  line("  of which look-ups", { milliseconds: median(all.map(({ lookUp }) => lookUp)) }, "");
}

function rate(records: number, run: Run): string {
  return `${Math.round((records / run.milliseconds) * 1000)} records/s`;
}

function line(name: string, { milliseconds, megabytes }: Run, remark: string): void {
  const memory = megabytes === undefined ? "" : `${megabytes.toFixed(0)} MB`;
  const time = milliseconds < 100 ? milliseconds.toFixed(1) : milliseconds.toFixed(0);
  write(`  ${name.padEnd(28)} ${time.padStart(7)} ms  ${memory.padStart(7)}  ${remark}`);
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
