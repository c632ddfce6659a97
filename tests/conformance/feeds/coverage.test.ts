import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

/** The folders of `feeds` that hold folders of several publishers. */
const collections = ["claircore", "vuln-list-update", "vunnel"];

/** By folder of `feeds`, the test beside this one that reads it. */
const read: Readonly<Record<string, string>> = {
  "alpine-secdb": "alpine",
  "azure-linux-oval": "azure-linux",
  "claircore/acceptance": "red-hat",
  "claircore/aws": "amazon",
  "claircore/csaf": "red-hat",
  "claircore/cvss": "../matching/side-tables",
  "claircore/epss": "../matching/side-tables",
  "claircore/kev": "../matching/side-tables",
  "claircore/rhel-vex": "red-hat",
  "debian-lists": "debian",
  eol: "../matching/side-tables",
  "ghsa-to-osv": "osv-based",
  kev: "../matching/side-tables",
  "os-release": "../matching/distributions",
  "osv-schema": "../matching/osv-ecosystems",
  "vuln-list-update/alma": "osv-based",
  "vuln-list-update/alpine": "alpine",
  "vuln-list-update/alpine-unfixed": "alpine",
  "vuln-list-update/amazon": "amazon",
  "vuln-list-update/debian-tracker": "debian",
  "vuln-list-update/eoldates": "../matching/side-tables",
  "vuln-list-update/kev": "../matching/side-tables",
  "vuln-list-update/mariner": "azure-linux",
  "vuln-list-update/nvd": "../matching/side-tables",
  "vuln-list-update/oracle-oval": "oracle",
  "vuln-list-update/photon": "photon",
  "vuln-list-update/redhat-csaf": "red-hat-server",
  "vuln-list-update/rocky": "osv-based",
  "vuln-list-update/suse-cvrf": "suse",
  "vuln-list-update/ubuntu": "ubuntu",
  "vunnel/alma": "osv-based",
  "vunnel/alpine": "alpine",
  "vunnel/amazon": "amazon",
  "vunnel/bitnami": "osv-based",
  "vunnel/debian": "debian",
  "vunnel/eol": "../matching/side-tables",
  "vunnel/epss": "../matching/side-tables",
  "vunnel/govulndb": "osv-based",
  "vunnel/kev": "../matching/side-tables",
  "vunnel/mariner": "azure-linux",
  "vunnel/nvd": "../matching/side-tables",
  "vunnel/oracle": "oracle",
  "vunnel/photon": "photon",
  "vunnel/rhel": "red-hat-vunnel",
  "vunnel/rocky": "osv-based",
  "vunnel/sles": "suse",
  "vunnel/ubuntu": "ubuntu",
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
