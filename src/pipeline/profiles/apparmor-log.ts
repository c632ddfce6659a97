import { PlimsollError } from "../../model/error.ts";
import { type Log, LogReader } from "../../profiles/apparmor/events/read-log.ts";
import { generateProfile } from "../../profiles/apparmor/generate/generate-profile.ts";
import { printPolicy } from "../../profiles/apparmor/language/print.ts";
import { type SimulatedEvent, simulateLog } from "../../profiles/apparmor/simulate/simulate-log.ts";
import { loadProfile, type PolicySource } from "./apparmor-policy.ts";
import { forEachLine } from "./for-each-line.ts";

/** What a profile would answer to the accesses of a log. */
export interface AccessSimulation {
  readonly profile: string;
  /** Lines of the log with an access. */
  readonly accesses: number;
  readonly denied: number;
  readonly unknown: number;
  /** Messages of AppArmor that name no access, or none that a rule can name. */
  readonly skipped: number;
  readonly answers: readonly SimulatedEvent[];
}

/** Simulates a profile on logs. Errors: as of reading the profile and the logs. */
export async function simulateAppArmor(
  { name, traces, ...source }: PolicySource & { readonly name: string | undefined; readonly traces: readonly string[] },
  signal: AbortSignal,
): Promise<AccessSimulation> {
  const { policy, profile } = loadProfile(source, name);
  const { events, skipped } = await readLogs(traces, signal);
  const answers = simulateLog(events, profile, policy);
  const count = (kind: SimulatedEvent["answer"] | undefined): number => {
    const counted = answers.filter(({ answer }) => kind === undefined || answer === kind);
    return counted.reduce((sum, { event }) => sum + event.count, 0);
  };
  return {
    profile: profile.name,
    accesses: count(undefined),
    denied: count("denied"),
    unknown: count("unknown"),
    skipped,
    answers,
  };
}

/** A profile to generate from logs. */
export interface GenerationRequest {
  readonly name: string;
  readonly traces: readonly string[];
  /** Only accesses under this profile; undefined for all, which must then be of one profile. */
  readonly from: string | undefined;
  readonly enforce: boolean;
  readonly exact: boolean;
}

/** A generated profile as text. */
export interface GeneratedPolicy {
  readonly text: string;
  readonly accesses: number;
  readonly skipped: number;
  /** Accesses for which no rule was written, in words. */
  readonly leftOut: readonly string[];
}

/**
 * Generates a profile that allows the accesses of logs. Errors: as of reading the logs; `usage` for a name that no
 * profile can have, and for logs without accesses or of several profiles.
 */
export async function generateAppArmor(
  { name, traces, from, enforce, exact }: GenerationRequest,
  signal: AbortSignal,
): Promise<GeneratedPolicy> {
  const { events, skipped } = await readLogs(traces, signal);
  const chosen = events.filter(({ profile }) => from === undefined || profile === from);
  const profiles = [...new Set(chosen.map(({ profile }) => profile))];
  const known = [...new Set(events.map(({ profile }) => profile))].slice(0, 20).join(", ");
  if (chosen.length === 0) {
    throw new PlimsollError(
      "usage",
      `the log has no accesses${from === undefined ? "" : ` under the profile ${from}`}`,
      {
        hint:
          known === "" ? "Run the container under a profile in complain mode first." : `Profiles of the log: ${known}.`,
      },
    );
  }
  if (profiles.length > 1) {
    throw new PlimsollError("usage", `the log has accesses of ${profiles.length} profiles`, {
      hint: `Choose one with --from: ${known}.`,
    });
  }
  const accesses = chosen.map(({ access }) => access);
  try {
    const { statements, leftOut } = generateProfile(accesses, { name, complain: !enforce, exact });
    return { text: `${heading(name, enforce)}${printPolicy(statements)}`, accesses: chosen.length, skipped, leftOut };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "";
    throw new PlimsollError("usage", `cannot generate a profile: ${reason}`, { cause, hint: "Choose another --name." });
  }
}

/** How the profile is used, and how it is taken back. The name is only in the profile itself, which quotes it. */
function heading(name: string, enforce: boolean): string {
  const shown = /^[A-Za-z0-9._-]{1,100}$/.test(name) ? name : "NAME";
  const lines = [
    "Allows what was logged, and the stated generalisations.",
    enforce
      ? "Enforced. To go back, generate the profile without --enforce, and load it again."
      : "Complain mode: violations are logged as ALLOWED, not stopped. To enforce it, generate it with --enforce.",
    "",
    "Load:       apparmor_parser -r FILE",
    "Unload:     apparmor_parser -R FILE",
    `Docker:     docker run --security-opt apparmor=${shown} IMAGE`,
    `containerd: nerdctl run --security-opt apparmor=${shown} IMAGE`,
    `Kubernetes: securityContext: {appArmorProfile: {type: Localhost, localhostProfile: ${shown}}}`,
  ];
  return lines.map((line) => `#${line === "" ? "" : ` ${line}`}\n`).join("");
}

async function readLogs(traces: readonly string[], signal: AbortSignal): Promise<Log> {
  const reader = new LogReader();
  for (const trace of traces) await forEachLine(trace, { signal, take: (line) => reader.add(line) });
  return reader.finish();
}
