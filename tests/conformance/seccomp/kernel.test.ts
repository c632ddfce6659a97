import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildFilter, type Filter } from "../../../src/profiles/seccomp/build-filter.ts";
import { decideCall, isUnfiltered } from "../../../src/profiles/seccomp/decide-call.ts";
import { actionText } from "../../../src/profiles/seccomp/profile.ts";
import { actionNumber, actionOfNumber } from "../../../src/profiles/seccomp/program/action-number.ts";
import { compileFilter } from "../../../src/profiles/seccomp/program/compile-filter.ts";
import { type Instruction, op, programBytes } from "../../../src/profiles/seccomp/program/instruction.ts";
import { readSeccompProfile } from "../../../src/profiles/seccomp/read-profile.ts";
import { corpusBytes, describeWithCorpus } from "../../setup/corpus.ts";
import { parseExactJson } from "../../setup/exact-json.ts";

/**
 * Loads each program in a child of its own and makes all calls there. Every call with the marker in its last argument is
 * answered by the filter with an error number, so none is executed.
 */
const script = `
import ctypes, json, os, sys
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
wanted = json.load(sys.stdin)
calls = [[ctypes.c_ulong(int(value)) for value in call] for call in wanted["calls"]]
marker = ctypes.c_ulong(wanted["marker"])
results = []
for text in wanted["programs"]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = bytes.fromhex(text)
        program = Program(len(code) // 8, ctypes.cast(ctypes.create_string_buffer(code), ctypes.c_void_p))
        if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.byref(program)) != 0:
            os._exit(1)
        answers = []
        for call in calls:
            ctypes.set_errno(0)
            libc.syscall(*call, marker)
            answers.append(ctypes.get_errno())
        with os.fdopen(writer, "w") as file: json.dump(answers, file)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file: answered = file.read()
    os.waitpid(child, 0)
    results.append(json.loads(answered) if answered else None)
json.dump(results, sys.stdout)
`;

const python = "/usr/bin/python3";
const isHere = process.platform === "linux" && process.arch === "x64" && existsSync(python);
const marker = 0x5ec_c0de;
const audit = 0xc000003e;
const firstErrno = 1000;
const folder = ["hardening", "seccomp", "profiles"] as const;

const files = [
  ...["moby-default", "podman-default", "containers-common-default", "moby-fixture-example", "podman-fixture-example"],
  ...["own-args", "own-denylist", "own-same-index", "own-kill-default", "own-enosys", "own-many-rules"],
  ...["hook-block-mkdir", "spo-bpf-recorder", "spo-security-profiles-operator"],
];

describe.skipIf(!isHere)("answers of the kernel (skipped without Linux on x86-64 and Python 3)", () => {
  describeWithCorpus("to every number", () => {
    test("are the simulated ones", () => {
      const filters = files.flatMap((name) =>
        (["runc", "crun"] as const).map((runtime) => ({ name: `${name} ${runtime}`, filter: filterOf(name, runtime) })),
      );
      const calls = [...payloads()];
      expect(calls.length).toBeGreaterThan(12_000);
      const returned = filters.map(({ filter }) => instrumented(compileFilter(filter)));
      const input = JSON.stringify({
        marker,
        calls: calls.map(({ number, args }) => [number, ...args].map(String)),
        programs: returned.map(({ program }) => Buffer.from(programBytes(program)).toString("hex")),
      });
      const { stdout, stderr } = spawnSync(python, ["-c", script], { input, encoding: "utf8", maxBuffer: 1 << 28 });
      if (stdout === "") throw new Error(stderr);
      const differences: string[] = [];
      for (const [index, answers] of (JSON.parse(stdout) as (number[] | null)[]).entries()) {
        const { name, filter } = filters[index] ?? fail();
        for (const [at, { number, args }] of calls.entries()) {
          const simulated = decideCall(filter, { audit, number, args: [...args, BigInt(marker)] }).action;
          const answer = returned[index]?.answers[(answers?.[at] ?? 0) - firstErrno];
          if (answer === actionNumber(simulated)) continue;
          const seen = answer === undefined ? undefined : actionOfNumber(answer);
          differences.push(
            `${name} ${number} ${args.join()}: ${seen ? actionText(seen) : answers?.[at]}, simulated ${actionText(simulated)}`,
          );
        }
      }
      expect(differences.slice(0, 20)).toEqual([]);
    }, 120_000);
  });
});

/** The program that answers calls with the marker by the position of their answer, and permits all others. */
function instrumented(program: readonly Instruction[]) {
  const answers = [...new Set(program.filter(({ code }) => code === op.return).map(({ k }) => k))];
  const numbered = program.map((instruction) =>
    instruction.code === op.return
      ? { ...instruction, k: 0x00050000 | (firstErrno + answers.indexOf(instruction.k)) }
      : instruction,
  );
  const head: readonly Instruction[] = [
    { code: op.load, jt: 0, jf: 0, k: 56 },
    { code: op.jumpIfEqual, jt: 1, jf: 0, k: marker },
    { code: op.return, jt: 0, jf: 0, k: 0x7fff0000 },
  ];
  return { program: [...head, ...numbered], answers };
}

const values = [
  0n,
  1n,
  2n,
  8n,
  9n,
  38n,
  39n,
  40n,
  0x20000n,
  0x1000_0000n,
  0xffff_ffffn,
  0x1_0000_0026n,
  (1n << 64n) - 1n,
];

function* payloads(): Generator<{ readonly number: number; readonly args: readonly bigint[] }> {
  const numbers = [...Array.from({ length: 480 }, (_, number) => number), 511, 1000, 0x3fffffff];
  const x32 = [...numbers.slice(0, 480).map((number) => number + 0x40000000), 0x7fffffff];
  for (const number of [...numbers.filter((own) => !isUnfiltered(own)), ...x32]) {
    for (const [index, value] of values.entries()) {
      const other = values[(index * 5 + 3) % values.length] ?? 0n;
      yield { number, args: [value, other, value, other, value] };
    }
  }
}

function filterOf(name: string, runtime: "runc" | "crun"): Filter {
  const profile = readSeccompProfile(parseExactJson(corpusBytes(...folder, `${name}.json`).toString()), name);
  const kernel = { major: 6, minor: 1 };
  return buildFilter(profile, { architecture: "amd64", kernel, capabilities: new Set(), runtime }) ?? fail();
}

function fail(): never {
  throw new Error("no filter");
}
