import { join } from "node:path";
import { medianTime, type Outcome, type Run, ratio, type TimedCommand, tryInTurn } from "./measure.ts";
import { peerCommands } from "./peers.ts";
import { plimsollCommands, type TimedPlimsoll } from "./plimsoll-commands.ts";
import { mostMegabytes, printRuns, write } from "./print-runs.ts";
import type { ScanSource } from "./scan-source.ts";

/** What {@link benchSource} is to do. */
export interface BenchSourceOptions {
  readonly plimsoll: TimedPlimsoll;
  /** For the peers' caches. */
  readonly folder: string;
  readonly rounds: number;
}

/**
 * Times the scan of an image at one place in turn with its floor and with the peers that are installed, cold and warm, and prints the
 * ratios.
 */
export async function benchSource(source: ScanSource, { plimsoll, folder, rounds }: BenchSourceOptions): Promise<void> {
  const ours = plimsollCommands(plimsoll, source);
  const peers = peerCommands(source, folder);
  const [floor, scan, sbom, ...others] = await tryInTurn(
    [floorOf(source), ours.cold, ours.sbom, ...peers.cold],
    rounds,
  );
  const [warm, warmSbom, ...warmPeers] = await tryInTurn([ours.warm, ours.warmSbom, ...peers.warm], rounds);
  const [floorRuns, scanRuns, warmRuns] = [floor, scan, warm].map(runsOf);
  if (!floorRuns || !scanRuns || !warmRuns) throw new Error("a command is missing");
  printRuns(`floor: ${floor?.name}`, floorRuns, "");
  printRuns(ours.cold.name, scanRuns, `${ratio(scanRuns, floorRuns).toFixed(2)} × the floor`);
  const sbomRuns = runsOf(sbom);
  printRuns(ours.sbom.name, sbomRuns, `${ratio(sbomRuns, floorRuns).toFixed(2)} × the floor`);
  for (const peer of others) printPeer(peer, { runs: scanRuns, name: "that scan" });
  printRuns(ours.warm.name, warmRuns, "");
  printRuns(ours.warmSbom.name, runsOf(warmSbom), "");
  for (const peer of warmPeers) printPeer(peer, { runs: warmRuns, name: "that scan" });
  printAnswer(others, scanRuns);
}

/** The least work: inflating packed layers once, or reading and hashing plain ones. */
function floorOf({ kind, image, archives }: ScanSource): TimedCommand {
  const program = (name: string, ...args: string[]): string[] => [
    process.execPath,
    join(import.meta.dirname, name),
    ...args,
  ];
  return kind === "docker-archive" || kind === "engine"
    ? { name: "read and hash", command: program("hash.ts", archives.dockerArchive) }
    : { name: "inflate and walk", command: program("floor.ts", ...image.layers.map(({ gzip }) => gzip)) };
}

/** The runs of what must not fail. */
function runsOf(outcome: Outcome | undefined): readonly Run[] {
  if (!outcome) throw new Error("a command was not run");
  if ("failure" in outcome) throw new Error(outcome.failure);
  return outcome.runs;
}

function printPeer(peer: Outcome, scan: { readonly runs: readonly Run[]; readonly name: string }): void {
  if ("failure" in peer) {
    write(`  ${peer.name.padEnd(28)} failed: ${peer.failure.trim().split("\n").at(-1)?.slice(0, 200)}`);
    return;
  }
  const memory = mostMegabytes(peer.runs) / mostMegabytes(scan.runs);
  const times = `${ratio(peer.runs, scan.runs).toFixed(1)} × the time of ${scan.name}`;
  printRuns(peer.name, peer.runs, Number.isFinite(memory) ? `${times}, ${memory.toFixed(1)} × its memory` : times);
}

/** Whether the aim is met: twice as fast as the fastest peer, with less memory than any. */
function printAnswer(peers: readonly Outcome[], scan: readonly Run[]): void {
  const timed = peers.flatMap((peer) => ("runs" in peer ? [peer] : []));
  const fastest = timed.toSorted((a, b) => medianTime(a.runs) - medianTime(b.runs))[0];
  if (!fastest) return;
  const times = ratio(fastest.runs, scan);
  const leaner = timed.every(({ runs }) => mostMegabytes(runs) > mostMegabytes(scan));
  const answer = times >= 2 && leaner ? "met" : "missed";
  write(`  aim ${answer}: ${times.toFixed(2)} × as fast as ${fastest.name}, ${leaner ? "less" : "more"} memory`);
}
