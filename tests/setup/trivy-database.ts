import { readdirSync } from "node:fs";
import type { FeedItem } from "../../src/advisories/feed-item.ts";
import {
  type Advisory,
  type AdvisoryIndex,
  type Affected,
  type AffectedExtension,
  extensionKey,
  type RangeEvent,
  type SeverityStatement,
} from "../../src/model/findings/advisory.ts";
import type { FixStatus } from "../../src/model/findings/finding.ts";
import { advisoryIndex } from "./advisory-index.ts";
import { corpusBytes, corpusPath } from "./corpus.ts";
import { readSimpleYaml, type YamlValue } from "./simple-yaml.ts";

// Trivy's database as its tests write it: buckets in buckets, then pairs of a key and a value.
//
//   bucket: alpine 3.10  /  bucket: openssl  /  key: CVE-2019-1549  value: {FixedVersion: 1.1.1d-r0}
//
// This turns each pair into an entry of one of our records, as the feed of its publisher would give it.

type Entry = { readonly [key: string]: YamlValue };

interface Pair {
  readonly bucket: string;
  readonly name: string;
  readonly key: string;
  readonly value: Entry;
}

/** The advisories of the reports in `trivy-goldens`, as an index. */
export function trivyDatabase(): AdvisoryIndex {
  const folder = ["trivy-goldens", "db"];
  const files = new Map(
    readdirSync(corpusPath(...folder)).map((name) => [
      name,
      readSimpleYaml(corpusBytes(...folder, name).toString("utf8")),
    ]),
  );
  const severities = severitiesByVulnerability(files.get("vulnerability.yaml") ?? []);
  const cpes = cpesOf(files.get("cpe.yaml") ?? []);
  const side = new Set(["vulnerability.yaml", "cpe.yaml", "data-source.yaml"]);
  const pairs = [...files].flatMap(([name, content]) => (side.has(name) ? [] : listOf(content).flatMap(pairsOf)));
  const records = new Map<string, Advisory>();
  for (const pair of pairs) {
    for (const record of recordsOf(pair, cpes.byNumber)) {
      const known = records.get(record.id);
      const own = severities.get(pair.key)?.filter(({ source }) => source === sourceOfBucket(pair.bucket)) ?? [];
      const affected = [...(known?.affected ?? []), ...(record.affected ?? [])];
      records.set(record.id, { ...record, affected, database_specific: { [extensionKey]: { severities: own } } });
    }
  }
  const facts = [...severities].map(([cve, list]): FeedItem => ({ kind: "facts", cve, facts: { severities: list } }));
  return advisoryIndex([...records.values()], [...facts, ...cpes.items]);
}

function pairsOf(bucket: YamlValue): Pair[] {
  return listOf(at(bucket, "pairs")).flatMap((inner) =>
    listOf(at(inner, "pairs")).map((pair) => ({
      bucket: textOf(at(bucket, "bucket")),
      name: textOf(at(inner, "bucket")),
      key: textOf(at(pair, "key")).trim(),
      value: entryOf(at(pair, "value")),
    })),
  );
}

const ecosystems: Readonly<Record<string, string>> = {
  cargo: "crates.io",
  cocoapods: "CocoaPods",
  composer: "Packagist",
  conan: "ConanCenter",
  erlang: "Hex",
  go: "Go",
  k8s: "Kubernetes",
  maven: "Maven",
  npm: "npm",
  nuget: "NuGet",
  pip: "PyPI",
  pub: "Pub",
  rubygems: "RubyGems",
  swift: "SwiftURL",
};

function recordsOf(pair: Pair, cpes: ReadonlyMap<string, string>): Advisory[] {
  const { bucket, name, key, value } = pair;
  const [prefix = "", rest] = bucket.split("::");
  if (rest !== undefined) {
    const ecosystem = ecosystems[prefix];
    return ecosystem ? [ofLanguage(pair, ecosystem)] : [];
  }
  const release = bucket.slice(bucket.lastIndexOf(" ") + 1);
  const entry = (ecosystem: string, extension: AffectedExtension): Affected =>
    ofDistribution(ecosystem, { name, value, extension });
  if (prefix.startsWith("alpine ")) {
    const ecosystem = release === "edge" ? "Alpine:edge" : `Alpine:v${release}`;
    return [record(`ALPINE-${key}`, entry(ecosystem, { names: "source" }), [key])];
  }
  if (prefix.startsWith("debian "))
    return [record(`DEBIAN-${key}`, entry(`Debian:${release}`, { names: "source" }), [key])];
  if (prefix.startsWith("amazon ")) {
    return [record(`ALAS-${key}`, entry(`Amazon Linux:${release}`, { names: "binary" }), [key])];
  }
  if (prefix.startsWith("Oracle ")) {
    return listOf(value["Entries"] ?? []).map((item) => {
      const architectures = listOf(at(item, "Arches")).map(textOf);
      const extension: AffectedExtension = { names: "binary", architectures };
      const affected = ofDistribution(`Oracle Linux:${release}`, { name, value: entryOf(item), extension });
      return record(`ELSA-${key}`, affected, [key]);
    });
  }
  if (prefix.startsWith("Photon ")) {
    return [record(`PHOTON-${key}`, entry(`Photon OS:${release}`, { names: "source" }), [key])];
  }
  if (prefix.startsWith("alma ")) {
    return [record(`ALMA-${key}`, entry(`AlmaLinux:${release}`, { names: "binary" }), [key])];
  }
  if (prefix.startsWith("rocky ")) {
    return [record(`ROCKY-${key}`, entry(`Rocky Linux:${release}`, { names: "binary" }), [key])];
  }
  if (prefix.startsWith("CBL-Mariner ")) {
    return [record(`AZL-${key}`, entry(`Azure Linux:${Number.parseInt(release, 10)}`, { names: "source" }), [key])];
  }
  if (prefix.startsWith("openSUSE ")) {
    const ecosystem = release === "Tumbleweed" ? "openSUSE:Tumbleweed" : `openSUSE:Leap ${release}`;
    return [record(key, entry(ecosystem, { names: "binary" }), [])];
  }
  return prefix === "Red Hat" ? ofRedHat(pair, cpes) : [];
}

/** Red Hat's entries name products by numbers; the file holds the names of two of them, and no image here is of the others. */
function ofRedHat({ name, key, value }: Pair, cpes: ReadonlyMap<string, string>): Advisory[] {
  return listOf(value["Entries"] ?? []).map((item) => {
    const products = listOf(at(item, "Affected")).map(
      (number) => cpes.get(textOf(number)) ?? `cpe:/o:redhat:${number}`,
    );
    const cves = listOf(at(item, "Cves")).map((cve) => textOf(at(cve, "ID")) || key);
    const architectures = listOf(at(item, "Arches")).map(textOf);
    const extension: AffectedExtension = {
      names: "binary",
      cpes: products,
      ...(architectures.length > 0 && { architectures }),
    };
    const affected = ofDistribution("Red Hat:enterprise_linux:7::server", { name, value: entryOf(item), extension });
    return record(key.startsWith("CVE-") ? `REDHAT-${key}` : key, affected, cves);
  });
}

const statuses: Readonly<Record<string, Exclude<FixStatus, "fixed" | "affected">>> = {
  "4": "under-investigation",
  "5": "will-not-fix",
  "6": "fix-deferred",
  "7": "end-of-life",
};

function ofDistribution(
  ecosystem: string,
  { name, value, extension }: { readonly name: string; readonly value: Entry; readonly extension: AffectedExtension },
): Affected {
  const fixed = textOf(value["FixedVersion"] ?? "");
  const status = statuses[textOf(value["Status"] ?? "")];
  const reason = textOf(value["State"] ?? "");
  const severity = Number(
    textOf(value["Severity"] ?? listOf(value["Cves"] ?? []).map((cve) => at(cve, "Severity"))[0] ?? ""),
  );
  return {
    package: { ecosystem, name },
    ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(fixed ? [{ fixed }] : [])] }],
    ...(severity > 0 && { ecosystem_specific: { urgency: words[severity] ?? "" } }),
    database_specific: { [extensionKey]: { ...extension, ...(status && { status }), ...(reason && { reason }) } },
  };
}

function ofLanguage({ bucket, name, key, value }: Pair, ecosystem: string): Advisory {
  const patched = listOf(value["PatchedVersions"] ?? []).map(textOf);
  const vulnerable = listOf(value["VulnerableVersions"] ?? []).map((text) => eventsOf(textOf(text), patched));
  const ranges = (vulnerable.length > 0 ? vulnerable : [eventsOutside(patched)]).map((events) => ({
    type: "ECOSYSTEM" as const,
    events,
  }));
  const fromGitHub = bucket.includes("GitHub") && !/^(?:GHSA|GMS)-/.test(key);
  const id = fromGitHub ? `GHSA-of-${key}` : key.startsWith("CVE-") ? `GLAD-${key}` : key;
  return {
    id,
    modified: "2021-08-25T00:00:00Z",
    aliases: id === key ? [] : [key],
    affected: [{ package: { ecosystem, name }, ranges }],
  };
}

/**
 * `>= 2.0.0, <= 2.9.10.3`, `< 3.4.0`, `[2.9.0,2.9.10.7)`. As OSV does with GitHub's records, the patched version of the branch is
 * taken for the end where the upper bound is inclusive.
 */
function eventsOf(text: string, patched: readonly string[]): RangeEvent[] {
  const interval = /^\[([^,]+),([^)\]]+)\)$/.exec(text);
  if (interval) return [{ introduced: interval[1] ?? "" }, { fixed: interval[2] ?? "" }];
  let introduced = "0";
  let end: RangeEvent | undefined;
  for (const [, operator, version = ""] of text.matchAll(/(>=|<=|<)\s*([^\s,]+)/g)) {
    if (operator === ">=") introduced = version;
    else if (operator === "<") end = { fixed: version };
    else {
      const series = version.split(".").slice(0, -1).join(".");
      const fixed = patched.find((candidate) => candidate.startsWith(`${series}.`)) ?? patched[0];
      end = fixed === undefined ? { last_affected: version } : { fixed };
    }
  }
  return [{ introduced }, ...(end ? [end] : [])];
}

/** RustSec says which versions are patched, `>= 2.1.3, < 3.0.0`; all others are affected. */
function eventsOutside(patched: readonly string[]): RangeEvent[] {
  const events: RangeEvent[] = [{ introduced: "0" }];
  for (const [, operator, version = ""] of patched.join(", ").matchAll(/(>=|<)\s*([^\s,]+)/g)) {
    events.push(operator === ">=" ? { fixed: version } : { introduced: version });
  }
  return events;
}

function record(id: string, affected: Affected, upstream: readonly string[]): Advisory {
  return { id, modified: "2021-08-25T00:00:00Z", upstream, affected: [affected] };
}

const words = ["", "low", "medium", "high", "critical"];

const sources: Readonly<Record<string, string>> = {
  amazon: "Amazon",
  ghsa: "GitHub",
  nvd: "NVD",
  "oracle-oval": "Oracle",
  photon: "Photon OS",
  redhat: "Red Hat",
  "suse-cvrf": "SUSE",
  ubuntu: "Ubuntu",
};

function sourceOfBucket(bucket: string): string | undefined {
  if (bucket.includes("GitHub")) return "GitHub";
  const [first = ""] = bucket.split(" ", 1);
  return { amazon: "Amazon", Oracle: "Oracle", Photon: "Photon OS", Red: "Red Hat", openSUSE: "SUSE" }[first];
}

function severitiesByVulnerability(content: YamlValue): Map<string, readonly SeverityStatement[]> {
  const pairs = listOf(content).flatMap((bucket) => listOf(at(bucket, "pairs")));
  return new Map(
    pairs.map((pair) => [
      textOf(at(pair, "key")),
      Object.entries(entryOf(at(at(pair, "value"), "VendorSeverity"))).map(([source, number]) => ({
        source: sources[source] ?? source,
        type: "word",
        score: words[Number(number)] ?? "",
      })),
    ]),
  );
}

function cpesOf(content: YamlValue): {
  readonly byNumber: ReadonlyMap<string, string>;
  readonly items: readonly FeedItem[];
} {
  const buckets = listOf(content).flatMap((bucket) => listOf(at(bucket, "pairs")));
  const pairs = (name: string) =>
    buckets.filter((bucket) => at(bucket, "bucket") === name).flatMap((bucket) => listOf(at(bucket, "pairs")));
  const byNumber = new Map(pairs("cpe").map((pair) => [textOf(at(pair, "key")), textOf(at(pair, "value"))]));
  const items = [...pairs("repository"), ...pairs("nvr")].map(
    (pair): FeedItem => ({
      kind: "repository",
      repository: textOf(at(pair, "key")),
      cpes: listOf(at(pair, "value")).flatMap((number) => byNumber.get(textOf(number)) ?? []),
    }),
  );
  return { byNumber, items };
}

function at(value: YamlValue, key: string): YamlValue {
  return entryOf(value)[key] ?? "";
}

function entryOf(value: YamlValue): Entry {
  return typeof value === "object" && !Array.isArray(value) ? (value as Entry) : {};
}

function listOf(value: YamlValue): readonly YamlValue[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: YamlValue): string {
  return typeof value === "string" ? value : "";
}
