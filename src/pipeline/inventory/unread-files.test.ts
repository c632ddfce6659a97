import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { advisoryIndex } from "../../../tests/setup/advisory-index.ts";
import { dockerLayout, type LayerSpec, layoutTar } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Contents } from "../../model/reports/report.ts";
import { cyclonedx } from "../../reporters/formats/cyclonedx/cyclonedx.ts";
import { examineTarget } from "../scan/examine-target.ts";
import { judgeContents } from "../scan/scan.ts";
import { whyNot } from "../scan/why-not.ts";
import { unreadSentence } from "./unread-files.ts";

const folder = temporaryFolder();
const now = new Date(0);
const signal = new AbortController().signal;
const perl = "opt/perl5/lib/auto/JSON/.packlist";
const django = {
  name: "usr/lib/python3/site-packages/a.dist-info/METADATA",
  content: "Name: django\nVersion: 6.0\n\n",
};
const alpine = { name: "etc/os-release", content: 'ID=alpine\nVERSION_ID=3.20.1\nPRETTY_NAME="Alpine"\n' };

type Layers = readonly (readonly (string | { readonly name: string; readonly content: string })[])[];

/** Takes stock of an image whose layers hold files of these names; a name behind a `-` is taken away. */
function contentsOf(
  ...layers: readonly (readonly (string | { name: string; content: string })[])[]
): Promise<Contents> {
  const specs = layers.map((members): LayerSpec => {
    return { members: members.map((member) => (typeof member === "string" ? memberOf(member) : member)) };
  });
  const path = join(folder, `${specs.length}.tar`);
  writeFileSync(path, layoutTar(dockerLayout([{ tags: ["shop:1"], layers: specs }])));
  return examineTarget(path, { verifyDigests: false, signal, now });
}

function memberOf(name: string): { name: string; content: string } {
  return { name: name.replace(/^-(.*?)([^/]+)$/, "$1.wh.$2"), content: "" };
}

async function whoseIn(...layers: Layers): Promise<string[]> {
  const { unread = [] } = await contentsOf(...layers);
  return unread.map(({ packagesOf, files }) => `${packagesOf} ${files}`);
}

describe("a format that is not read is told", () => {
  test("with the number of its files and where the first of them lie", async () => {
    expect((await contentsOf([django, perl, "opt/perl5/lib/auto/B/.packlist"])).unread).toEqual([
      { packagesOf: "CPAN", kind: "installed", files: 2, paths: ["opt/perl5/lib/auto/B/.packlist", perl] },
    ]);
  });

  test("when it is of installed packages, whatever else was found", async () => {
    expect(await whoseIn([django, perl, "app/package.conf.d/a.conf"])).toEqual(["Haskell 1", "CPAN 1"]);
  });

  test("when it declares packages and none of their type was found", async () => {
    expect(await whoseIn([django, "app/package-lock.json", "app/requirements.txt"])).toEqual(["npm 1"]);
  });

  test("not where a layer above took the file away, or put a link in place of its folder", async () => {
    expect(await whoseIn([django, perl], [`-${perl}`])).toEqual([]);
    expect(await whoseIn([django, perl], ["-opt/perl5"])).toEqual([]);
    expect(await whoseIn([django, perl], ["opt/perl5"])).toEqual([]);
    expect(await whoseIn([django, perl], [perl])).toEqual(["CPAN 1"]);
  });

  test("not where a package of the distribution owns the file", async () => {
    const database = (file: string): { name: string; content: string } => ({
      name: "lib/apk/db/installed",
      content: `P:ghc\nV:9-r0\nA:x86_64\no:ghc\nF:usr/lib/ghc/package.conf.d\nR:${file}\n\n`,
    });
    expect(await whoseIn([alpine, database("a.conf"), "usr/lib/ghc/package.conf.d/a.conf"])).toEqual([]);
    expect(await whoseIn([alpine, database("b.conf"), "usr/lib/ghc/package.conf.d/a.conf"])).toEqual(["Haskell 1"]);
  });
});

describe("where packages were seen and not read", () => {
  const sentence = `packages of CPAN (1 file) were found, but are not scanned: ${perl}`;

  test("a scan says so among the limits, and the verdict stays open", async () => {
    const index = advisoryIndex([]);
    const compare = (contents: Contents) =>
      judgeContents(
        { contents, index, failures: [], known: undefined },
        { verifyDigests: false, now, signal, failOn: "low" },
      ).report;
    const { database, verdict } = compare(await contentsOf([django, perl]));
    expect(database.limits).toContain(sentence);
    expect(verdict).toMatchObject({ decision: "cannot-tell", reasons: expect.arrayContaining([sentence]) });
    const without = compare(await contentsOf([django]));
    expect(without.database.limits.join()).not.toContain("not read");
  });

  test("why-not names it as not examined", async () => {
    const { reasons } = whyNot(await contentsOf([django, perl]), "CVE-2024-1", { database: advisoryIndex([]), now });
    expect(reasons).toContainEqual({ kind: "not-examined", text: `P${sentence.slice(1)}.` });
  });

  test("an SBOM says that it is incomplete, and of what", async () => {
    const document = JSON.parse([...cyclonedx(await contentsOf([django, perl]))].join(""));
    expect(document.compositions).toEqual([{ aggregate: "incomplete", assemblies: ["target"] }]);
    expect(document.metadata.component.properties).toContainEqual({
      name: "plimsoll:target:unread",
      value: "CPAN, installed: 1 file",
    });
    const path = join(folder, "image.cdx.json");
    writeFileSync(path, JSON.stringify(document));
    const { problems } = await examineTarget(path, { verifyDigests: false, signal, now });
    expect(problems).toHaveLength(1);
  });
});

describe("the sentence", () => {
  const paths = (format: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${format}${at}`);

  test("tells what is installed from what is declared, and names paths of each format", () => {
    const text = unreadSentence([
      { packagesOf: "CPAN", kind: "installed", files: 12, paths: paths("c", 10) },
      { packagesOf: "R", kind: "installed", files: 1, paths: paths("r", 1) },
      { packagesOf: "npm", kind: "declared", files: 2, paths: paths("n", 2) },
    ]);
    expect(text).toBe(
      "packages of CPAN (12 files) and R (1 file), and packages declared for npm (2 files) were found, but are not scanned: c0, r0, n0, c1, n1 and 10 more",
    );
  });

  test("is none where nothing was passed over", () => {
    expect([unreadSentence([]), unreadSentence(undefined)]).toEqual([undefined, undefined]);
  });
});
