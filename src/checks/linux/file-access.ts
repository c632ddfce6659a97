import type { HostFacts } from "../../model/checks/host-facts.ts";
import type { Observation } from "../check.ts";
import { evidence, shellWord } from "../evidence.ts";

/** The allowed owners of a file, and the widest allowed mode. */
export interface AllowedAccess {
  /** Octal; each bit of the file's mode must be among these. */
  readonly mode?: number;
  readonly uid?: number;
  /** Ids and names; one of them must be the file's group. */
  readonly groups?: readonly (number | string)[];
}

/**
 * What the access to one path is. A path that is not there is not applicable; one that could not be looked at, or was
 * not asked about when the facts were collected, is a warning.
 */
export function accessObservation(
  files: Extract<HostFacts["files"], { value: unknown }>["value"],
  path: string,
  allowed: AllowedAccess,
): Observation {
  const fact = Object.hasOwn(files, path) ? files[path] : undefined;
  const nothing = { resource: path, evidence: [] };
  if (fact === undefined) return { ...nothing, state: "warn", reason: `the facts have no data for ${path}` };
  if ("unavailable" in fact) return { ...nothing, state: "warn", reason: fact.unavailable };
  if (fact.value === null) return { ...nothing, state: "not-applicable", reason: `${path} does not exist` };
  const { uid, gid, user, group, mode } = fact.value;
  const seen = [];
  const commands = [];
  let failed = false;
  if (allowed.uid !== undefined || allowed.groups !== undefined) {
    const wrongUser = allowed.uid !== undefined && uid !== allowed.uid;
    const wrongGroup = allowed.groups !== undefined && !allowed.groups.some((one) => one === gid || one === group);
    const wantedUser = allowed.uid === 0 ? "root" : String(allowed.uid ?? user ?? uid);
    const wantedGroups = (allowed.groups ?? [group ?? gid]).map((one) => (one === 0 ? "root" : String(one)));
    failed ||= wrongUser || wrongGroup;
    seen.push(evidence("owner", `${user ?? uid}:${group ?? gid}`, `${wantedUser}:${wantedGroups.join(" or ")}`));
    // Names from files of the host are not safe in a shell: other owners than root are numbers.
    const owner = `${allowed.uid === 0 ? "root" : (allowed.uid ?? uid)}:${allowed.groups ? wantedGroups[0] : gid}`;
    if (wrongUser || wrongGroup) commands.push(`chown ${shellWord(owner)} ${shellWord(path)}`);
  }
  if (allowed.mode !== undefined) {
    const limit = allowed.mode.toString(8).padStart(4, "0");
    // Octal digits are bits: 577 as a number is less than 644, and allows what 644 does not.
    const open = (Number.parseInt(mode, 8) & ~allowed.mode) !== 0;
    failed ||= open;
    seen.push(evidence("mode", mode, `${limit} or stricter`));
    // Only excess bits are removed: the limit can be wider than the current mode.
    const left = (Number.parseInt(mode, 8) & allowed.mode).toString(8).padStart(4, "0");
    if (open) commands.push(`chmod ${left} ${shellWord(path)}`);
  }
  return { resource: path, state: failed ? "fail" : "pass", evidence: seen, ...(failed && { commands }) };
}
