import type { PackageAdvisories } from "../../model/checks/host-facts.ts";
import type { Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { flawsIn } from "./affected-ranges.ts";
import { runtimeFlaws } from "./runtime-flaws.ts";

/** A container runtime, as far as it tells who built it. */
export interface RuntimeProgram {
  readonly name: string;
  readonly version: string;
  /** What it says of its build beside the version: a commit, or the version of a package. */
  readonly build?: string;
  /** The distributor of the package, when that is not its publisher. */
  readonly origin?: string;
  /** The state of the distributor's package for each vulnerability that its advisories decide. */
  readonly advisories?: PackageAdvisories;
}

// Distributions carry fixes under an old number: `1.1.5+ds1`, `20.10.24+dfsg1`, `1.7.12-0ubuntu4`, `1.1.12-2.el9`, and
// Ubuntu's dockerd, whose version is plain, with a build `24.0.7-0ubuntu4.1`. A number behind a dash is not a
// pre-release of these programs; `v1.2.5-0-g59923ef` is how git names a commit.
const distributionMark =
  /[+~](?:ds|dfsg|deb|azure)|ubuntu|\.el\d|\.fc\d|\.amzn|\.azl\d|\.cm\d|\bdeb\d|^v?\d+\.\d+\.\d+-\d(?!\d*-g[0-9a-f])/i;

/**
 * Known vulnerabilities of versions of container runtimes: one observation for each program in the list. For a
 * distribution's build below a fixed version, the distribution's advisories decide. Without them the result is a
 * warning, because the number does not show whether the build contains the fix.
 */
export function vulnerabilityObservations(programs: readonly RuntimeProgram[]): Observation[] {
  const seen = new Map(programs.map((program) => [`${program.name} ${program.version}`, program]));
  return [...seen.values()].flatMap((program): Observation[] => {
    const { name, version } = program;
    const flaws = runtimeFlaws.get(name);
    if (flaws === undefined) return [];
    const resource = `${name} ${version}`;
    if (flaws.length === 0) {
      const reason = `no vulnerabilities are listed for ${name}; scan the host packages`;
      return [{ resource, state: "manual", evidence: [evidence(name, version)], reason }];
    }
    const found = flawsIn(upstreamVersion(version), flaws);
    if (found === undefined) {
      const reason = `${version} is not a comparable version`;
      return [{ resource, state: "warn", evidence: [evidence(name, version)], reason }];
    }
    if (found.length === 0) return [{ resource, state: "pass", evidence: [evidence(name, version)] }];
    const shown = found.map(({ id, fixed }) => evidence(`${name} affected by ${id}`, version, `${fixed} or later`));
    const builder = builderOf(program);
    if (builder === undefined) return [{ resource, state: "fail", evidence: shown }];
    return [{ resource, ...distributionObservation(program, builder, found) }];
  });
}

function distributionObservation(
  { name, version, advisories }: RuntimeProgram,
  builder: string,
  found: readonly { readonly id: string; readonly fixed: string }[],
): Observation {
  const decided = found.map(({ id, fixed: upstream }) => {
    if (advisories?.fixed.includes(id)) {
      return { state: "pass", shown: evidence(`${name} ${id}`, `fixed in package ${advisories.package}`) } as const;
    }
    const hit = advisories?.affected.find((other) => other.id === id);
    if (advisories && hit) {
      const expected = hit.fixed === undefined ? "no fixed version yet" : `${hit.fixed} or later`;
      return { state: "fail", shown: evidence(`${name} affected by ${id}`, advisories.package, expected) } as const;
    }
    return { state: "warn", shown: evidence(`${name} affected by ${id}`, version, `${upstream} or later`) } as const;
  });
  const seen = decided.map(({ shown }) => shown);
  if (decided.some(({ state }) => state === "fail")) return { state: "fail", evidence: seen };
  if (decided.every(({ state }) => state === "pass")) return { state: "pass", evidence: seen };
  const reason = `${builder} built this program and may have backported the fixes; run plimsoll db update to get its advisories, or scan the package`;
  return { state: "warn", evidence: seen, reason };
}

/** The builder, other than the program's publisher, that may have built it; undefined when no fact names one. */
function builderOf({ version, build, origin }: RuntimeProgram): string | undefined {
  if (origin !== undefined) return origin;
  const isMarked = distributionMark.test(version) || (build !== undefined && distributionMark.test(build));
  return isMarked ? "a distribution" : undefined;
}

/**
 * The version without what a distribution adds: `1.1.5+ds1` is 1.1.5, `1.0.0~rc93+ds1` is 1.0.0-rc93,
 * `1.1.12-0ubuntu2~22.04.1` is 1.1.12.
 */
function upstreamVersion(version: string): string {
  return version
    .replace(/^v/, "")
    .replace(/~rc/, "-rc")
    .replace(/[+~].*/s, "")
    .replace(/-\d.*/s, "");
}
