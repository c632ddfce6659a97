import { expect, test } from "vitest";
import { distributionEcosystem } from "../../../src/detectors/vulnerabilities/ecosystems/distribution-ecosystem.ts";
import { osRelease } from "../../../src/extractors/os/os-release/os-release.ts";
import { memoryFile } from "../../../src/io/bytes/memory-file.ts";
import type { Distribution } from "../../../src/model/packages/distribution.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface Case {
  readonly case: string;
  readonly files: readonly string[];
  readonly expected: Readonly<Record<string, unknown>> | null;
}

interface Expected {
  readonly id?: string;
  readonly version?: string;
  readonly codename?: string;
  readonly idLike?: string;
  readonly name?: string;
}

/** The sources' own words for what os-release calls ID. */
const ids: Readonly<Record<string, string>> = {
  alma: "almalinux",
  amazon: "amzn",
  amazonlinux: "amzn",
  archlinux: "arch",
  "cbl-mariner": "mariner",
  opensuseleap: "opensuse-leap",
  oracle: "ol",
  oraclelinux: "ol",
  redhat: "rhel",
  rockylinux: "rocky",
};

const notFromTheseFiles = "it is read from a file that is no statement of the distribution";
const noId = "a file without ID names no distribution; ID_LIKE names only a relative";
const otherWord = "the source gives several IDs of os-release one word of its own";
const expectedFailures: Readonly<Record<string, string>> = {
  "syft/busybox": notFromTheseFiles,
  "grype/busybox": notFromTheseFiles,
  "trivy/ubuntu-happy-path.-parse-status.json-file-esm-enabled": notFromTheseFiles,
  "claircore/oracle-4": "the text is that of etc/issue",
  "claircore/alpine-edge": "the source makes `edge` of a version that ends in _alpha and a date",
  "syft/debian-from-debian_version": "the version is in a second file; one extraction speaks for one file",
  "syft/debian-with-point-release": "the point release is in a second file; advisories go by the release",
  "syft/partial-fields-missing-id": noId,
  "syft/partial-fields-missing-version": noId,
  "grype/partial-fields-missing-id": noId,
  "grype/partial-fields-unknown-id": "ID is what the file says; whom it resembles is in idLike",
  "trivy/release-centos-stream": otherWord,
  "trivy/release-opensuse-leap-42.3": otherWord,
  "trivy/release-suse-linux-enterprise-micro": otherWord,
  "trivy/release-suse-linux-enterprise-micro-6.0": otherWord,
  "trivy/release-suse-linux-enterprise-micro-5.4-for-rancher": otherWord,
  "trivy/redhatbase-happy-path-redhatbase": "Red Hat Linux 6.2 of the year 2000 is not Red Hat Enterprise Linux 6.2",
  "trivy/amazonlinux-sad-path-amazon-linux-2-without-code-name": "the line says which release it is without a codename",
  "trivy/release-unknown-os": "the source knows a list of distributions; here the ID is read as it is written",
  "trivy/release-no-version-id-field": "the distribution is known, its version is not",
  "claircore/ubuntu-11": "the source asks whether it is Ubuntu; it is Debian 11",
  "claircore/rhel-oracle-6": "the source asks whether it is RHEL; it is Oracle Linux",
  "claircore/rhel-oracle-7": "the source asks whether it is RHEL; it is Oracle Linux",
  "claircore/rhel-oracle-8": "the source asks whether it is RHEL; it is Oracle Linux",
  "claircore/rhel-oracle-9": "the source asks whether it is RHEL; it is Oracle Linux",
};

/** No publisher's feed that Plimsoll reads speaks of these. */
const withoutAdvisories: readonly string[] = [
  ...["activestate", "arch", "bottlerocket", "centos", "coreos", "fedora", "gentoo", "hummingbird"],
  ...["my-awesome-distro", "postmarketos", "raspbian", "scientific", "secureos", "unknown", "vyos"],
];

describeWithCorpus("distributions in the corpus", () => {
  const cases = corpusJson<readonly Case[]>("feeds", "os-release", "cases.json");

  test("are 244 cases", () => expect(cases.length).toBeGreaterThanOrEqual(244));

  test.each(cases.filter((value) => !(value.case in expectedFailures)))("$case", (value) => {
    expect(differences(value)).toEqual([]);
  });

  test.each(Object.entries(expectedFailures))("%s differs: %s", (name) => {
    const value = cases.find((candidate) => candidate.case === name);
    expect(value && differences(value)).not.toEqual([]);
  });

  test("every distribution has an ecosystem or stands among those without advisories", () => {
    const places = cases.flatMap((value) => {
      const distribution = found(value);
      return distribution ? [{ distribution, place: distributionEcosystem(distribution) }] : [];
    });
    const without = places.filter(({ place }) => "reason" in place && place.code === "no-advisories");
    expect([...new Set(without.map(({ distribution: { id } }) => id))].sort()).toEqual(withoutAdvisories);
    const unknown = places.filter(({ place }) => "reason" in place && place.code === "unknown-distribution");
    expect(unknown.filter(({ distribution: { version } }) => version !== undefined)).toEqual([]);
    const known = places.filter(({ place }) => "ecosystem" in place);
    expect(known.length).toBeGreaterThanOrEqual(186);
    expect(known.length + without.length + unknown.length).toBe(places.length);
  });

  test("Oracle Linux is never taken for RHEL", () => {
    const oracle = cases.filter(
      (value) => value.files.includes("etc/oracle-release") && !value.case.includes("sad-path"),
    );
    expect(oracle.length).toBeGreaterThanOrEqual(6);
    for (const value of oracle) expect(found(value)?.id).toBe("ol");
  });
});

/** What the best of the files says. */
function found(value: Case): Distribution | undefined {
  for (const pattern of osRelease.files) {
    if (!("path" in pattern) || !value.files.includes(pattern.path)) continue;
    const bytes = corpusBytes("feeds", "os-release", "files", ...value.case.split("/"), ...pattern.path.split("/"));
    const context = { signal: new AbortController().signal, problem: () => {} };
    for (const extraction of osRelease.extract(memoryFile(pattern.path, bytes), context)) {
      if (extraction.kind === "distribution") return extraction.distribution;
    }
  }
  return undefined;
}

function differences(value: Case): string[] {
  const is = found(value);
  const should = value.expected && expectedOf(value, value.expected);
  if (!is || !should) return (is ?? null) === should ? [] : [`${is?.id} instead of ${should?.id}`];
  const differing: string[] = [];
  const compare = (what: string, actual: string | undefined, expected: string | undefined) => {
    if (expected !== undefined && actual !== expected) differing.push(`${what} ${actual} instead of ${expected}`);
  };
  compare("id", is.id, should.id);
  // Some sources keep only the first numbers of a version.
  if (!is.version?.startsWith(`${should.version}.`)) compare("version", is.version, should.version);
  compare("codename", is.codename, should.codename);
  compare("idLike", is.idLike.join(), should.idLike);
  compare("name", is.name, should.name);
  return differing;
}

function expectedOf({ case: name, files }: Case, expected: Readonly<Record<string, unknown>>): Expected {
  const source = name.slice(0, name.indexOf("/"));
  const fields = (expected["fields"] as Record<string, unknown>) ?? expected;
  const pick = (...keys: string[]) => {
    const value = keys.map((key) => fields[key]).find((candidate) => candidate !== undefined && candidate !== "");
    return value === undefined ? undefined : String(value);
  };
  const id = pick("id", "ID", "type", "family");
  const version = pick("version_id", "VERSION_ID", "version", "version_major", "?");
  const codename = pick("version_codename", "VERSION_CODENAME");
  // Where no os-release is, a source fills in the relatives and the name on its own.
  const standard = files.some((file) => file.endsWith("os-release")) && source !== "claircore";
  const idLike = fields["id_like"] as string[] | undefined;
  const prettyName = pick("pretty_name", "PRETTY_NAME");
  // trivy: `AMI release 2018.03`, `2 (Karoo)`, `buster/sid`; claircore: `AL2023`; snyk: `unstable`, `15.0` for `15`.
  const inWords = source === "trivy" || source === "snyk";
  const written = inWords ? version?.match(/\d[\w.]*/)?.[0] : version;
  const number = source === "snyk" ? written?.replace(/\.0$/, "") : written;
  return {
    ...(id === undefined ? {} : { id: ids[id] ?? id }),
    ...(number === undefined || (source === "claircore" && version === "AL1")
      ? {}
      : { version: number.replace(/^AL/, "") }),
    ...(codename === undefined ? {} : { codename }),
    ...(standard && idLike ? { idLike: idLike.join() } : {}),
    ...(standard && prettyName ? { name: prettyName } : {}),
  };
}
