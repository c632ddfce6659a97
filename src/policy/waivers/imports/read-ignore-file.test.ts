import { expect, test } from "vitest";
import type { Waiver } from "../../../model/findings/waiver.ts";
import { readIgnoreFile } from "./read-ignore-file.ts";

test.each<[what: string, text: string, waivers: Waiver[], skipped: number]>([
  ["an empty .trivyignore", "# nothing\n", [], 0],
  [
    "a .trivyignore",
    "# not reachable\nCVE-2020-1\nCVE-2020-2 exp:2027-01-31 # soon\n\nGHSA-aaaa-bbbb-cccc\nAVD-DS-0002\nCVE-2020-3 exp:never\n",
    [
      { id: "CVE-2020-1", reason: "not reachable" },
      { id: "CVE-2020-2", reason: "soon", until: "2027-01-31" },
      { id: "GHSA-aaaa-bbbb-cccc", reason: "from f" },
    ],
    2,
  ],
  [
    "a .trivyignore.yaml",
    [
      "vulnerabilities:",
      "  - {id: CVE-2020-1, paths: [usr/bin/a, 'opt/**'], purls: ['pkg:npm/a@1'], expired_at: 2027-01-31, statement: s}",
      "  - {id: CVE-2020-2, paths: ['usr/*/a']}",
      "misconfigurations:",
      "  - id: AVD-DS-0002",
    ].join("\n"),
    [{ id: "CVE-2020-1", package: ["pkg:npm/a@1"], path: ["usr/bin/a", "opt/*"], reason: "s", until: "2027-01-31" }],
    2,
  ],
  [
    "a .grype.yaml",
    [
      "fail-on-severity: high",
      "ignore:",
      "  - vulnerability: CVE-2020-1",
      "    fix-state: not-fixed",
      "    package: {name: openssl, version: 3.0.1, type: deb, location: '/usr/**'}",
      "  - package: {name: a}",
      "  - {vulnerability: CVE-2020-2, vex-status: affected}",
      "  - {vulnerability: CVE-2020-3, package: {name: 'a.*'}}",
      "  - {vulnerability: CVE-2020-4, reason: why}",
    ].join("\n"),
    [
      {
        ...{ id: "CVE-2020-1", package: ["pkg:deb/*/openssl@3.0.1"], path: ["usr/*"], reason: "from f" },
        until: "fixed",
      },
      { id: "CVE-2020-4", reason: "why" },
    ],
    3,
  ],
  [
    "a .snyk",
    [
      "version: v1.25.0",
      "ignore:",
      "  CVE-2020-1:",
      "    - '*': {reason: r, expires: 2027-01-31T00:00:00.000Z}",
      "  SNYK-JS-LODASH-590103:",
      "    - '*': {reason: r}",
      "  CVE-2020-2:",
      "    - 'a > b': {reason: r}",
    ].join("\n"),
    [{ id: "CVE-2020-1", reason: "r", until: "2027-01-31" }],
    2,
  ],
])("%s is converted, and what a waiver cannot say is told", (_, text, waivers, skipped) => {
  const result = readIgnoreFile(text, "f");
  expect(result.waivers).toEqual(waivers);
  expect(result.skipped).toHaveLength(skipped);
});

test("another YAML file is refused", () => {
  expect(() => readIgnoreFile("failOn: high\n", "f")).toThrow("is not an ignore file of Trivy, Grype or Snyk");
});
