import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CheckReport, CheckResult } from "../model/checks/check.ts";
import { checkTable } from "./check-table.ts";
import { completeCheckReport } from "./fixtures/complete-check-report.ts";
import { displayWidth } from "./terminal-text.ts";

const [first] = completeCheckReport.results;
if (!first) throw new Error("the report has results");
const sample: CheckResult = first;

function plain(report: CheckReport, { width = 100, all = false, colour = false } = {}): string {
  return [...checkTable(report, { width, colour, all })].join("");
}

function ofResults(results: readonly Partial<CheckResult>[], more: Partial<CheckReport> = {}): CheckReport {
  return { ...completeCheckReport, results: results.map((one) => ({ ...sample, ...one })), ...more };
}

test("tells what was checked, what failed worst first, why some could not be evaluated, problems, counts and the verdict", () => {
  expect(plain(completeCheckReport)).toBe(
    `Checked     Docker at /run/docker.sock
            3 files · 2 resources · 1 Compose file · 4 layers · 2 images · 2 containers · facts of
            2026-11-28T10:00:00.000Z
            1 known finding left out (in base.json)

CRITICAL    Container is privileged  docker/container-privileged  CIS Docker 5.5; ATT&CK T1611
            container web  compose.yaml:3
              a waiver for it expired on 2026-11-27
              privileged: true; expected: false
              security options: empty
            Start it without --privileged.

MEDIUM      Container has no memory limit  docker/container-memory
            container web
              memory: not set
            Start it with --memory.

waived      Container is privileged  docker/container-privileged  CIS Docker 5.5
            container backup  compose.yaml
              waived until 2027-01-31: it reads raw disks

Not checked docker/swarm-mode: no Docker Engine socket found at /run/docker.sock

Problems    compose.yaml: line 3: a quote is not closed

Waivers     the waiver for docker/* expired on 2026-01-01

Results     2 failed (1 critical, 1 medium) · 1 could not be checked · 1 waived · 1 manual · 1 not
            applicable · 1 passed
CANNOT TELL 1 check could not be evaluated
            1 problem left something unexamined
`,
  );
});

test("with --all everything is shown, with its reason", () => {
  const text = plain(completeCheckReport, { all: true });
  expect(text).toContain("\npassed      Containers are kept apart  docker/daemon-icc\n");
  expect(text).toContain("\nmanual      Images hold no surplus packages  docker/image-packages\n");
  expect(text).toContain(
    "\nn/a         Docker's port is guarded by TLS  docker/daemon-tls\n              dockerd listens on no port\n",
  );
  expect(text).toContain(
    "\nnot checked Swarm mode is off where it is not used  docker/swarm-mode\n              no Docker Engine socket",
  );
});

test("one reason for many checks is told once, and few checks by name", () => {
  const warn = (id: string, reason: string): Partial<CheckResult> => ({ id, state: "warn", reason });
  const report = ofResults([
    ...["a", "b", "c", "d"].map((id) => warn(id, "there is no socket")),
    warn("e", "no permission"),
    warn("e", "no permission"),
    warn("f", "no permission"),
  ]);
  expect(plain(report)).toContain("Not checked 4 checks: there is no socket\n            e, f: no permission\n");
});

test("of many resources and much evidence, how many more there are is said", () => {
  const resources = Array.from({ length: 1234 }, (_, index) => ({ resource: `container ${index}` }));
  expect(plain(ofResults(resources))).toContain(
    "container 19\n              memory: not set\n            … and 1,214 more\n",
  );
  const evidence = Array.from({ length: 25 }, (_, index) => ({ subject: `field ${index}` }));
  expect(plain(ofResults([{ evidence }]))).toContain("field 19: not set\n              … and 5 more\n");
  const problems = Array.from({ length: 12 }, (_, index) => ({ code: "unreadable" as const, message: `no ${index}` }));
  expect(plain(ofResults([], { problems }))).toContain("no 9\n            … and 2 more\n");
});

test("a long value is told to its end, on more lines", () => {
  const value = `-w /usr/lib/systemd/system/docker.service -p wa -k docker ${"x".repeat(150)} END`;
  const text = plain(
    ofResults([
      { evidence: [{ subject: "rule", value }], location: { path: `${"folder/".repeat(30)}end.yaml`, line: 7 } },
    ]),
  );
  expect(text.replace(/\s+/g, "")).toContain(value.replace(/\s+/g, ""));
  expect(text.replace(/\s+/g, "")).toContain(`${"folder/".repeat(30)}end.yaml:7`);
});

test("nothing looked at is said to be nothing", () => {
  const text = plain(
    ofResults([], {
      idleWaivers: [],
      baseline: { name: "base.json", known: 0 },
      target: { kind: "manifests", name: "empty", examined: { files: 0, resources: 0 } },
      counts: { pass: 0, fail: 0, warn: 0, manual: 0, "not-applicable": 0, waived: 0 },
      problems: [],
    }),
  );
  expect(text).toMatch(
    /^Checked {5}empty\n {12}0 known findings left out \(in base.json\)\n\nResults {5}nothing to check\n/,
  );
});

describe("the terminal", () => {
  const hostile = "\u001b[2J\u001b]0;x\u0007\r\nALLOWED     no check failed\u202egnihton\u200b\n";
  const hostileReport: CheckReport = {
    ...completeCheckReport,
    target: { kind: "manifests", name: hostile },
    results: completeCheckReport.results.map((one) => ({
      ...one,
      id: hostile,
      title: hostile,
      resource: hostile,
      location: { path: hostile },
      evidence: [{ subject: hostile, value: hostile, expected: `${hostile}x` }],
      reason: hostile,
      remediation: hostile,
    })),
    problems: [{ code: "unreadable", message: hostile, path: hostile }],
    verdict: { decision: "denied", reasons: [hostile] },
  };

  test.each([false, true])("gets nothing from a hostile file that it would obey (all: %s)", (all) => {
    const text = plain(hostileReport, { all });
    expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}|\p{Zl}|\p{Zp}/u);
    expect(text).not.toMatch(/^ALLOWED/m);
    expect(text).toContain("\\x1b[2J");
  });

  test("gets no line wider than it is, down to 60 columns", () => {
    for (const width of [0, 40, 60, 61, 80, 200, Number.NaN]) {
      for (const report of [completeCheckReport, hostileReport]) {
        for (const line of plain(report, { width, all: true }).split("\n")) {
          expect(displayWidth(line), line).toBeLessThanOrEqual(Math.max(60, width || 0));
        }
      }
    }
  });

  test("gets colour only where that is wanted", () => {
    expect(plain(completeCheckReport)).not.toContain("\u001b");
    const coloured = plain(completeCheckReport, { colour: true });
    expect(coloured).toContain("\u001b[31m");
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(plain(completeCheckReport));
  });

  test("gets harmless lines that fit, whatever a report holds", () => {
    const text = fc.string({ unit: "grapheme-composite", maxLength: 200 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 120 }), (one, other, width) => {
        const report = ofResults([
          { id: one, title: other, resource: one, location: { path: other, line: 1 }, reason: one },
          { state: "warn", reason: other, evidence: [{ subject: one, value: other, expected: one }] },
        ]);
        for (const line of plain(report, { width }).split("\n")) {
          expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(60, width));
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 200 },
    );
  });
});
