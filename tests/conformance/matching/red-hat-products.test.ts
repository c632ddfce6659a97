import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { FeedItem } from "../../../src/advisories/feed-item.ts";
import { readCsaf } from "../../../src/advisories/feeds/csaf/read-csaf.ts";
import { redHatItems } from "../../../src/advisories/feeds/red-hat/red-hat-document.ts";
import { findVulnerabilities } from "../../../src/detectors/vulnerabilities/find-vulnerabilities.ts";
import type { Distribution } from "../../../src/model/packages/distribution.ts";
import type { Package } from "../../../src/model/packages/package.ts";
import { advisoryIndex } from "../../setup/advisory-index.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

// What is left open in images of Red Hat of which nothing tells the repositories, as in SBOMs of Syft: all VEX documents of Red Hat in
// the corpus, held against all package lists of such images.

interface Manifest {
  readonly rpms?: readonly {
    readonly name: string;
    readonly version: string;
    readonly release: string;
    readonly architecture: string;
    /** `acl-0:2.3.1-3.el9.src`. */
    readonly srpm_nevra?: string;
  }[];
}

function packagesOf({ rpms = [] }: Manifest): Package[] {
  return rpms.map(({ name, version, release, architecture, srpm_nevra: nevra }) => {
    const [, source, sourceVersion] = /^(.+)-([^-]+-[^-]+)\.src$/.exec(nevra ?? "") ?? [];
    return {
      ...{ type: "rpm", name, version: `${version}-${release}`, architecture, vendor: "Red Hat, Inc." },
      ...(source && sourceVersion ? { source: { name: source, version: sourceVersion } } : {}),
      ...{ purl: `pkg:rpm/redhat/${name}@${version}-${release}`, paths: [], layer: 0 },
    };
  });
}

describeWithCorpus("packages of Red Hat without repositories", () => {
  const manifests = "package-dbs/rpm/manifests";
  const archived = (file: string): Manifest[] =>
    corpusBytes(manifests, file)
      .toString("utf8")
      .split("\n")
      .filter((line) => line.startsWith("{") && line.includes('"rpms"'))
      .map((line) => JSON.parse(line) as Manifest);
  const images: readonly (readonly [string, string, readonly Manifest[]])[] = [
    ["ubi8", "8.8", archived("ubi8_ubi.txtar.gz")],
    ["ubi9", "9.4", archived("ubi9_ubi.txtar.gz")],
    ["nodejs", "9.5", [corpusJson(manifests, "nodejs.rpm-manifest.json.gz")]],
    ["httpd-24", "9.5", [corpusJson(manifests, "httpd-24_9.5-1734525854.rpm-manifest.json.gz")]],
  ];

  function items(): FeedItem[] {
    const folders = ["feeds/claircore/rhel-vex", "feeds/claircore/acceptance"];
    const paths = folders.flatMap((folder) => readdirSync(corpusPath(folder)).map((name) => `${folder}/${name}`));
    return paths
      .filter((path) => /\/(?:cve|delete)[^/]*\.json/.test(path))
      .flatMap((path) => {
        const reading = readCsaf(JSON.parse(corpusBytes(path).toString("utf8")));
        return "refused" in reading ? [] : [...redHatItems(reading.document)];
      });
  }

  test("leave nothing open, because the main channel speaks of each vulnerability", () => {
    const index = advisoryIndex([], items());
    let lists = 0;
    let findings = 0;
    for (const [name, version, all] of images) {
      for (const manifest of all) {
        const distribution: Distribution = { id: "rhel", idLike: ["fedora"], version, name: `RHEL ${version}` };
        const packages = packagesOf(manifest);
        const found = findVulnerabilities(packages, { distribution, index });
        expect(packages.length, name).toBeGreaterThan(100);
        expect([name, ...found.problems, ...found.limits]).toEqual([name]);
        findings += found.findings.length;
        lists++;
      }
    }
    expect(lists).toBe(10);
    expect(findings).toBeGreaterThan(70);
  });
});
