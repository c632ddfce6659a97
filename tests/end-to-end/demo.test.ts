import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { type RunResult, runProgram, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
let demo: RunResult;
let report: Report;

beforeAll(async () => {
  demo = await runProgram([join(import.meta.dirname, "../../tools/development/demo.ts")], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: join(folder, "home"), TMPDIR: folder },
  });
  report = JSON.parse(readFileSync(join(folder, "plimsoll-report.json"), "utf8"));
});

test("the demo ends with 0, in a table without a line over 100 columns", () => {
  expect(demo).toMatchObject({ code: 0, stderr: "" });
  const table = demo.stdout.slice(0, demo.stdout.indexOf("\nThe whole report"));
  expect(table).toContain("CVE-2021-44228");
  expect(table.split("\n").filter((line) => line.length > 100)).toEqual([]);
});

test("the demo ends quietly when whoever reads it has seen enough", async () => {
  const { code, stderr } = await runProgram([join(import.meta.dirname, "../../tools/development/demo.ts")], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: join(folder, "home"), TMPDIR: folder },
    started: ({ stdout }) => stdout.once("data", () => stdout.destroy()),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("the demo's image shows what makes images hard", () => {
  const found = new Map(report.packages.map((each) => [`${each.name} ${each.version}`, each]));
  const finding = (name: string): boolean => report.findings.some((each) => each.package.name === name);
  expect(report.target).toMatchObject({ kind: "docker-archive", tags: ["shop:1.4"], user: "root" });
  expect(report.layers.map(({ base }) => base)).toEqual([true, false, false, false, false, false]);
  expect(found.get("org.apache.logging.log4j:log4j-core 2.14.1")?.paths).toEqual([
    "opt/shop/shop.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar",
  ]);
  expect(report.packages.filter(({ type }) => type === "deb").length).toBeGreaterThanOrEqual(60);
  expect(report.packages.some(({ name }) => name.includes("struts"))).toBe(false);
  expect(found.get("urllib3 1.26.12")?.ownedBy).toEqual({ type: "deb", name: "python3-urllib3" });
  expect(report.findings.filter(({ package: { type, name } }) => type === "pypi" && name === "urllib3")).toEqual([]);
  for (const name of ["org.apache.logging.log4j:log4j-core", "lodash", "Django"])
    expect(finding(name), name).toBe(true);
  expect(report.findings.some(({ package: { type } }) => type === "deb")).toBe(true);
  expect(report.problems).toEqual([]);
  expect(report.database.limits.join()).toContain("Java archives without a group id were not compared: shop");
});

test("the picture in the README is what the demo prints, but for the age and for what … stands for", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  const picture = withoutTimeAndPlace(/```text\n(Scanned[\s\S]*?)```/.exec(readme)?.[1] ?? "");
  const printed = withoutTimeAndPlace(demo.stdout);
  expect(picture.split("\n").length).toBeGreaterThan(20);
  let position = 0;
  for (const piece of picture.split(/^…\n/m)) {
    const found = printed.indexOf(piece, position);
    expect(found, piece).toBeGreaterThanOrEqual(position);
    position = found + piece.length;
  }
});

test("every command that the demo suggests works", async () => {
  const commands = [...demo.stdout.matchAll(/^ {2}npx plimsoll (.+?)(?: {2,}.*)?$/gm)].map(([, args = ""]) =>
    args.split(" "),
  );
  expect(commands.length).toBe(3);
  const codes = await Promise.all(commands.map(async (args) => (await plimsoll(args)).code));
  expect(codes).toEqual([0, 1, 0]);
});

test("--explain says why a vulnerability is not reported", async () => {
  const archive = report.target.name;
  const owned = await plimsoll(["scan", archive, "--explain", "CVE-2023-43804"]);
  expect(owned.stdout).toContain(
    "urllib3 1.26.12 was not compared: its files belong to the deb package python3-urllib3",
  );
  const fixed = await plimsoll(["scan", archive, "--explain", "CVE-2019-10744"]);
  expect(fixed.stdout).toContain("lodash 4.17.15 is not affected by");
  const unknown = await plimsoll(["scan", archive, "--explain", "CVE-1999-0001"]);
  expect(unknown.stdout).toContain("No advisory has the id CVE-1999-0001");
});

/** The table without what differs from run to run: the age of the advisories and the temporary folder. */
function withoutTimeAndPlace(text: string): string {
  return text.replace(/(records), .* \(/g, "$1, (").replace(/^(Scanned +).*shop\.tar/gm, "$1shop.tar");
}
