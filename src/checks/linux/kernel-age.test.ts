import { expect, test } from "vitest";
import { kernelObservations } from "./kernel-age.ts";

function seen(release: string): readonly [state: string | undefined, flaws: string[]] {
  const [observation] = kernelObservations(release);
  return [
    observation?.state,
    observation?.evidence.flatMap(({ subject }) => /affected by (CVE-\S+)/.exec(subject)?.[1] ?? []) ?? [],
  ];
}

test.each<[release: string, state: string, flaws: string[]]>([
  ["6.12.85", "pass", []],
  ["6.12.84", "fail", ["CVE-2026-31431"]],
  ["6.18.22", "pass", []],
  ["7.1.3", "pass", []],
  ["5.10.254", "pass", []],
  ["5.10.212", "fail", ["CVE-2026-31431"]],
  ["5.10.209", "fail", ["CVE-2024-1086", "CVE-2026-31431"]],
  ["5.4.270", "fail", ["CVE-2026-31431"]],
  ["5.15.24", "fail", ["CVE-2022-0847", "CVE-2024-1086", "CVE-2026-31431"]],
  ["6.1.0-18-amd64", "warn", ["CVE-2024-1086", "CVE-2026-31431"]],
  ["5.15.0-91-generic", "warn", ["CVE-2022-0847", "CVE-2022-0185", "CVE-2022-0492", "CVE-2024-1086", "CVE-2026-31431"]],
  ["4.18.0-553.el8_10.x86_64", "warn", ["CVE-2022-0492", "CVE-2024-1086", "CVE-2026-31431"]],
  ["6.12.90+deb13-amd64", "pass", []],
  ["3.2", "fail", ["CVE-2022-0492"]],
  ["weird", "warn", []],
])("a kernel %s is a %s: %j", (release, state, flaws) => {
  expect(seen(release)).toEqual([state, flaws]);
});

test("a line that ended is a failure though no flaw is known, and a distribution's own line is not", () => {
  expect(seen("6.19.12")).toEqual(["fail", []]);
  expect(seen("6.19.12-200.fc43.x86_64")).toEqual(["pass", []]);
});
