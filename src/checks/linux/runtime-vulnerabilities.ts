import { semver } from "../../versions/semver.ts";
import type { Observation } from "../check.ts";
import { evidence } from "./evidence.ts";

/** A flaw of a container runtime that gives a way to the host. */
interface RuntimeVulnerability {
  readonly program: "runc" | "containerd" | "docker";
  readonly id: string;
  /** From, inclusive, to the fixed version, exclusive. */
  readonly affected: readonly (readonly [from: string, fixed: string])[];
}

// A small list of this project's own, from the programs' published advisories, as of December 2025. It is no substitute for a scan
// with the advisory database.
const vulnerabilities: readonly RuntimeVulnerability[] = [
  { program: "runc", id: "CVE-2019-5736", affected: [["0", "1.0.0-rc7"]] },
  { program: "runc", id: "CVE-2021-30465", affected: [["0", "1.0.0-rc95"]] },
  { program: "runc", id: "CVE-2023-28642", affected: [["0", "1.1.5"]] },
  { program: "runc", id: "CVE-2024-21626", affected: [["1.0.0-rc93", "1.1.12"]] },
  ...["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"].map(
    (id): RuntimeVulnerability => ({
      program: "runc",
      id,
      affected: [
        ["0", "1.2.8"],
        ["1.3.0-rc.1", "1.3.3"],
        ["1.4.0-rc.1", "1.4.0-rc.3"],
      ],
    }),
  ),
  {
    program: "containerd",
    id: "CVE-2020-15257",
    affected: [
      ["0", "1.3.9"],
      ["1.4.0", "1.4.3"],
    ],
  },
  {
    program: "containerd",
    id: "CVE-2022-23648",
    affected: [
      ["0", "1.4.13"],
      ["1.5.0", "1.5.10"],
      ["1.6.0", "1.6.1"],
    ],
  },
  {
    program: "containerd",
    id: "CVE-2023-25173",
    affected: [
      ["0", "1.5.18"],
      ["1.6.0", "1.6.18"],
    ],
  },
  {
    program: "containerd",
    id: "CVE-2024-25621",
    affected: [
      ["0", "1.7.29"],
      ["2.0.0", "2.0.7"],
      ["2.1.0", "2.1.5"],
    ],
  },
  { program: "docker", id: "CVE-2019-14271", affected: [["19.03.0", "19.03.1"]] },
  { program: "docker", id: "CVE-2021-41091", affected: [["0", "20.10.9"]] },
  {
    program: "docker",
    id: "CVE-2024-24557",
    affected: [
      ["0", "24.0.9"],
      ["25.0.0", "25.0.2"],
    ],
  },
  {
    program: "docker",
    id: "CVE-2024-41110",
    affected: [
      ["19.03.0", "23.0.15"],
      ["24.0.0", "25.0.6"],
      ["26.0.0", "26.1.5"],
      ["27.0.0", "27.1.1"],
    ],
  },
];

// Distributions carry fixes under an old number: `1.1.5+ds1`, `20.10.24+dfsg1`, `1.7.12-0ubuntu4`, `1.6.28-1.el9`.
const distributionMark = /\+(?:ds|dfsg)|ubuntu|\.el\d|\.fc\d|\.amzn|\bdeb\d|~ds|-azure|\+azure/i;

/**
 * What is known of versions of runc, containerd and Docker: one observation for each program that the list knows. A distribution's
 * build below a fixed version is a warning, because its number does not tell whether the fix is in it.
 */
export function vulnerabilityObservations(
  programs: readonly { readonly name: string; readonly version: string }[],
): Observation[] {
  const seen = new Map(programs.map((program) => [`${program.name} ${program.version}`, program]));
  return [...seen.values()].flatMap(({ name, version }): Observation[] => {
    const candidates = vulnerabilities.filter(({ program }) => program === name);
    if (candidates.length === 0) return [];
    const resource = `${name} ${version}`;
    const parsed = semver.parse(version.replace(/^v/, "").replace(/[+~].*$/, ""));
    if (parsed === undefined) {
      return [
        {
          resource,
          state: "warn",
          evidence: [evidence(name, version)],
          reason: `${version} is no version that can be compared`,
        },
      ];
    }
    const hit = candidates.flatMap(({ id, affected }) => {
      const range = affected.find(([from, fixed]) => isBetween(parsed, from, { fixed }));
      return range ? [{ id, fixed: range[1] }] : [];
    });
    if (hit.length === 0)
      return [{ resource, state: "pass", evidence: [evidence(name, version, "none of the known flaws")] }];
    const found = hit.map(({ id, fixed }) => evidence(`${name}, for ${id}`, version, `${fixed} or later`));
    if (!distributionMark.test(version)) return [{ resource, state: "fail", evidence: found }];
    const reason = "a distribution built it, and may have put the fixes under this number: scan the package to know";
    return [{ resource, state: "warn", evidence: found, reason }];
  });
}

type Version = NonNullable<ReturnType<typeof semver.parse>>;

function isBetween(version: Version, from: string, { fixed }: { readonly fixed: string }): boolean {
  const [lowest, beyond] = [semver.parse(from), semver.parse(fixed)];
  return (
    lowest !== undefined &&
    beyond !== undefined &&
    semver.compare(version, lowest) >= 0 &&
    semver.compare(version, beyond) < 0
  );
}
