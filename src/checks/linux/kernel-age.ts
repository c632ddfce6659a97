import type { Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { flawsIn, isBelow, type KnownFlaw } from "./affected-ranges.ts";

// A short list of this project's own, from the kernel's published records and its list of long-term releases, as of
// August 2026. Other lines get no more fixes.
const longTerm: readonly string[] = ["5.10", "5.15", "6.1", "6.6", "6.12", "6.18"];
const newestEnded = "6.19";
const flaws: readonly KnownFlaw[] = [
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
      ["3.15.0", "4.19.307"],
      ["4.20.0", "5.4.269"],
      ["5.5.0", "5.10.210"],
      ["5.11.0", "5.15.149"],
      ["5.16.0", "6.1.76"],
      ["6.2.0", "6.6.15"],
      ["6.7.0", "6.7.3"],
    ],
  },
  {
    id: "CVE-2026-31431",
    affected: [
      ["4.14.0", "5.10.254"],
      ["5.11.0", "5.15.204"],
      ["5.16.0", "6.1.170"],
      ["6.2.0", "6.6.137"],
      ["6.7.0", "6.12.85"],
      ["6.13.0", "6.18.22"],
      ["6.19.0", "6.19.12"],
    ],
  },
];

/**
 * Facts about a kernel by its release (`6.1.0-18-amd64`): whether its line still gets fixes, and flaws that led out of
 * containers. A distribution's kernel keeps an old number and gets fixes, so an old number is a warning there.
 */
export function kernelObservations(release: string): Observation[] {
  const [, version = "", line = "", suffix = ""] = /^((\d{1,4}\.\d{1,6})(?:\.\d{1,6})?)(.*)$/.exec(release) ?? [];
  const known = flawsIn(version, flaws);
  if (known === undefined) {
    return [
      {
        state: "warn",
        evidence: [evidence("kernel", release)],
        reason: "the kernel release is not a comparable version",
      },
    ];
  }
  const found = known.map(({ id, fixed }) => evidence(`kernel affected by ${id}`, release, `${fixed} or later`));
  const isBuiltElsewhere = suffix !== "";
  const isOld = isBelow(line, longTerm[0] ?? "");
  // A distribution looks after lines of its own, such as Ubuntu's 6.8.
  const hasEnded = isOld || (!isBuiltElsewhere && !isBelow(newestEnded, line) && !longTerm.includes(line));
  const seen = [evidence("kernel", release, `a maintained line: ${longTerm.join(", ")} or the newest`), ...found];
  if (!hasEnded && found.length === 0) return [{ state: "pass", evidence: seen }];
  if (!isBuiltElsewhere) return [{ state: "fail", evidence: seen }];
  const reason =
    "a distribution built this kernel and may have backported the fixes; check the advisories of the distribution";
  return [{ state: "warn", evidence: seen, reason }];
}
