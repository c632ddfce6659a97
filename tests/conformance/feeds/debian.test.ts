import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { debianFeed } from "../../../src/advisories/feeds/debian/debian-feed.ts";
import { debianReleases } from "../../../src/advisories/feeds/debian/debian-releases.ts";
import type { Advisory } from "../../../src/model/findings/advisory.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { packageFacts, parseFiles } from "../../setup/package-facts.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

const vunnel = ["feeds", "vunnel", "debian"] as const;

/** A normalised record of vunnel. */
interface Snapshot {
  readonly item: {
    readonly Vulnerability: {
      readonly Name: string;
      readonly Severity: string;
      readonly FixedIn: readonly {
        readonly Name: string;
        readonly Version: string;
        readonly VendorAdvisory: { readonly AdvisorySummary?: readonly { readonly ID: string }[] };
      }[];
    };
  };
}

/** Records that are not made, and why. */
const expectedToDiffer: Readonly<Record<string, string>> = {
  "debian:10/cve-2012-0833": "not in the raw input: vunnel's test adds it from a database of its own",
};

/** Namespaces whose records are not made, and why. */
const otherNamespaces: Readonly<Record<string, string>> = {
  "debian:7": "the raw input is the output of a former version of vunnel, which Debian never published",
  "debian:unstable": "no image names unstable: it calls itself testing, to which what is said of unstable is joined",
};

describeWithCorpus("the feed of the Debian Security Tracker", () => {
  const folder = temporaryFolder();

  test("every record of vunnel has the same packages, versions, severities and advisories", async () => {
    const input = [corpusPath(...vunnel, "input", "debian.json"), corpusPath(...vunnel, "input", "DSA")];
    const { items, problems } = await parseFiles(debianFeed, input);
    expect(problems).toEqual([]);
    const facts = packageFacts(items);
    const advisories = items.flatMap((item) => (item.kind === "advisory" ? [item.advisory] : []));
    const differing: string[] = [];
    const count = { same: 0, left: 0 };
    for (const namespace of readdirSync(corpusPath(...vunnel, "snapshots"))) {
      for (const file of readdirSync(corpusPath(...vunnel, "snapshots", namespace))) {
        if (otherNamespaces[namespace]) {
          count.left++;
          continue;
        }
        const { Vulnerability: expected } = corpusJson<Snapshot>(...vunnel, "snapshots", namespace, file).item;
        const ecosystem = namespace.replace("debian", "Debian");
        const ours = facts.filter(({ id, ecosystem: theirs }) => id === expected.Name && theirs === ecosystem);
        const advisory = advisories.find(({ id }) => id === `DEBIAN-${expected.Name}`);
        const dsas = expected.FixedIn.flatMap(({ VendorAdvisory: { AdvisorySummary: listed = [] } }) => listed).map(
          ({ ID }) => ID,
        );
        const isSame =
          JSON.stringify(ours.map(({ name, state }) => `${name} ${versionOf(state)}`).sort()) ===
            JSON.stringify(expected.FixedIn.map(({ Name, Version }) => `${Name} ${Version}`).sort()) &&
          dsas.every((id) => advisory?.related?.includes(id)) &&
          (!advisory || severityOf(advisory, ecosystem) === expected.Severity);
        if (isSame) count.same++;
        else differing.push(`${namespace}/${file.replace(".json", "")}`);
      }
    }
    expect(differing).toEqual(Object.keys(expectedToDiffer));
    expect(count).toEqual({ same: 19, left: 23 });
  });

  test("an end of life is told, and what was never affected is a statement", async () => {
    const { items } = await parseFiles(debianFeed, [corpusPath(...vunnel, "input", "debian.json")]);
    const facts = packageFacts(items);
    expect(
      facts.filter(({ id }) => id === "CVE-2022-0456").map(({ ecosystem, state }) => `${ecosystem} ${state}`),
    ).toEqual([
      "Debian:9 end-of-life",
      "Debian:10 end-of-life",
      "Debian:11 fixed 98.0.4758.80-1~deb11u1",
      "Debian:12 fixed 98.0.4758.80-1",
      // Testing had no such package then, unstable had.
      "Debian:13 fixed 98.0.4758.80-1",
    ]);
    expect(
      facts.filter(({ id }) => id === "CVE-2007-2383").map(({ ecosystem, state }) => `${ecosystem} ${state}`),
    ).toEqual(["Debian:8 not affected", "Debian:9 not affected", "Debian:10 not affected", "Debian:13 not affected"]);
  });

  test("the lists of advisories give the fixes of every release that the JSON no longer has", async () => {
    const tracker = join(folder, "json");
    writeFileSync(
      tracker,
      JSON.stringify({ zlib: { "CVE-2022-37434": { releases: { bullseye: { status: "open" } } } } }),
    );
    const lists = ["DSA", "DLA"].map((name) => {
      const path = join(folder, name);
      writeFileSync(path, corpusBytes("feeds", "debian-lists", `${name}.list.gz`));
      return path;
    });
    const { items, problems } = await parseFiles(debianFeed, [tracker, ...lists]);
    expect(problems).toEqual([]);
    const facts = packageFacts(items);
    expect(new Set(facts.map(({ ecosystem }) => ecosystem.slice(7)))).toEqual(
      new Set([...debianReleases.values()].filter((number) => Number(number) >= 3 && Number(number) <= 11)),
    );
    expect(facts.filter(({ id, state }) => id === "CVE-2022-37434" && state.startsWith("fixed"))).toEqual([
      { id: "CVE-2022-37434", ecosystem: "Debian:10", name: "zlib", state: "fixed 1:1.2.11.dfsg-1+deb10u2" },
    ]);
    expect({ records: items.length, fixes: facts.length }).toEqual({ records: 17_528, fixes: 31_912 });
  });

  test("the tracker's lists as another tool reads them: the fix of each CVE of an advisory, malformed headings left out", async () => {
    const data = ["feeds", "vuln-list-update", "debian-tracker", "happy", "data"] as const;
    const tracker = join(folder, "empty");
    writeFileSync(tracker, '{"redis":{"CVE-2019-10192":{"releases":[]}}}');
    const lists = ["DSA", "DLA"].map((name) => corpusPath(...data, name, "list"));
    const { items } = await parseFiles(debianFeed, [tracker, ...lists]);
    expect(packageFacts(items).map(({ id, ecosystem, name, state }) => `${id} ${ecosystem} ${name} ${state}`)).toEqual([
      "CVE-2019-10192 Debian:10 redis fixed 5:5.0.3-4+deb10u1",
      "CVE-2019-10192 Debian:9 redis fixed 3:3.2.6-3+deb9u3",
      "CVE-2019-10193 Debian:10 redis fixed 5:5.0.3-4+deb10u1",
      "CVE-2019-10193 Debian:9 redis fixed 3:3.2.6-3+deb9u3",
      "CVE-2021-29969 Debian:9 thunderbird fixed 1:78.12.0-1~deb9u1",
      "CVE-2021-29970 Debian:9 thunderbird fixed 1:78.12.0-1~deb9u1",
      "CVE-2021-29976 Debian:9 thunderbird fixed 1:78.12.0-1~deb9u1",
      "CVE-2021-30547 Debian:9 thunderbird fixed 1:78.12.0-1~deb9u1",
    ]);
  });
});

function versionOf(state: string): string {
  if (state === "not affected") return "0";
  return state.startsWith("fixed ") ? state.slice(6) : "None";
}

/** As vunnel writes the tracker's urgencies. */
function severityOf({ affected = [] }: Advisory, ecosystem: string): string {
  const entry = affected.find(({ package: target }) => target?.ecosystem === ecosystem);
  const words: Readonly<Record<string, string>> = {
    unimportant: "Negligible",
    low: "Low",
    medium: "Medium",
    high: "High",
  };
  const urgency = entry?.ecosystem_specific?.["urgency"];
  return (typeof urgency === "string" ? words[urgency] : undefined) ?? "Unknown";
}
