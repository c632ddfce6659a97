import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ubuntuFeed } from "../../../src/advisories/feeds/ubuntu/ubuntu-feed.ts";
import { advisoryExtension } from "../../../src/model/findings/advisory.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { type PackageFact, packageFacts, parseFiles } from "../../setup/package-facts.ts";
import { tar } from "../../setup/tar.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";
import { xz } from "../../setup/xz.ts";

const vunnel = ["feeds", "vunnel", "ubuntu"] as const;

/** A normalised record of vunnel in the form of OSV. */
interface Snapshot {
  readonly item: {
    readonly id: string;
    readonly related?: readonly string[];
    readonly severity?: readonly { readonly type: string; readonly score: string }[];
    readonly affected?: readonly {
      readonly package: { readonly ecosystem: string; readonly name: string };
      readonly ranges: readonly { readonly events: readonly { readonly fixed?: string }[] }[];
      readonly database_specific?: { readonly anchore?: { readonly status?: string } };
    }[];
  };
}

/** Records that differ, and why. */
const expectedToDiffer: Readonly<Record<string, string>> = {
  "ubuntu-14.04-lts/ubuntu-cve-2016-20013":
    "the OpenVEX document calls three more packages affected (dietlibc, sssd, syslinux-legacy), which this state of vunnel did not add",
};

/** What the publisher does not give in this form, and why it is not read. */
const otherForms: Readonly<Record<string, { readonly files: number; readonly reason: string }>> = {
  "vunnel/ubuntu/normalized-cve-data": {
    files: 3,
    reason:
      "vunnel's own extract of a git repository's history, with releases that Ubuntu no longer tells of (12.04 to 13.04)",
  },
  "vuln-list-update/ubuntu": {
    files: 10,
    reason:
      "files of the CVE tracker's git repository, not given as an archive; OSV and OpenVEX are made from them; without expected output",
  },
};

describeWithCorpus("the feed of Ubuntu's security team", () => {
  const folder = temporaryFolder();
  const archive = (name: string, trees: readonly string[]): string => {
    const members = trees.flatMap((tree) =>
      readdirSync(corpusPath(...vunnel, tree), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => {
          const path = join(entry.parentPath, entry.name);
          return { name: `${name}/${path.slice(corpusPath(...vunnel, tree).length + 1)}`, content: readFileSync(path) };
        }),
    );
    const path = join(folder, `${name}.tar.xz`);
    writeFileSync(path, xz(tar(members)));
    return path;
  };

  test("every record of vunnel names the same packages with the same versions, plans, priorities and notices", async () => {
    const { items, problems } = await parseFiles(ubuntuFeed, [archive("osv", ["osv"]), archive("vex", ["vex"])]);
    expect(problems).toEqual([]);
    const facts = packageFacts(items);
    const advisories = new Map(
      items.flatMap((item) => (item.kind === "advisory" ? [[item.advisory.id, item.advisory]] : [])),
    );
    const differing: string[] = [];
    const count = { same: 0, left: 0 };
    for (const namespace of readdirSync(corpusPath(...vunnel, "snapshots"))) {
      for (const file of readdirSync(corpusPath(...vunnel, "snapshots", namespace))) {
        const { item: expected } = corpusJson<Snapshot>(...vunnel, "snapshots", namespace, file);
        if (!expected.affected) {
          count.left++;
          continue;
        }
        const ecosystem = expected.affected[0]?.package.ecosystem;
        const advisory = advisories.get(expected.id);
        const ours = facts.filter((fact) => `UBUNTU-${fact.id}` === expected.id && fact.ecosystem === ecosystem);
        const theirs = expected.affected.map(({ package: { name }, ranges, database_specific: specific }) => {
          const fixes = ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? []));
          return `${name} ${fixes[0] ?? specific?.anchore?.status ?? "none"}`;
        });
        const priority = advisory && advisoryExtension(advisory).severities?.[0]?.score;
        const isSame =
          JSON.stringify(ours.map(asVunnel).sort()) === JSON.stringify(theirs.sort()) &&
          priority === expected.severity?.find(({ type }) => type === "Ubuntu")?.score &&
          (expected.related ?? []).every((notice) => advisory?.related?.includes(notice));
        if (isSame) count.same++;
        else differing.push(`${namespace}/${file.replace(".json", "")}`);
      }
    }
    expect(differing).toEqual(Object.keys(expectedToDiffer));
    // The five left are in the form of the extract below.
    expect(count).toEqual({ same: 18, left: 5 });
  });

  test("the records of the extended support cases keep the fix of each archive apart", async () => {
    const { items, problems } = await parseFiles(ubuntuFeed, [archive("osv", ["osv-esm-cases"])]);
    expect(problems.map(({ message }) => message)).toEqual([
      "Ubuntu's OpenVEX archive was not found; affected packages that only it lists are missing",
    ]);
    const facts = packageFacts(items);
    const esm = items.flatMap((item) => (item.kind === "advisory" ? (item.advisory.affected ?? []) : []));
    // Eleven of the publisher's, and one of the release itself for each of the nine that it has for Ubuntu Pro alone.
    expect(facts.length).toBe(20);
    expect(esm.filter(({ package: target }) => target?.ecosystem.startsWith("Ubuntu:Pro:")).length).toBe(9);
    expect(
      facts.filter(({ id }) => id === "CVE-2014-9913").map(({ ecosystem, state }) => `${ecosystem} ${state}`),
    ).toEqual([
      "Ubuntu:14.04:LTS will-not-fix",
      "Ubuntu:16.04:LTS fixed 6.0-20ubuntu1.1",
      "Ubuntu:Pro:14.04:LTS fixed 6.0-9ubuntu1.6",
    ]);
  });

  test("an OpenVEX document tells what is not affected, and what is out of support", async () => {
    const { items } = await parseFiles(ubuntuFeed, [archive("osv", ["osv"]), archive("vex", ["vex"])]);
    const curl = packageFacts(items).filter(({ id }) => id === "CVE-2023-38545");
    expect(curl.map(({ ecosystem, name, state }) => `${ecosystem} ${name} ${state}`)).toEqual([
      "Ubuntu:16.04:LTS curl end-of-life",
      ...["14.04", "16.04", "18.04", "20.04"].map((release) => `Ubuntu:${release}:LTS curl not affected`),
      ...["14.04", "16.04", "18.04", "20.04"].map((release) => `Ubuntu:Pro:${release}:LTS curl not affected`),
    ]);
  });

  test("what is in another form is accounted for", () => {
    for (const [path, { files }] of Object.entries(otherForms)) {
      expect(readdirSync(corpusPath("feeds", ...path.split("/"))).length).toBe(files);
    }
  });
});

function asVunnel({ name, state }: PackageFact): string {
  if (state.startsWith("fixed ")) return `${name} ${state.slice(6)}`;
  return `${name} ${state === "will-not-fix" || state === "end-of-life" ? "wont-fix" : "none"}`;
}
