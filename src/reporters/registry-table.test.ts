import { expect, test } from "vitest";
import type { RegistryReport } from "../model/reports/registry-report.ts";
import { completeRegistryReport } from "./fixtures/complete-registry-report.ts";
import { registryTable } from "./registry-table.ts";
import { displayWidth } from "./terminal-text.ts";

function lines(report: RegistryReport, width = 80): string[] {
  return [...registryTable(report, { width, colour: false })].join("").split("\n");
}

test("the table of a run fits 80 columns and names each image, worst first, what failed, and the totals", () => {
  expect(lines(completeRegistryReport)).toEqual([
    "Scanned     registry.example.com/team:1.2.3",
    "            4 repositories · 5 tags · 1 image by name · tags 1.*,!*-debug",
    "            the newest 3 of each · all platforms",
    "",
    "Verdict     Image                                   CRIT  HIGH   MED   LOW OTHER",
    "DENIED      team/app:latest +1 linux/amd64             1     2     3     1     9",
    "ALLOWED     team/other@sha256:aaaaaaaaaaaa             0     0     0     0     0",
    "",
    "Unexamined  team/app:latest: etc/broken cannot be read",
    "",
    "Failed      team/secret:1 (linux/arm64): the registry registry.example.com",
    "            refuses the manifest: HTTP status 401",
    "            Log in first.",
    "            the list of repositories may be incomplete: a page was cut off",
    "",
    "Advisories  from the database, 1 day old (2026-01-01)",
    "            the advisories of npm could not be fetched: nothing answers",
    "Findings    3 findings left out by --severity critical,high --ignore-unfixed",
    "Images      1 denied, 1 allowed, 2 failed",
    "            2 different ones, 1 known from an earlier run,",
    "            1 with parts that could not be examined,",
    "            2 with layers that were read by their tables of contents alone,",
    "            3 artifacts skipped (not images), 1 repository without tags",
    "Not known   team/left",
    "            listed, but not found: deleted, or not accessible with these",
    "            credentials",
    "Layers      1 of 2 different layers read, 1.2 MB",
    "            without --lazy they are read completely",
    "",
  ]);
});

test("each reason why something cannot be told stands there once, with an image that it is true of", () => {
  const [first] = completeRegistryReport.images;
  if (!first) throw new Error("there should be an image");
  const reason = "no packages were found, so nothing was compared";
  const untold = { ...first, problems: [], verdict: { decision: "cannot-tell", reasons: [reason] } } as const;
  const gap = { code: "no-advisories", message: "the database has no advisories for Debian" } as const;
  const images = [
    { ...first, problems: [gap] },
    { ...first, repository: "team/b", manifestDigest: "sha256:b", problems: [gap] },
    { ...first, repository: "team/copy", problems: [gap] },
    { ...untold, repository: "team/c" },
    ...Array.from({ length: 30 }, (_, n) => ({
      ...first,
      repository: "team/d",
      problems: [{ code: "unreadable" as const, message: `a header is damaged`, path: `etc/${n}` }],
    })),
  ];
  const table = lines({ ...completeRegistryReport, images, failures: [] }, 120);
  const start = table.findIndex((line) => line.startsWith("Unexamined"));
  expect(table.slice(start, start + 3)).toEqual([
    "Unexamined  team/app:latest and 1 other image: the database has no advisories for Debian",
    `            team/c:latest: ${reason}`,
    "            team/d:latest: etc/0: a header is damaged",
  ]);
  expect(table.slice(start).indexOf("")).toBe(21);
  expect(table[start + 20]).toBe("            and more, all in --format json");
});

test.each([60, 80, 120])(
  "a name that does not fit beside its numbers stands whole above them at %i columns",
  (width) => {
    const [first] = completeRegistryReport.images;
    if (!first) throw new Error("there should be an image");
    const names = ["team/app", "team/services/shop/checkout-worker", `team/${"very-long-name/".repeat(15)}app`];
    const images = names.flatMap((repository) =>
      ["linux/amd64", "linux/arm64"].map((platform) => ({ ...first, repository, tags: ["0.9", "1.0"], platform })),
    );
    const table = lines({ ...completeRegistryReport, images, failures: [] }, width);
    const start = table.findIndex((line) => line.startsWith("Verdict")) + 1;
    const rows = table.slice(start, table.indexOf("", start));
    const blocks = rows
      .join("\n")
      .split(/^DENIED/m)
      .slice(1);
    expect(blocks.map((block) => block.replace(/\s/g, ""))).toEqual(
      names.flatMap((name) => ["linux/amd64", "linux/arm64"].map((platform) => `${name}:1.0+1${platform}12319`)),
    );
    for (const block of blocks) expect(block.trimEnd()).toMatch(/ {5}1 {5}2 {5}3 {5}1 {5}9$/);
    expect(blocks[0]?.trimEnd().split("\n")).toHaveLength(width === 60 ? 2 : 1);
    if (width === 80) {
      expect(rows.slice(0, 3)).toEqual([
        "DENIED      team/app:1.0 +1 linux/amd64                1     2     3     1     9",
        "DENIED      team/app:1.0 +1 linux/arm64                1     2     3     1     9",
        "DENIED      team/services/shop/checkout-worker:1.0 +1",
      ]);
      expect(rows[3]).toBe("            linux/amd64                                1     2     3     1     9");
    }
  },
);

test("without a policy no image is allowed, and the missing policy is not listed as something unexamined", () => {
  const [first] = completeRegistryReport.images;
  if (!first) throw new Error("there should be an image");
  const reason = "1 finding; no policy or --fail-on given";
  const sound = { ...first, problems: [], layers: [] };
  const images = [
    { ...sound, verdict: { decision: "not-judged", reasons: [reason] } },
    { ...sound, manifestDigest: "sha256:s", verdict: { decision: "cannot-tell", reasons: ["half a feed", reason] } },
  ] as const;
  const table = lines({ ...completeRegistryReport, images, failures: [] }, 120);
  expect(table.filter((line) => line.startsWith("NO POLICY   "))).toHaveLength(1);
  expect(table).toContain("Unexamined  team/app:latest: half a feed");
  const start = table.findIndex((line) => line.startsWith("Images"));
  expect(table.slice(start, start + 2)).toEqual([
    "Images      1 cannot tell, 1 not judged, 2 failed",
    "            no policy or --fail-on given; to get a verdict: --fail-on high",
  ]);
});

test("an image counts once, by the worst verdict on it, on however many lines it is", () => {
  const [first] = completeRegistryReport.images;
  if (!first) throw new Error("there should be an image");
  const open = { ...first, verdict: { decision: "cannot-tell", reasons: ["a layer is missing"] } } as const;
  const sound = { ...first, manifestDigest: "sha256:s", problems: [], layers: [] };
  const allowed = { ...sound, verdict: { decision: "allowed", reasons: [] } } as const;
  const images = [open, first, { ...first, repository: "team/b" }, allowed, { ...allowed, tags: ["other"] }];
  const table = lines({ ...completeRegistryReport, images, failures: [] }, 80);
  const start = table.findIndex((line) => line.startsWith("Images"));
  expect(table.slice(start, start + 3)).toEqual([
    "Images      1 denied, 1 allowed, 2 failed",
    "            2 different ones on 5 lines, 1 known from an earlier run,",
    "            1 with parts that could not be examined,",
  ]);
  expect(table[start + 3]).toMatch(/^ {12}1 with layers/);
});

test.each([60, 80, 200])("no line is wider than %i columns, whatever the names", (width) => {
  const [first] = completeRegistryReport.images;
  if (!first) throw new Error("there should be an image");
  const long = { ...first, repository: `team/${"very-long-name/".repeat(20)}app`, tags: ["v".repeat(128), "x"] };
  const table = lines(
    { ...completeRegistryReport, images: [first, long, { ...long, platform: "linux/arm64" }] },
    width,
  );
  for (const line of table) expect(displayWidth(line)).toBeLessThanOrEqual(width);
});

test("nothing from a registry reaches the terminal as a control character", () => {
  const evil = "\u001b[2Jx\u202e\n";
  const [first] = completeRegistryReport.images;
  if (!first) throw new Error("there should be an image");
  const report: RegistryReport = {
    ...completeRegistryReport,
    scope: { ...completeRegistryReport.scope, prefix: evil, tags: [evil], platform: evil },
    images: [{ ...first, repository: evil, tags: [evil], platform: evil }, first],
    failures: [{ repository: evil, tags: [evil], platform: evil, code: "registry-failed", message: evil, hint: evil }],
    unknown: [evil],
    database: { ...completeRegistryReport.database, builtAt: evil, limits: [evil] },
  };
  expect(lines(report).join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});
