import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completeReport } from "./fixtures/complete-report.ts";
import { lodash, plainTable } from "./fixtures/plain-table.ts";
import { hostileReport, type SamplePackage, sampleReport, shopReport } from "./fixtures/sample-reports.ts";
import { table } from "./table.ts";
import { displayWidth } from "./terminal-text.ts";

describe("the terminal", () => {
  test("gets no line wider than it is", () => {
    for (const report of [shopReport, hostileReport, completeReport]) {
      for (let width = 60; width <= 200; width += 1) {
        for (const line of table(report, { width, colour: false })) {
          expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(width);
        }
      }
    }
  });

  test("gets no control character from a report, and one line break for each line", () => {
    for (const width of [60, 120]) {
      for (const line of table(hostileReport, { width, colour: false })) {
        expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*\n$/u);
      }
    }
    expect(plainTable(hostileReport)).toContain("\\x1b[2J");
    expect(plainTable(hostileReport)).not.toMatch(/^ALLOWED/m);
  });

  test("gets harmless lines that fit, whatever a report holds", () => {
    const text = fc.string({ unit: "binary", maxLength: 80 });
    fc.assert(
      fc.property(text, text, text, fc.integer({ min: 60, max: 120 }), (name, version, path, width) => {
        const report = sampleReport([
          {
            ...lodash,
            name,
            version,
            path,
            findings: [
              [name, "high", version],
              [path, "low"],
            ],
          },
        ]);
        for (const line of table(report, { width, colour: false })) {
          expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*\n$/u);
          expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test("gets colour only when it is allowed, and the same text then", () => {
    const coloured = [...table(shopReport, { width: 100, colour: true })].join("");
    expect(coloured).toContain("\u001b[");
    expect(plainTable(shopReport)).not.toContain("\u001b");
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(plainTable(shopReport));
  });

  test("is taken as 60 columns when it says less or nothing", () => {
    expect(plainTable(shopReport, 10)).toBe(plainTable(shopReport, 60));
    expect(plainTable(shopReport, Number.NaN)).toBe(plainTable(shopReport, 60));
  });

  test("is no reason to cut the name that one has to act on", () => {
    const spring = "org.springframework:spring-beans";
    const long = `github.com/${"a-long-path/".repeat(12)}module`;
    const of = (name: string): SamplePackage => ({
      ...{ type: "deb", name, version: "2.36-9+deb12u4", path: "a", layer: 0 },
      findings: [["CVE-2024-1", "high", "2.36-9+deb12u10-1"]],
    });
    for (const names of [["libc-bin", "libc6"], [spring], [long], [spring, "z"]]) {
      for (let width = 60; width <= 140; width += 1) {
        const text = plainTable(sampleReport(names.map(of)), width);
        const block = text.slice(text.indexOf("upgrade"), text.indexOf("CVE"));
        expect(block.replace(/\s/g, "")).toContain(`upgrade${names.length === 1 ? names[0] : ""}`);
        expect(block).not.toContain("…");
        expect(Math.max(...block.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width);
      }
    }
    expect(plainTable(sampleReport(["libc-bin", "libc6"].map(of)), 60)).toContain("upgrade libc-bin, libc6");
  });

  test("is no reason to cut the version to go to: the installed one gives way, and then it has lines of its own", () => {
    const pseudo = "v1.2.3-0.20230101000000-abcdefabcdef";
    const long = `1.${"2345678.".repeat(20)}9`;
    for (const upgradeTo of [pseudo, long]) {
      const report = sampleReport([
        {
          ...{ type: "golang", name: "github.com/owner/module", version: pseudo, path: "a", layer: 0 },
          findings: [["CVE-2024-1", "high", upgradeTo]],
        },
      ]);
      for (let width = 60; width <= 140; width += 1) {
        const text = plainTable(report, width);
        const block = text.slice(text.indexOf("upgrade"), text.indexOf("CVE"));
        expect(block.replace(/\s/g, "")).toContain(`→${upgradeTo}`);
        expect(Math.max(...block.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width);
      }
    }
  });
});
