import { semver } from "../../versions/semver.ts";
import type { Observation } from "../check.ts";
import { evidence } from "./evidence.ts";

// A small list of this project's own, from the kernel's published advisories and its list of long-term releases, as of December 2025.
const oldestMaintained = "5.10.0";
const flaws: readonly {
  readonly id: string;
  readonly affected: readonly (readonly [from: string, fixed: string])[];
}[] = [
  {
    id: "CVE-2022-0847",
    affected: [
      ["5.8.0", "5.10.102"],
      ["5.11.0", "5.15.25"],
      ["5.16.0", "5.16.11"],
    ],
  },
  {
    id: "CVE-2022-0185",
    affected: [
      ["5.1.0", "5.4.173"],
      ["5.5.0", "5.10.93"],
      ["5.11.0", "5.15.16"],
      ["5.16.0", "5.16.2"],
    ],
  },
  {
    id: "CVE-2022-0492",
    affected: [
      ["0", "4.9.301"],
      ["4.10.0", "4.14.266"],
      ["4.15.0", "4.19.229"],
      ["4.20.0", "5.4.177"],
      ["5.5.0", "5.10.97"],
      ["5.11.0", "5.15.20"],
      ["5.16.0", "5.16.6"],
    ],
  },
  {
    id: "CVE-2024-1086",
    affected: [
      ["3.15.0", "5.15.149"],
      ["5.16.0", "6.1.76"],
      ["6.2.0", "6.6.15"],
      ["6.7.0", "6.7.3"],
    ],
  },
];

/**
 * What is known of a kernel by its release (`6.1.0-18-amd64`): whether its line still gets fixes, and flaws that led out of
 * containers. A distribution's kernel keeps an old number and gets fixes, so an old number is a warning there.
 */
export function kernelObservations(release: string): Observation[] {
  const match = /^(\d{1,4}\.\d{1,6}(?:\.\d{1,6})?)(.*)$/.exec(release);
  const version = match?.[1] === undefined ? undefined : semver.parse(match[1]);
  const oldest = semver.parse(oldestMaintained);
  if (!version || !oldest) {
    return [
      {
        state: "warn",
        evidence: [evidence("kernel", release)],
        reason: "the release is no version that can be compared",
      },
    ];
  }
  const found = flaws.flatMap(({ id, affected }) => {
    const range = affected.find(([from, fixed]) => {
      const [lowest, beyond] = [semver.parse(from), semver.parse(fixed)];
      return lowest && beyond && semver.compare(version, lowest) >= 0 && semver.compare(version, beyond) < 0;
    });
    return range ? [evidence(`kernel, for ${id}`, release, `${range[1]} or later`)] : [];
  });
  const old = semver.compare(version, oldest) < 0;
  const seen = [evidence("kernel", release, `${oldestMaintained.slice(0, -2)} or later`), ...found];
  if (!old && found.length === 0) return [{ state: "pass", evidence: seen }];
  if (match?.[2] === "") return [{ state: "fail", evidence: seen }];
  const reason =
    "a distribution built it, and may have put the fixes under this number: ask it which of its kernels are fixed";
  return [{ state: "warn", evidence: seen, reason }];
}
