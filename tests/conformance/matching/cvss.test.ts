import { expect, test } from "vitest";
import { scoreCvss } from "../../../src/detectors/vulnerabilities/rating/cvss.ts";
import { corpusBytes, describeWithCorpus } from "../../setup/corpus.ts";

describeWithCorpus("CVSS scores", () => {
  for (const [file, atLeast] of [
    ["v2.tsv", 56],
    ["v30.tsv", 281],
    ["v31.tsv", 1330],
    ["v4.tsv", 449],
  ] as const) {
    test(`every vector of cve-records/${file} has the score that its CVE record gives`, () => {
      const rows = lines("cve-records", file).map((line) => line.split("\t"));
      const wrong = rows.filter(([vector = "", score]) => scoreCvss(vector) !== Number(score));
      expect(wrong).toEqual([]);
      expect(rows.length).toBeGreaterThanOrEqual(atLeast);
    });
  }

  for (const [file, atLeast] of [
    ["v2_score.list", 3],
    ["v30_score.list", 32],
    ["v31_score.list", 33],
    ["v4_score.list", 13],
  ] as const) {
    test(`every vector without temporal or environmental metrics in claircore/${file} has the score beside it`, () => {
      const rows = lines("claircore", file)
        .map((line) => line.replace(/\s*#.*$/, "").split(/\s+/))
        .filter(([vector = ""]) => !/\/(RL|RC|CDP|TD|CR|IR|AR|M[A-Z]{1,2}):|CVSS:3.*\/E:/.test(vector));
      const wrong = rows.filter(([vector = "", score]) => scoreCvss(vector) !== Number(score));
      expect(wrong).toEqual([]);
      expect(rows.length).toBeGreaterThanOrEqual(atLeast);
    });
  }

  // Order of metrics and completeness of the optional groups are not our concern: a score is found without them.
  const tolerated = new Set([
    "AV:A/AC:L/Au:N/C:C/I:C/A:C/CDP:H/TD:H/CR:H",
    "AV:A/AC:L/Au:N/C:C/I:C/A:C/E:F",
    "AV:A/AC:L/Au:N/A:C/I:C/C:C",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/E:A/SA:N",
  ]);
  // Stands among the errors of version 4 only because it is of version 3.
  const otherVersion = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N";
  test("vectors that are not CVSS have no score", () => {
    const bad = ["v2_error.list", "v3_error.list", "v4_error.list"]
      .flatMap((file) => lines("claircore", file))
      .filter((line) => !line.endsWith("#OK") && !tolerated.has(line))
      .filter((line) => line !== otherVersion);
    expect(bad.filter((vector) => scoreCvss(vector) !== undefined)).toEqual([]);
    expect(bad.length).toBeGreaterThanOrEqual(36);
  });
});

function lines(...path: string[]): string[] {
  return corpusBytes("versions", "cvss", ...path)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}
