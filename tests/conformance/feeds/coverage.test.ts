import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

/** The folders of `feeds` that hold folders of several publishers. */
const collections = ["claircore", "vuln-list-update", "vunnel"];

/** By folder of `feeds`, the test beside this one that reads it. */
const read: Readonly<Record<string, string>> = {
  "alpine-secdb": "feeds-alpine",
  "azure-linux-oval": "feeds-azure-linux",
  "claircore/acceptance": "feeds-red-hat",
  "claircore/aws": "feeds-amazon",
  "claircore/csaf": "feeds-red-hat",
  "claircore/cvss": "side-tables",
  "claircore/epss": "side-tables",
  "claircore/kev": "side-tables",
  "claircore/rhel-vex": "feeds-red-hat",
  "debian-lists": "feeds-debian",
  eol: "side-tables",
  "ghsa-to-osv": "feeds-osv-based",
  kev: "side-tables",
  "os-release": "distributions",
  "osv-schema": "osv-ecosystems",
  "vuln-list-update/alma": "feeds-osv-based",
  "vuln-list-update/alpine": "feeds-alpine",
  "vuln-list-update/alpine-unfixed": "feeds-alpine",
  "vuln-list-update/amazon": "feeds-amazon",
  "vuln-list-update/debian-tracker": "feeds-debian",
  "vuln-list-update/eoldates": "side-tables",
  "vuln-list-update/kev": "side-tables",
  "vuln-list-update/mariner": "feeds-azure-linux",
  "vuln-list-update/nvd": "side-tables",
  "vuln-list-update/oracle-oval": "feeds-oracle",
  "vuln-list-update/photon": "feeds-photon",
  "vuln-list-update/redhat-csaf": "feeds-red-hat-server",
  "vuln-list-update/rocky": "feeds-osv-based",
  "vuln-list-update/suse-cvrf": "feeds-suse",
  "vuln-list-update/ubuntu": "feeds-ubuntu",
  "vunnel/alma": "feeds-osv-based",
  "vunnel/alpine": "feeds-alpine",
  "vunnel/amazon": "feeds-amazon",
  "vunnel/bitnami": "feeds-osv-based",
  "vunnel/debian": "feeds-debian",
  "vunnel/eol": "side-tables",
  "vunnel/epss": "side-tables",
  "vunnel/govulndb": "feeds-osv-based",
  "vunnel/kev": "side-tables",
  "vunnel/mariner": "feeds-azure-linux",
  "vunnel/nvd": "side-tables",
  "vunnel/oracle": "feeds-oracle",
  "vunnel/photon": "feeds-photon",
  "vunnel/rhel": "feeds-red-hat-vunnel",
  "vunnel/rocky": "feeds-osv-based",
  "vunnel/sles": "feeds-suse",
  "vunnel/ubuntu": "feeds-ubuntu",
};

const noFeed = "there is no feed for it: what an image has of it is said to have no source of advisories";

/** Folders that no test reads, and why. The list only shrinks. */
const unread: Readonly<Record<string, string>> = {
  "claircore/photon": "Photon's OVAL, which its JSON has taken the place of; without expected output",
  "ruby-advisory-db": "RubyGems come through OSV, from GitHub's advisories; without expected output",
  "vuln-list-update/arch": noFeed,
  "vuln-list-update/bottlerocket": noFeed,
  "vuln-list-update/openeuler":
    "openEuler's CVRF, which is not read: it comes through OSV, of which there is none here",
  "vuln-list-update/redhat-securitydataapi": "answers of an interface that is not asked; without expected output",
  "vunnel/arch": noFeed,
  "vunnel/fedora": noFeed,
};

describeWithCorpus("the publishers' files of the corpus", () => {
  test("are read by a test, folder by folder, or listed with the reason why not", () => {
    const folders = foldersIn().flatMap((name) =>
      collections.includes(name) ? foldersIn(name).map((inside) => `${name}/${inside}`) : [name],
    );
    expect(folders.length).toBe(55);
    expect(folders.sort()).toEqual([...Object.keys(read), ...Object.keys(unread)].sort());
  });

  test.each(Object.entries(read))("%s is named in %s", (folder, name) => {
    const source = readFileSync(join(import.meta.dirname, `${name}.test.ts`), "utf8");
    for (const part of folder.split("/")) expect(source).toContain(part);
  });
});

function foldersIn(...path: string[]): string[] {
  return readdirSync(corpusPath("feeds", ...path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
