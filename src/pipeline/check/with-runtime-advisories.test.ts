import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { advisoryIndex } from "../../../tests/setup/advisory-index.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { hostChecks } from "../../checks/linux/host-checks.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckResult } from "../../model/checks/check.ts";
import type { HostFacts, RuntimeFact } from "../../model/checks/host-facts.ts";
import { readFactsFile } from "./facts-bundle.ts";
import { hostWithAdvisories } from "./with-runtime-advisories.ts";

const now = new Date("2026-08-01T00:00:00Z");

/** Records in the form of OSV's Debian records. */
const index = advisoryIndex(
  [
    ["DEBIAN-CVE-2024-21626", "CVE-2024-21626", "1.1.5+ds1-1+deb12u1"],
    ["DEBIAN-CVE-2025-31133", "CVE-2025-31133", "1.1.5+ds1-1+deb12u2"],
    ["DEBIAN-CVE-2025-52565", "CVE-2025-52565", undefined],
    ["DEBIAN-CVE-2025-52881", "CVE-2025-52881", "1.1.5+ds1-1+deb12u1"],
  ].map(([id = "", upstream = "", fixed]) => ({
    id,
    upstream: [upstream],
    modified: "2026-07-01T00:00:00Z",
    affected: [
      {
        package: { ecosystem: "Debian:12", name: "runc" },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(fixed === undefined ? [] : [{ fixed }])] }],
      },
    ],
  })),
);

function runc(version: string, distribution = "12", vendor?: string): HostFacts {
  const runtime: RuntimeFact = {
    name: "runc",
    version: "1.1.5+ds1",
    source: "/usr/bin/runc --version",
    origin: "the distribution (package runc)",
    package: { type: "deb", name: "runc", version, ...(vendor !== undefined && { vendor }) },
  };
  const osRelease = { value: { ID: "debian", VERSION_ID: distribution } };
  return { runtimes: { value: [runtime] }, osRelease } as unknown as HostFacts;
}

function resultOf(host: HostFacts): CheckResult | undefined {
  const checks = hostChecks.filter(({ id }) => id === "host/runtime-vulnerabilities");
  return runChecks(checks, hostWithAdvisories(host, index, now))[0];
}

test("a vulnerability that the distribution fixed is not reported, one that its package has is a failure", () => {
  const result = resultOf(runc("1.1.5+ds1-1+deb12u1"));
  expect(result?.state).toBe("fail");
  expect(result?.evidence).toEqual([
    { subject: "runc CVE-2024-21626", value: "fixed in package runc 1.1.5+ds1-1+deb12u1" },
    {
      subject: "runc affected by CVE-2025-31133",
      value: "runc 1.1.5+ds1-1+deb12u1",
      expected: "1.1.5+ds1-1+deb12u2 or later",
    },
    { subject: "runc affected by CVE-2025-52565", value: "runc 1.1.5+ds1-1+deb12u1", expected: "no fixed version yet" },
    { subject: "runc CVE-2025-52881", value: "fixed in package runc 1.1.5+ds1-1+deb12u1" },
  ]);
});

test("a release about which the database has no advisories stays a warning", () => {
  expect(resultOf(runc("1.1.5+ds1-1+deb12u2", "11"))?.state).toBe("warn");
});

test("a package of another maker is not decided by the distribution's advisories", () => {
  expect(resultOf(runc("1.1.5-1~ubuntu.20.04~focal", "12", "Docker <support@docker.com>"))?.state).toBe("warn");
});

test("a file of facts cannot bring advisories of its own", () => {
  const host = runc("1.1.5+ds1-1+deb12u1");
  const [runtime] = "value" in host.runtimes ? host.runtimes.value : [];
  const advisories = { package: "runc", fixed: ["CVE-2024-21626"], affected: [] };
  const forged = { ...host, runtimes: { value: [{ ...runtime, advisories }] } };
  const path = join(temporaryFolder(), "facts.json");
  writeFileSync(path, JSON.stringify({ schemaVersion: 1, collectedAt: now.toISOString(), host: forged }));
  expect(readFactsFile(path).host).toEqual(host);
});
