import { rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../tools/development/build.ts";
import { type BenchImage, makeImages } from "./images.ts";
import { findProgram, median, type Run, ratio, runInTurn, type TimedCommand } from "./measure.ts";

const rounds = 5;

/** Times a scan against its floor, against reading and hashing, against an empty process, and against peers on the path. */
export async function benchScan(): Promise<void> {
  const plimsoll = await builtProgram();
  const folder = join(tmpdir(), "plimsoll-bench");
  write(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.versions.node}, ${rounds} rounds, medians`,
  );
  startUp(plimsoll);
  for (const image of makeImages(folder)) {
    write(`\n${image.name}: ${image.layers.length} layers, ${megabytes(image.size)} MB`);
    againstFloor(plimsoll, image, folder);
    againstHashing(plimsoll, image);
    againstPeers(plimsoll, image, folder);
  }
}

async function builtProgram(): Promise<readonly string[]> {
  const folder = await build();
  return [process.execPath, join(folder, "plimsoll.js")];
}

function startUp(plimsoll: readonly string[]): void {
  const [version = [], empty = []] = runInTurn(
    [
      { name: "plimsoll --version", command: [...plimsoll, "--version"] },
      { name: "empty process", command: [process.execPath, "-e", "0"] },
    ],
    15,
  );
  line(
    "plimsoll --version",
    version,
    `${(middle(version) - middle(empty)).toFixed(0)} ms more than an empty process (target 60)`,
  );
}

function againstFloor(plimsoll: readonly string[], image: BenchImage, folder: string): void {
  const cache = join(folder, "cache");
  const scan = [...plimsoll, "scan", image.ociArchive, "--format", "json", "--quiet", "--cache", cache];
  const [floor = [], cold = []] = runInTurn(
    [
      { name: "floor", command: [process.execPath, join(import.meta.dirname, "floor.ts"), ...image.layers] },
      { name: "scan", command: scan, prepare: () => rmSync(cache, { recursive: true, force: true }) },
    ],
    rounds,
  );
  const [warm = [], empty = []] = runInTurn(
    [
      { name: "scan, warm cache", command: scan },
      { name: "empty process", command: [process.execPath, "-e", "0"] },
    ],
    rounds,
  );
  line("floor: inflate and walk", floor, "");
  line("scan, empty cache", cold, `${ratio(cold, floor).toFixed(2)} × the floor (target 1.5)`);
  line(
    "scan, warm cache",
    warm,
    `${(middle(warm) - middle(empty)).toFixed(0)} ms more than an empty process (target 300)`,
  );
}

function againstHashing(plimsoll: readonly string[], image: BenchImage): void {
  const [hash = [], scan = []] = runInTurn(
    [
      { name: "read and hash", command: [process.execPath, join(import.meta.dirname, "hash.ts"), image.dockerArchive] },
      {
        name: "scan",
        command: [...plimsoll, "scan", image.dockerArchive, "--format", "json", "--quiet", "--no-cache"],
      },
    ],
    rounds,
  );
  line("read and hash the plain tar", hash, "");
  line("scan the plain tar", scan, `${ratio(scan, hash).toFixed(2)} × reading and hashing (target 0.25)`);
}

/**
 * The same work by others: an inventory of the same OCI layout with an empty cache, without a network and with their default
 * extractors. Trivy and Syft do not look for vulnerabilities here, Grype does when it has a database.
 */
function againstPeers(plimsoll: readonly string[], image: BenchImage, folder: string): void {
  const layout = image.ociFolder;
  const cache = join(folder, "trivy-cache");
  const emptyCache = (): void => rmSync(cache, { recursive: true, force: true });
  const trivy = [
    "trivy",
    "image",
    "--input",
    layout,
    "--cache-dir",
    cache,
    "--offline-scan",
    "--format",
    "cyclonedx",
    "-q",
  ];
  const peers: TimedCommand[] = [
    { name: "syft", command: ["syft", "scan", `oci-dir:${layout}`, "-o", "json", "-q"] },
    { name: "trivy", command: trivy, prepare: emptyCache },
    { name: "grype", command: ["grype", `oci-dir:${layout}`, "-o", "json", "-q"] },
  ];
  for (const peer of peers) {
    if (findProgram(peer.name) === undefined) {
      write(`  ${peer.name.padEnd(28)} not on the path`);
      continue;
    }
    const scan = [...plimsoll, "scan", image.ociFolder, "--format", "json", "--quiet", "--no-cache"];
    try {
      const [theirs = [], ours = []] = runInTurn([peer, { name: "scan", command: scan }], 3);
      line(
        peer.name,
        theirs,
        `${ratio(theirs, ours).toFixed(1)} × the time of plimsoll scan (${middle(ours).toFixed(0)} ms)`,
      );
    } catch (error) {
      write(`  ${peer.name.padEnd(28)} failed: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
  }
}

function line(name: string, runs: readonly Run[], remark: string): void {
  const memory = Math.max(...runs.map((run) => run.megabytes ?? 0));
  const peak = memory > 0 ? `${memory.toFixed(0)} MB` : "";
  write(`  ${name.padEnd(28)} ${middle(runs).toFixed(0).padStart(6)} ms  ${peak.padStart(7)}  ${remark}`);
}

function middle(runs: readonly Run[]): number {
  return median(runs.map((run) => run.milliseconds));
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
