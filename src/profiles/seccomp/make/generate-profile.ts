import { dangerousCalls } from "../dangerous-calls.ts";
import type { Condition } from "../profile.ts";
import type { RecordedRun } from "./recording.ts";
import { runtimeCalls } from "./runtime-calls.ts";
import type { WrittenProfile, WrittenRule } from "./write-profile.ts";

/** A profile for recorded runs, and what to look at before it is used. */
export interface GeneratedProfile {
  readonly profile: WrittenProfile;
  readonly remarks: readonly string[];
}

const allow = { kind: "ALLOW", data: 0 } as const;
const namespaceFlags = 0x7e02_0000n;

/**
 * The profile that allows what the runs did and what the runtime needs. `log` executes and logs all other calls, so
 * a program works until its runs are complete; `enforce` denies them.
 */
export function generateProfile(
  runs: readonly RecordedRun[],
  mode: "log" | "enforce",
  native: string,
): GeneratedProfile {
  const seenNames = runs.flatMap(({ calls }) => [...calls.keys()]);
  // Where clone3 fails with ENOSYS, the C library calls clone.
  const names = [
    ...new Set([...runtimeCalls, ...seenNames, ...(seenNames.includes("clone3") ? ["clone"] : [])]),
  ].sort();
  const byComment = new Map<string, string[]>();
  const rules: WrittenRule[] = [];
  for (const name of names) {
    if (name === "clone3") continue;
    const seen = runs.filter(({ calls }) => calls.has(name) || (name === "clone" && calls.has("clone3"))).length;
    const comment = seen === 0 ? "needed by the runtime" : `seen in ${seen} of ${runs.length} runs`;
    const restricted = restrictionsOf(name, runs);
    if (restricted)
      rules.push(...restricted.map((conditions) => ({ names: [name], action: allow, conditions, comment })));
    else byComment.set(comment, [...(byComment.get(comment) ?? []), name]);
  }
  const whole = [...byComment].map(([comment, own]) => ({ names: own, action: allow, conditions: [], comment }));
  const fallback: WrittenRule = {
    names: ["clone3"],
    action: { kind: "ERRNO", data: 38 },
    conditions: [],
    comment: "the C library falls back to clone, whose flags can be checked",
  };
  const architectures = new Set([native, ...runs.flatMap(({ abis }) => [...abis])]);
  return {
    profile: {
      defaultAction: mode === "log" ? { kind: "LOG", data: 0 } : { kind: "ERRNO", data: 1 },
      architectures: [...architectures],
      rules: [...whole, ...rules, fallback],
    },
    remarks: [...remarksOn(runs)],
  };
}

/** One list of conditions for each value that was seen; undefined where the call is allowed with all arguments. */
function restrictionsOf(name: string, runs: readonly RecordedRun[]): readonly (readonly Condition[])[] | undefined {
  const seen = runs.flatMap(({ calls }) => calls.get(name) ?? []);
  if (name === "clone") {
    const values = seen.flatMap(({ first }) => (first ? [...first] : [namespaceFlags]));
    const isPlain = values.every((value) => (value & namespaceFlags) === 0n);
    return isPlain ? [[{ index: 0, operator: "MASKED_EQ", value: namespaceFlags, masked: 0n }]] : undefined;
  }
  if (name !== "socket" && name !== "personality") return undefined;
  if (seen.length === 0 || seen.some(({ first }) => first === undefined)) return undefined;
  const values = [...new Set(seen.flatMap(({ first }) => [...(first ?? [])]))].sort((a, b) => (a < b ? -1 : 1));
  return values.map((value) => [{ index: 0, operator: "EQ", value, masked: 0n }]);
}

function* remarksOn(runs: readonly RecordedRun[]): Generator<string> {
  const seen = new Set(runs.flatMap(({ calls }) => [...calls.keys()]));
  for (const { name, why } of dangerousCalls)
    if (seen.has(name)) yield `${name} is allowed, because a run used it: it ${why}`;
  const once = [...seen].filter((name) => runs.filter(({ calls }) => calls.has(name)).length < runs.length);
  if (runs.length === 1) yield "one run was recorded: record several, with all that the program can do";
  else if (once.length > 0) yield `${once.length} of ${seen.size} calls were not seen in every run: record more runs`;
}
