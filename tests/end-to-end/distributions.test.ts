import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  elfProgram,
  framed,
  functionTable,
  inlineBuildInfo,
} from "../../src/extractors/binary/go/synthetic-executables.ts";
import type { Finding } from "../../src/model/findings/finding.ts";
import type { WhyNot } from "../../src/model/findings/why-not.ts";
import type { Report } from "../../src/model/reports/report.ts";
import { describeWithCorpus } from "../setup/corpus.ts";
import { distributionLayer, type InstalledPackage } from "../setup/distribution-image.ts";
import type { LayerSpec } from "../setup/image.ts";
import { publisherMirror, writeMirror } from "../setup/publisher-mirror.ts";
import { distributionCases } from "./distribution-cases.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { writeImage } from "./small-targets.ts";

/** `ID PACKAGE: fixed VERSION; SEVERITY by SOURCE`. */
function lineOf(finding: Finding): string {
  const { id, package: target, status, fixedIn, channelFix, statusReason, severity, severities } = finding;
  const fix = fixedIn === undefined ? "" : ` ${fixedIn}`;
  const channel = channelFix ? ` [${channelFix.channel} ${channelFix.version}]` : "";
  const reason = statusReason === undefined ? "" : ` (${statusReason})`;
  const source = severities[0] ? ` by ${severities[0].source}` : "";
  return `${id} ${target.name}: ${status}${fix}${channel}${reason}; ${severity}${source}`;
}

function suppressedLine({ finding, statement }: Report["suppressed"][number]): string {
  const { author, status } = statement;
  return `${finding.id} ${finding.package.name}: ${author} says ${status}`;
}

describeWithCorpus("images of distributions, with the database of all publishers' feeds", () => {
  const plimsoll = startPlimsoll();
  const { folder } = plimsoll;
  const database = ["--db", "all.sqlite", "--max-db-age", "99999", "--warn-db-age", "99999"];

  beforeAll(async () => {
    writeMirror(join(folder, "mirror"), publisherMirror());
    const from = ["--mirror", "mirror", "--db", "all.sqlite"];
    const built = await plimsoll(["db", "build", ...from, "--date", "2026-11-25T00:00:00Z"]);
    expect(built).toMatchObject({ code: 0, stderr: "" });
    const optional = await plimsoll(["db", "update", ...from, "--offline", "--only", "exploit-db"]);
    expect(optional).toMatchObject({ code: 0, stderr: "" });
  }, 60_000);

  async function scan(target: string): Promise<Report> {
    const { stdout } = await plimsoll(["scan", target, ...database, "-f", "json"]);
    return JSON.parse(stdout) as Report;
  }

  async function whyNot(id: string, target: string): Promise<WhyNot> {
    const { stdout } = await plimsoll(["why-not", id, target, ...database, "-f", "json"]);
    return JSON.parse(stdout) as WhyNot;
  }

  describe.each(distributionCases)("$title", (one) => {
    const name = `${one.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;

    test("has the findings that its publisher tells of, and as an SBOM the same", async () => {
      const image = writeImage(folder, `${name}.tar`, [distributionLayer(one)]);
      const report = await scan(image);
      expect(report.findings.map(lineOf)).toEqual(one.findings);
      expect(report.suppressed.map(suppressedLine)).toEqual(one.suppressed ?? []);
      expect(report.problems.filter(({ code }) => code !== "end-of-life")).toEqual([]);
      const sbom = `${name}.cdx.json`;
      expect((await plimsoll(["sbom", image, "-o", sbom])).code).toBe(0);
      const again = await scan(sbom);
      expect(again.findings.map(lineOf)).toEqual(one.findings);
      expect(again.suppressed.map(suppressedLine)).toEqual(one.suppressed ?? []);
      expect(again.problems).toEqual(report.problems);
    });

    test.runIf(one.absent)("tells why others are not reported", async () => {
      for (const [id, expected] of Object.entries(one.absent ?? {})) {
        const { reasons } = await whyNot(id, `${name}.tar`);
        expect([id, reasons.map(({ kind, package: found }) => `${kind} ${found?.name ?? ""}`.trim())]).toEqual([
          id,
          expected,
        ]);
      }
    });
  });

  test("packages of languages are held against their own ecosystem, unless a package of the distribution owns them", async () => {
    const image = writeImage(folder, "languages.tar", languageLayers());
    const report = await scan(image);
    const lines = report.findings.map((one) => `${one.id} ${one.package.name} of layer ${one.package.layer}`);
    expect(lines.filter((line) => !line.includes("golang.org/x/net"))).toEqual([
      "CVE-2024-22195 python3-jinja2 of layer 0",
      "CVE-2016-10707 jquery of layer 1",
      "CVE-2019-10906 Jinja2 of layer 1",
      "CVE-2020-28493 Jinja2 of layer 1",
    ]);
    // Of some 25 records about the module, those about the one package of it that the program contains.
    expect(lines.filter((line) => line.includes("golang.org/x/net"))).toHaveLength(11);
    await plimsoll(["sbom", image, "-o", "languages.cdx.json"]);
    expect((await scan("languages.cdx.json")).findings.map(lineOf)).toEqual(report.findings.map(lineOf));
    for (const target of [image, "languages.cdx.json"]) {
      const linked = await whyNot("CVE-2022-41723", target);
      expect(linked.reasons.map(({ kind }) => kind)).toEqual(["not-linked", "not-linked"]);
      const owned = await whyNot("CVE-2019-10906", target);
      expect(owned.findings).toHaveLength(1);
      expect(owned.reasons.map(({ kind }) => kind)).toEqual(["owned"]);
    }
  });

  test("facts about a CVE come from the side tables, and --explain names every source", async () => {
    const report = await scan("debian-12.tar");
    const facts = new Map(report.findings.map((one) => [one.id, one.facts]));
    expect(facts.get("CVE-2023-4863")).toEqual({
      knownExploited: { addedAt: "2023-09-13", dueAt: "2023-10-04", ransomware: false },
    });
    expect(facts.get("CVE-2023-38545")).toEqual({
      exploitPrediction: { probability: 0.26, percentile: 0.96, date: "2025-02-20" },
      exploits: ["EDB-51234"],
    });
    const { stdout } = await plimsoll(["scan", "debian-12.tar", ...database, "--explain", "CVE-2023-38545"]);
    expect(stdout).toContain("DEBIAN-CVE-2023-38545");
    expect(stdout).toContain("7.88.1-10+deb12u3 < 7.88.1-10+deb12u4");
    expect(stdout).toContain("EDB-51234");
  });
});

function languageLayers(): LayerSpec[] {
  const metadata = "Metadata-Version: 2.1\nName: Jinja2\nVersion: 2.10\n";
  const owned = "usr/lib/python3/dist-packages/Jinja2-2.10.egg-info/PKG-INFO";
  const packages: InstalledPackage[] = [
    { name: "python3-jinja2", version: "3.1.2-1", source: "jinja2", maker: "x@debian.org", files: [`/${owned}`] },
  ];
  const release = { ID: "debian", VERSION_ID: "12", PRETTY_NAME: "Debian GNU/Linux 12 (bookworm)" };
  const members = [{ name: owned, content: metadata }];
  return [
    distributionLayer({ manager: "deb", release, packages, members }),
    {
      members: [
        { name: "usr/local/lib/python3.11/site-packages/jinja2-2.10.dist-info/METADATA", content: metadata },
        { name: "app/node_modules/jquery/package.json", content: `{"name": "jquery", "version": "2.2.0"}` },
        { name: "usr/local/bin/tool", content: goProgram(), mode: 0o755 },
      ],
    },
  ];
}

/** Of golang.org/x/net it contains only the package html. */
function goProgram(): Buffer {
  const modules = "path\texample.com/tool\ndep\tgolang.org/x/net\tv0.0.0-20200114155413-6afb5195e5aa\th1:a=\n";
  const info = inlineBuildInfo("go1.21.3", framed(modules));
  const functions = ["runtime.main", "main.main", "golang.org/x/net/html.Parse"];
  const data = Buffer.concat([info, Buffer.alloc(16 - (info.length % 16))]);
  const table = functionTable(functions, { bits: 64, form: "1.20" });
  return elfProgram(Buffer.concat([data, table]), { bits: 64, functions: data.length });
}
