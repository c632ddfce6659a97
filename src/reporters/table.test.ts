import { describe, expect, test } from "vitest";
import type { Finding } from "../model/findings/finding.ts";
import type { Report } from "../model/reports/report.ts";
import { lodash, plainTable } from "./fixtures/plain-table.ts";
import { type SamplePackage, sampleReport, shopReport } from "./fixtures/sample-reports.ts";
import { groupByPackage } from "./package-groups.ts";
import { table } from "./table.ts";

/** The lines of the block that holds the text. */
function blockWith(text: string, report: Report, width = 100): string[] {
  const block = plainTable(report, width)
    .split("\n\n")
    .find((part) => part.includes(text));
  return (block ?? "").split("\n");
}

describe("what to do about a package", () => {
  test("stands first, with the version to go to, before ids and place", () => {
    expect(blockWith("lodash 4", shopReport)).toEqual([
      "HIGH        upgrade lodash 4.17.15 → 4.17.21",
      "            high CVE-2020-8203, CVE-2021-23337 · medium CVE-2020-28500",
      "            your layer 5 of 5: COPY package.json node_modules /srv/web/",
      "            /srv/web/node_modules/lodash/package.json",
    ]);
  });

  test("is the highest of the fixes, by the order of the ecosystem and not of text", () => {
    const fixes = ["4.17.9", "4.17.21", "4.17.10"] as const;
    const report = sampleReport([{ ...lodash, findings: fixes.map((fix, index) => [`CVE-${index}`, "high", fix]) }]);
    expect(plainTable(report)).toContain("upgrade lodash 4.17.15 → 4.17.21\n");
  });

  test("is rated by what the upgrade fixes; what stays open is a row of its own", () => {
    const report = sampleReport([
      {
        ...lodash,
        findings: [
          ["CVE-1", "critical"],
          ["CVE-2", "low", "4.17.21"],
          ["CVE-3", "medium", "4.17.20"],
        ],
      },
    ]);
    expect(plainTable(report).match(/^(?:CRITICAL|MEDIUM) .*\n.*$/gm)).toEqual([
      "CRITICAL    watch lodash 4.17.15: no fix yet, open after the upgrade\n            critical CVE-1",
      "MEDIUM      upgrade lodash 4.17.15 → 4.17.21\n            medium CVE-3 · low CVE-2",
    ]);
    expect(plainTable(report)).toContain("3 findings (3 vulnerabilities) in 1 package: ");
    expect(plainTable(report)).toContain("upgrades can fix 2 of 3\n");
  });

  test.each([
    ["affected", "watch lodash 4.17.15: no fix yet"],
    ["will-not-fix", "replace lodash 4.17.15: the publisher will not fix it"],
    ["end-of-life", "replace lodash 4.17.15: the package is no longer maintained"],
    ["fix-deferred", "watch lodash 4.17.15: the publisher deferred the fix"],
    ["under-investigation", "watch lodash 4.17.15: the publisher is still investigating"],
  ] as const)("without a fix follows what the publisher says: %s", (status, line) => {
    expect(plainTable(sampleReport([{ ...lodash, findings: [["CVE-1", "high", undefined, { status }]] }]))).toContain(
      line,
    );
  });

  test("is said once for packages that were built together", () => {
    expect(plainTable(shopReport)).toContain("upgrade libssl3, openssl 3.0.11-1~deb12u1 → 3.0.15-1~deb12u1\n");
  });

  test("keeps the version in sight when names are long or many", () => {
    const names = Array.from({ length: 60 }, (_, index) => `library-of-some-length-${index}`);
    const report = sampleReport(names.map((name) => ({ ...lodash, name, findings: [["CVE-1", "high", "4.17.21"]] })));
    for (const width of [60, 80, 200]) expect(plainTable(report, width)).toMatch(/more.*\s+.*4\.17\.15 → 4\.17\.21\n/);
  });
});

test("a database from the future has no age", () => {
  const told = (builtAt: string): string => {
    const database = { ...shopReport.database, builtAt };
    const report = { ...shopReport, database, createdAt: "2026-03-06T12:00:00Z" };
    return [...table(report, { width: 200, colour: false })].find((line) => line.startsWith("Advisories")) ?? "";
  };
  expect(told("2026-03-06T11:00:00Z")).toContain("less than a day old (2026-03-06)");
  expect(told("2026-03-07T11:00:00Z")).toContain("less than a day old");
  expect(told("2030-01-01T00:00:00Z")).toContain("of unknown age (2030-01-01)");
});

describe("the order of packages", () => {
  test("is worst first; at equal severity what can be upgraded, then one's own", () => {
    const actions = plainTable(shopReport).match(/^[A-Z]+ +(upgrade|watch|replace) .*$/gm) ?? [];
    expect(actions.map((line) => line.split(/ +/).slice(0, 3).join(" "))).toEqual([
      "CRITICAL upgrade org.apache.logging.log4j:log4j-core",
      "CRITICAL upgrade libssl3,",
      "CRITICAL replace zlib1g",
      "HIGH upgrade lodash",
      "HIGH upgrade libc6",
      "MEDIUM upgrade curl",
      "LOW watch tar",
      "NEGLIGIBLE watch libc6",
    ]);
  });

  test("puts upgrades that fix a known exploited vulnerability first, and unknown severity between high and medium", () => {
    const facts = { knownExploited: { addedAt: "2021-12-10", ransomware: false } };
    const of = (name: string, ...finding: SamplePackage["findings"][number]): SamplePackage => ({
      ...lodash,
      name,
      findings: [finding],
    });
    const report = sampleReport([
      of("low", "CVE-1", "low", "5.0.0"),
      of("unknown", "CVE-2", "unknown", "5.0.0"),
      of("critical", "CVE-3", "critical", "5.0.0"),
      of("exploited", "CVE-4", "medium", "5.0.0", { facts }),
      of("exploited-without-fix", "CVE-5", "medium", undefined, { facts }),
      of("medium", "CVE-6", "medium", "5.0.0"),
      of("high", "CVE-7", "high"),
    ]);
    expect(groupByPackage(report).flatMap(({ names }) => names)).toEqual([
      "exploited",
      "critical",
      "high",
      "unknown",
      "exploited-without-fix",
      "medium",
      "low",
    ]);
    expect(plainTable(report, 140)).toContain("1 critical, 1 high, 1 unknown, 3 medium, 1 low\n");
  });

  test("does not depend on the order of the findings", () => {
    const turned = { ...shopReport, findings: shopReport.findings.toReversed() };
    expect(plainTable(turned)).toBe(plainTable(shopReport));
  });
});

describe("ids", () => {
  const findings = Array.from({ length: 40 }, (_, index) => [`CVE-2020-${1000 + index}`, "high", "5.0.0"] as const);

  test.each([60, 80, 140])("are as many as fit into %i columns, and the rest is counted", (width) => {
    const [, line = ""] = blockWith("upgrade lodash", sampleReport([{ ...lodash, findings }]), width);
    const shown = line.match(/CVE-/g)?.length ?? 0;
    expect(shown).toBeGreaterThanOrEqual(2);
    expect(line).toMatch(new RegExp(`· \\+${40 - shown} more$`));
    expect(line.length).toBeGreaterThan(width - 20);
  });

  test("are all there in a full table, over as many lines as they take", () => {
    for (const width of [60, 80, 200]) {
      const report = sampleReport([{ ...lodash, findings: [...findings, ["CVE-2021-1", "low", "5.0.0"]] }]);
      const text = [...table(report, { width, colour: false, full: true })].join("");
      expect(text.match(/CVE-20\d\d-\d+/g)).toEqual(
        expect.arrayContaining([...findings, ["CVE-2021-1"]].map(([id]) => id)),
      );
      expect(text).not.toMatch(/more|…/);
      expect(Math.max(...text.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(width);
    }
  });

  test("are all there when they fit, without a count", () => {
    const report = sampleReport([{ ...lodash, findings: findings.slice(0, 3) }]);
    expect(blockWith("upgrade lodash", report)[1]).toBe("            high CVE-2020-1000, CVE-2020-1001, CVE-2020-1002");
  });
});

describe("what is known of exploitation", () => {
  const known = { knownExploited: { addedAt: "2021-12-10", ransomware: false } };
  const ransomware = { knownExploited: { addedAt: "2021-12-10", ransomware: true } };
  const predicted = (probability: number): Finding["facts"] => {
    return { exploitPrediction: { probability, percentile: 0.9, date: "2026-03-05" } };
  };

  test("stands beside the ids, with the highest prediction", () => {
    const exploits = { ...ransomware, ...predicted(0.9445), exploits: ["EDB-50592", "EDB-50590"] };
    const report = sampleReport([
      {
        ...lodash,
        findings: [
          ["CVE-2021-44228", "critical", "4.17.21", { facts: exploits }],
          ["CVE-2021-45105", "medium", "4.17.21", { facts: predicted(0.2) }],
        ],
      },
    ]);
    expect(blockWith("upgrade lodash", report, 80).slice(1, 4)).toEqual([
      "            critical CVE-2021-44228 · medium CVE-2021-45105",
      "            exploited (ransomware): CVE-2021-44228 · EPSS up to 94%",
      "            2 published exploits",
    ]);
  });

  test("names no ids when it is true of all", () => {
    const one = sampleReport([{ ...lodash, findings: [["CVE-2021-1", "high", "5.0.0", { facts: known }]] }]);
    expect(plainTable(one)).toContain("            high CVE-2021-1 · exploited\n");
    const two = ["CVE-2021-1", "CVE-2021-2"].map((id) => [id, "high", "5.0.0", { facts: known }] as const);
    expect(plainTable(sampleReport([{ ...lodash, findings: two }]))).toContain("CVE-2021-2 · all exploited\n");
  });

  test("puts a package before others of its severity, and is never left to the few lines of a quiet one", () => {
    const report = sampleReport([
      { ...lodash, name: "a", findings: [["CVE-2021-1", "low", undefined, { summary: "One." }]] },
      { ...lodash, name: "b", findings: [["CVE-2021-2", "low", undefined, { summary: "Two.", facts: known }]] },
    ]);
    const text = plainTable(report);
    expect(text.indexOf("watch b")).toBeLessThan(text.indexOf("watch a"));
    expect(text).toContain("Two.");
    expect(text).not.toContain("One.");
  });

  test("is never clipped to less than one id at the narrowest", () => {
    const findings = Array.from({ length: 9 }, (_, index) => {
      return [`CVE-2021-4422${index}`, "high", "5.0.0", { facts: index < 8 ? ransomware : {} }] as const;
    });
    const lines = blockWith("upgrade lodash", sampleReport([{ ...lodash, findings }]), 60);
    expect(lines).toContain("            exploited (ransomware): CVE-2021-44220, +7 more");
  });
});

describe("a fix that only a channel brings", () => {
  const channelFix = { channel: "esm", version: "3.0.2-0ubuntu1.15+esm1" } as const;
  const report = sampleReport([
    {
      ...lodash,
      type: "deb",
      name: "libssl3",
      version: "3.0.2-0ubuntu1.10",
      findings: [["CVE-1", "high", undefined, { channelFix }]],
    },
  ]);

  test("is told in place of the status, the fix before the installed version where there is little room", () => {
    expect(plainTable(report, 100)).toContain(
      "watch libssl3 3.0.2-0ubuntu1.10: fix only with ESM: 3.0.2-0ubuntu1.15+esm1\n",
    );
    expect(plainTable(report, 80)).toContain(
      "\n            3.0.2-0ubuntu1.10: fix only with ESM: 3.0.2-0ubuntu1.15+esm1\n",
    );
    expect(plainTable(report, 60)).toContain("fix only with ESM: 3.0.2-0ubuntu…\n");
  });
});

test("a full table cuts no name, path, summary, instruction or problem", () => {
  const long = "a-long-name/".repeat(30);
  const summary = "A sentence that is much longer than a line of a table. ".repeat(8).trim();
  const problems = Array.from(
    { length: 20 },
    (_, index) => ({ code: "unreadable", message: `number ${index}` }) as const,
  );
  const of = (name: string, path: string): SamplePackage => ({
    ...lodash,
    name,
    path,
    findings: [["CVE-1", "high", `1.${"2.".repeat(80)}3`, { summary }]],
  });
  const report = sampleReport([of(long, "one/path"), of("other", `${long}package.json`)], { problems });
  const text = [...table(report, { width: 80, colour: false, full: true })].join("");
  expect(text).not.toContain("…");
  expect(text).toContain(long);
  expect(text).toContain(`/${long}package.json\n`);
  expect(text.replace(/\s+/g, " ")).toContain(summary);
  expect(text).toContain("number 19");
});

describe("further names", () => {
  const aliases = ["GHSA-p6mc-m468-83gw", "OSV-CVE-2020-8203"];

  test("stand beside the id of the only vulnerability, but for those that repeat it", () => {
    const report = sampleReport([{ ...lodash, findings: [["CVE-2020-8203", "high", "5.0.0", { aliases }]] }]);
    expect(plainTable(report)).toContain("high CVE-2020-8203 (GHSA-p6mc-m468-83gw)\n");
  });

  test("are left out where there are several ids or no room", () => {
    const ids = ["CVE-2020-8203", "CVE-2020-8204"].map((id) => [id, "high", "5.0.0", { aliases }] as const);
    expect(plainTable(sampleReport([{ ...lodash, findings: ids }]))).not.toContain("GHSA");
    const long = Array.from({ length: 4 }, (_, index) => `GHSA-p6mc-m468-83g${index}`);
    const report = sampleReport([{ ...lodash, findings: [["CVE-2020-8203", "high", "5.0.0", { aliases: long }]] }]);
    expect(plainTable(report, 60)).not.toContain("GHSA");
  });
});

describe("whose a package is", () => {
  test("is told for each package and in sum, with what a newer base image can fix", () => {
    const text = plainTable(shopReport, 140);
    expect(text).toContain("base image, layer 1 of 5: # debian.sh");
    expect(text).toContain("your layer 3 of 5: RUN apt-get update && apt-get install -y curl");
    expect(text).toContain("Your layers 2 critical · 2 high · 4 medium · upgrades can fix all 8\n");
    expect(text).toMatch(/Base image {2}3 critical .* · a newer base image can fix 5 of 8\n/);
  });

  test("is left open when the image does not show its base", () => {
    const layers = shopReport.layers.map((layer) => ({ ...layer, base: false }));
    const text = plainTable({ ...shopReport, layers });
    expect(text).toContain("            layer 1 of 5: # debian.sh");
    expect(text).not.toMatch(/your|Base image/i);
  });

  test("is no question for a folder, whose paths have no root", () => {
    const report = sampleReport([{ ...lodash, layer: null, findings: [["CVE-1", "high", "5.0.0"]] }], {
      target: { kind: "dir", name: "." },
      layers: [],
      distro: null,
    });
    expect(plainTable(report)).toContain("\n            a/lodash\n");
    expect(plainTable(report)).not.toContain("layer");
  });
});
