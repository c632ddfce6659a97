import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ruleSource } from "../src/pipeline/watch/rule-sources.ts";
import { eventCodesOf } from "../src/rules/language/event-codes.ts";
import { printCondition } from "../src/rules/language/print-condition.ts";
import { loadRules } from "../src/rules/loading/load-rules.ts";
import { repeatedCapture } from "../tests/setup/repeat-capture.ts";
import { largeMachine } from "./large-machine.ts";
import { write } from "./print-runs.ts";
import type { Replay } from "./replay-capture.ts";
import type { StateSize } from "./replay-state.ts";

/** What libsinsp printed of a replay. */
interface PeerReplay {
  readonly events: number;
  readonly rules: number;
  readonly refused: number;
  readonly seconds: number;
}

const corpus = join(import.meta.dirname, "../../shared/corpus/runtime");
const ruleFile = join(corpus, "rules-upstream/falco_rules.yaml");
const captures = ["curl_google", "psp_run_as_user_0_container"];
const headers = "/usr/include/falcosecurity-libs";

/**
 * Replays captures that were made large by repeating: reading alone, with the state, with 25 rules and with 1,000; then memory over
 * many events, and the size of a large state. Where Debian's `libfalcosecurity0-dev` is installed, libsinsp does the same.
 * Arguments: `--events N` for each capture, 4,000,000 unless given; `--long N` events for the run over memory, 50,000,000.
 */
export async function benchRules(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: "string", default: "4000000" },
      long: { type: "string", default: "50000000" },
      rounds: { type: "string", default: "3" },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-rules-"));
  try {
    const rounds = Number(values.rounds);
    write(
      `${cpus()[0]?.model ?? "unknown processor"}, Node ${process.versions.node}, the best of ${rounds} rounds, time of the judging thread`,
    );
    const peer = buildPeer(folder);
    const conditions = writeConditions(folder);
    for (const name of captures) {
      const path = enlarge(name, Number(values.events), folder);
      write(`\n${name}`);
      const state = best(rounds, () => replay(path, "state"));
      const few = best(rounds, () => replay(path, "rules:25"));
      const many = best(rounds, () => replay(path, "rules:1000"));
      line(
        "read events, nothing else",
        best(rounds, () => replay(path, "walk")),
      );
      line("with the state", state);
      line("with the state and 25 rules", few);
      line("with the state and 1,000 rules", many, `${(many.seconds / few.seconds).toFixed(2)} × the time of 25`);
      if (peer === undefined) continue;
      for (const [what, ours, further] of [
        ["libsinsp, with its state", state, []],
        ["libsinsp, and the same 25 rules", few, [conditions]],
      ] as const) {
        const theirs = best(rounds, () => peerReplay(peer, [path, ...further]));
        const ratio = ours.seconds / theirs.seconds;
        const refused = theirs.refused > 0 ? `, ${theirs.refused} rules refused by this version` : "";
        line(what, theirs, `ours takes ${ratio.toFixed(2)} × its time${refused}`);
      }
      rmSync(path);
    }
    if (peer === undefined)
      write("\nlibsinsp is not here: install libfalcosecurity0-dev, libtbb-dev, libjsoncpp-dev and g++");
    memoryOver(Number(values.long), folder);
    largeState(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function line(what: string, { events, seconds }: Pick<Replay, "events" | "seconds">, remark = ""): void {
  const rate = (events / seconds / 1e6).toFixed(2).padStart(6);
  write(
    `  ${what.padEnd(34)} ${events.toLocaleString("en").padStart(11)} events ${seconds.toFixed(2).padStart(6)} s cpu ${rate} M/s  ${remark}`.trimEnd(),
  );
}

function memoryOver(events: number, folder: string): void {
  const path = enlarge("curl_google", events, folder);
  const { early, late, events: seen } = replay(path, "rules:25");
  write(
    `\nmemory over ${events.toLocaleString("en")} events, of which ${seen.toLocaleString("en")} were judged by 25 rules: ${early.toFixed(0)} MB after the first million, ${late.toFixed(0)} MB at the end`,
  );
  rmSync(path);
}

function largeState(folder: string): void {
  const path = join(folder, "machine.scap");
  const file = openSync(path, "w");
  try {
    for (const piece of largeMachine({ threads: 100_000, descriptors: 1_000_000 })) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
  for (const flags of [[], ["--max-semi-space-size=16"]]) {
    const size = JSON.parse(node([...flags, "--expose-gc", "replay-state.ts", path])) as StateSize;
    const of = `${size.threads.toLocaleString("en")} threads and ${size.descriptors.toLocaleString("en")} descriptors`;
    const memory = `${size.heap.toFixed(0)} MB of heap, ${size.peak.toFixed(0)} MB resident at most`;
    write(`state of ${of}, from a capture: ${memory}${flags.length === 0 ? "" : ` with node ${flags.join(" ")}`}`);
  }
  rmSync(path);
}

function replay(path: string, mode: string): Replay {
  return JSON.parse(node(["replay-capture.ts", path, mode])) as Replay;
}

function node(args: readonly string[]): string {
  const at = args.findIndex((arg) => arg.endsWith(".ts"));
  const own = args.map((arg, index) => (index === at ? join(import.meta.dirname, arg) : arg));
  return execFileSync(process.execPath, own, { encoding: "utf8", env: { ...process.env, RULES: ruleFile } });
}

function peerReplay(program: string, args: readonly string[]): PeerReplay {
  return JSON.parse(
    execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  ) as PeerReplay;
}

/** The run that took the least time of its thread. */
function best<T extends { readonly seconds: number }>(rounds: number, run: () => T): T {
  return Array.from({ length: rounds }, run).reduce((least, next) => (next.seconds < least.seconds ? next : least));
}

/** A raw capture with at least so many events. */
function enlarge(name: string, events: number, folder: string): string {
  const bytes = readFileSync(join(corpus, "captures", name, `${name}.scap`));
  const { events: once } = JSON.parse(readFileSync(join(corpus, "captures", name, "filters.json"), "utf8")) as {
    events: number;
  };
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.scap`);
  const file = openSync(path, "w");
  try {
    for (const piece of repeatedCapture(bytes, Math.ceil(events / once))) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
  return path;
}

/** The program that replays with libsinsp; `undefined` where it cannot be built. */
function buildPeer(folder: string): string | undefined {
  if (!existsSync(headers)) return undefined;
  const places = [
    "userspace/libsinsp",
    "userspace/libscap",
    "userspace/common",
    "userspace/async",
    "userspace",
    "",
    "driver",
    "common",
  ];
  const includes = [...places.map((place) => `-I${join(headers, place)}`), "-I/usr/include/jsoncpp"];
  const program = join(folder, "replay");
  const source = join(import.meta.dirname, "libsinsp/replay.cpp");
  // The header of Debian 12 lays its classes out as the library was built only with these names.
  const defines = ["-DHAS_CAPTURE", "-DHAS_FILTERING"];
  const built = spawnSync(
    "g++",
    ["-O2", "-w", "-std=c++17", ...defines, ...includes, source, "-o", program, "-lsinsp", "-lscap"],
    {
      encoding: "utf8",
    },
  );
  if (built.status === 0) return program;
  write(`libsinsp could not be built: ${(built.stderr ?? String(built.error)).split("\n")[0]}`);
  return undefined;
}

/** The rules for libsinsp: event codes and condition of each. */
function writeConditions(folder: string): string {
  const { rules } = loadRules([{ name: ruleFile, text: readFileSync(ruleFile, "utf8") }], {
    source: (name) => ruleSource(name, "head"),
    plugins: [{ name: "container", version: "0.7.0" }],
  });
  const lines = rules
    .filter(({ isEnabled }) => isEnabled)
    .map(({ resolved }) => `${[...eventCodesOf(resolved)].join()}\t${printCondition(resolved)}\n`);
  const path = join(folder, "conditions");
  writeFileSync(path, lines.join(""));
  return path;
}
