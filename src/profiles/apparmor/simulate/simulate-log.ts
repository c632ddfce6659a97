import { type CompiledProfile, compileProfile } from "../decisions/compile-profile.ts";
import { decideAccess } from "../decisions/decide-access.ts";
import { decideFile } from "../decisions/decide-file.ts";
import type { LoggedAccess } from "../events/access-of-record.ts";
import type { LoggedEvent } from "../events/read-log.ts";
import { printRule } from "../language/print.ts";
import type { LoadedPolicy, LoadedProfile, LoadedRule } from "../policy/load-policy.ts";

/** What a profile would answer to an access of a log. */
export interface SimulatedEvent {
  readonly event: LoggedEvent;
  /** `unknown` for kinds of access that are not simulated. */
  readonly answer: "allowed" | "denied" | "unknown";
  /** The access in words. */
  readonly access: string;
  /** The rule that denies or allows; undefined if no rule does. */
  readonly rule: string | undefined;
  /** Where the rule stands; the file is undefined for the policy file itself. */
  readonly place: { readonly file: string | undefined; readonly line: number } | undefined;
}

/** What a profile would have answered to the accesses of a log. */
export function simulateLog(
  events: readonly LoggedEvent[],
  profile: LoadedProfile,
  policy: LoadedPolicy,
): readonly SimulatedEvent[] {
  const compiled = compileProfile(profile, policy);
  return events.map((event) => {
    const { allowed, rule } = answer(event.access, compiled, policy);
    return {
      event,
      answer: allowed === undefined ? "unknown" : allowed ? "allowed" : "denied",
      access: accessText(event.access),
      rule: rule === undefined ? undefined : printRule(rule.rule),
      place: rule === undefined ? undefined : { file: rule.file, line: rule.rule.line },
    };
  });
}

function answer(
  access: LoggedAccess,
  compiled: CompiledProfile,
  policy: LoadedPolicy,
): { readonly allowed: boolean | undefined; readonly rule: LoadedRule | undefined } {
  switch (access.kind) {
    case "file": {
      const decisions = decideFile(compiled, access.path, access.own ? "own" : "other").filter(({ permission }) =>
        access.permissions.includes(permission),
      );
      const refused = decisions.find(({ allowed }) => !allowed);
      return { allowed: refused === undefined, rule: (refused ?? decisions[0])?.rule };
    }
    case "unix":
    case "change_profile":
    case "mqueue":
    case "io_uring":
    case "dbus":
      return { allowed: undefined, rule: undefined };
    default:
      return decideAccess(compiled.profile, policy, access);
  }
}

/** An access in words, for people. */
function accessText(access: LoggedAccess): string {
  switch (access.kind) {
    case "file":
      return `${access.path} ${access.permissions}`;
    case "capability":
      return `capability ${access.name}`;
    case "network":
      return ["network", access.family, access.type ?? ""].join(" ").trim();
    case "unix":
      return ["unix", access.access.join(","), access.type ?? ""].join(" ").trim();
    case "signal":
    case "ptrace":
      return [access.kind, access.access, access.signal ?? "", `peer=${access.peer}`].join(" ").replace("  ", " ");
    case "mount":
    case "remount":
    case "umount":
      return [access.kind, access.source ?? "", "->", access.target].filter((part) => part !== "").join(" ");
    case "pivot_root":
      return `pivot_root ${access.path}`;
    case "userns":
      return "userns create";
    case "change_profile":
      return `change_profile -> ${access.target}`;
    case "mqueue":
      return `mqueue ${access.access.join(",")} ${access.name}`;
    case "io_uring":
      return `io_uring ${access.access.join(",")}`;
    case "dbus":
      return `dbus ${access.access} bus=${access.bus}`;
  }
}
