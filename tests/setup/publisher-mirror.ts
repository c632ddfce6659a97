import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { extrasCatalogue, fixedRepositories } from "../../src/advisories/feeds/amazon/amazon-repositories.ts";
import { feeds } from "../../src/advisories/feeds/builtin.ts";
import { exampleDocument } from "../../src/advisories/feeds/csaf/example-document.ts";
import { corpusBytes, corpusJson, corpusPath } from "./corpus.ts";
import { ownFiles, redHatExamples, suseExamples, trackerExamples } from "./publisher-examples.ts";
import { readSimpleYaml } from "./simple-yaml.ts";
import { type TarMember, tar } from "./tar.ts";
import { xz } from "./xz.ts";
import { zip } from "./zip.ts";

/** Files by their addresses at the publishers. */
export type PublisherFiles = Readonly<Record<string, string | Uint8Array>>;

/**
 * What every feed fetches, by its address at its publisher: the corpus' files, in the form in which the publisher gives them, and
 * small ones made here where the corpus has none. It reads the corpus.
 */
export function publisherMirror(): PublisherFiles {
  return {
    ...osv(),
    ...debian(),
    ...ubuntu(),
    ...alpine(),
    ...amazon(),
    ...oracle(),
    ...azureLinux(),
    ...photon(),
    ...redHat(),
    ...suse(),
    ...sideTables(),
    ...ownFiles,
  };
}

/** Lays files out as a mirror, `HOST/PATH`. */
export function writeMirror(folder: string, files: PublisherFiles): void {
  for (const [address, content] of Object.entries(files)) {
    const path = join(folder, decodeURIComponent(address.replace(/^https?:\/\//, "")));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

/** The address of a file of a feed, from its own address on. */
export function addressOf(feed: string, path: string): string {
  const found = feeds.find(({ id }) => id === feed);
  if (!found) throw new Error(`there is no feed ${feed}`);
  return `${found.address}${path}`;
}

/** The corpus' bucket, and three more ecosystems from records of the corpus that are not in it. */
function osv(): PublisherFiles {
  const files: Record<string, string | Uint8Array> = {};
  const names = readdirSync(corpusPath("osv-bucket"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of names) {
    for (const file of ["all.zip", "modified_id.csv"]) {
      files[addressOf("osv", `${encodeURIComponent(name)}/${file}`)] = corpusBytes("osv-bucket", name, file);
    }
  }
  const rocky = readdirSync(corpusPath("feeds/vunnel/rocky/osv"));
  const gitHub = readdirSync(corpusPath("feeds/ghsa-to-osv")).filter((name) => name.endsWith(".osv.json"));
  const records = [
    ...rocky.map((name) => corpusJson<OsvRecord>("feeds/vunnel/rocky/osv", name)),
    ...gitHub.map((name) => corpusJson<OsvRecord>("feeds/ghsa-to-osv", name)),
  ];
  const added = Map.groupBy(records, ({ affected }) => affected[0]?.package.ecosystem.split(":", 1)[0] ?? "");
  for (const [name, own] of added) {
    if (names.some((folder) => folder.name === name)) continue;
    const folder = encodeURIComponent(name);
    const members = own.map((record) => ({ name: `${record.id}.json`, content: JSON.stringify(record) }));
    files[addressOf("osv", `${folder}/all.zip`)] = zip(members);
    const rows = own.toSorted((a, b) => (a.modified > b.modified ? -1 : 1));
    files[addressOf("osv", `${folder}/modified_id.csv`)] = rows
      .map(({ modified, id }) => `${modified},${id}\n`)
      .join("");
  }
  const list = corpusBytes("osv-bucket", "ecosystems.txt").toString("utf8").split("\n");
  files[addressOf("osv", "ecosystems.txt")] = [...new Set([...list, ...added.keys()])].sort().join("\n");
  return files;
}

interface OsvRecord {
  readonly id: string;
  readonly modified: string;
  readonly affected: readonly { readonly package: { readonly ecosystem: string } }[];
}

function debian(): PublisherFiles {
  const lists = "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/";
  const tracker = corpusJson<Record<string, unknown>>("feeds/vunnel/debian/input/debian.json");
  return {
    [addressOf("debian", "data/json")]: JSON.stringify({ ...tracker, ...trackerExamples }),
    [`${lists}DSA/list`]: corpusBytes("feeds/debian-lists/DSA.list.gz"),
    [`${lists}DLA/list`]: corpusBytes("feeds/debian-lists/DLA.list.gz"),
  };
}

function ubuntu(): PublisherFiles {
  const archive = (name: string, trees: readonly string[]): Buffer => {
    const members = trees.flatMap((tree) => {
      const folder = corpusPath("feeds/vunnel/ubuntu", tree);
      return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".json"))
        .sort()
        .map((path) => ({ name: `${name}/${path}`, content: readFileSync(join(folder, path)) }));
    });
    return xz(tar(members));
  };
  return {
    [addressOf("ubuntu", "osv/osv-all.tar.xz")]: archive("osv", ["osv", "osv-esm-cases"]),
    [addressOf("ubuntu", "vex/vex-all.tar.xz")]: archive("vex", ["vex"]),
  };
}

/** Branches of a state in which the database was YAML, set into JSON, and those that other tools keep. */
function alpine(): PublisherFiles {
  const files: Record<string, string> = {};
  const put = (branch: string, repository: string, content: string): void => {
    files[addressOf("alpine", `${branch}/${repository}.json`)] = content;
  };
  const folders = [
    ...readdirSync(corpusPath("feeds/alpine-secdb")).map((branch) => ["feeds/alpine-secdb", branch] as const),
    ["feeds/vunnel/alpine/input/secdb", "v3.15"] as const,
  ];
  for (const [folder, branch] of folders) {
    for (const repository of ["main", "community"]) {
      const text = corpusBytes(folder, branch, `${repository}.yaml`).toString("utf8");
      const value = readSimpleYaml(text.replace(/^---\n/, "").replace(/ \[\]$/gm, ""));
      // What is left empty is nothing in YAML, and an empty text to the reader.
      put(
        branch,
        repository,
        JSON.stringify(value, (_, one: unknown) => (one === "" ? null : one)),
      );
    }
  }
  for (const [branch, prefix] of [
    ["v3.12", "312"],
    ["edge", "edge"],
  ] as const) {
    for (const repository of ["main", "community"]) {
      put(branch, repository, corpusBytes("feeds/vuln-list-update/alpine", `${prefix}-${repository}.json`).toString());
    }
  }
  return files;
}

function amazon(): PublisherFiles {
  const updates: Readonly<Record<string, string>> = {
    "2/core": "updateinfo_2_items.xml.gz",
    "2022/core": "updateinfo_AL2022.xml.gz",
    "2023/core": "updateinfo_AL2023.xml.gz",
  };
  const files: Record<string, string | Uint8Array> = { [extrasCatalogue]: `{"topics": []}` };
  for (const { name, mirrorList, architectures } of fixedRepositories) {
    const update = updates[name];
    if (update === undefined) continue;
    // As it is: gzip.
    const bytes = readFileSync(corpusPath("feeds/vuln-list-update/amazon/fixtures", update));
    for (const architecture of architectures) {
      const root = `https://cdn.amazonlinux.com/mirror/${name}/${architecture}/`;
      files[mirrorList.replace("$basearch", architecture)] = `${root}\n`;
      files[`${root}repodata/repomd.xml`] =
        `<repomd><data type="updateinfo"><checksum type="sha256">${sha256(bytes)}</checksum>` +
        `<location href="repodata/updateinfo.xml.gz"/></data></repomd>`;
      files[`${root}repodata/updateinfo.xml.gz`] = bytes;
    }
  }
  return files;
}

/** One file of those that two other tools keep. The publisher packs it with bzip2; what it is packed with is told by its bytes. */
function oracle(): PublisherFiles {
  const texts = ["mock_data", "mock_ksplice_data", "mock_per_arch_data"].map((name) =>
    corpusBytes("feeds/vunnel/oracle", name).toString("utf8"),
  );
  const definitions = texts.flatMap((text) => text.match(/<definition .*?<\/definition>/gs) ?? []);
  const ofKsplice = definitions.find((text) => text.includes("ELSA-2021-9151")) ?? "";
  definitions.push(...otherFlavours.map((replace) => replace(ofKsplice)));
  const xml = `<oval_definitions><definitions>${definitions.join("\n")}</definitions></oval_definitions>`;
  return { [addressOf("oracle", "com.oracle.elsa-all.xml.bz2")]: gzipSync(xml) };
}

/** The same advisory for the packages of everybody, and for those that were validated. */
const otherFlavours: readonly ((definition: string) => string)[] = [
  (text) =>
    text
      .replaceAll("ELSA-2021-9151", "ELSA-2021-1024")
      .replaceAll("2:1.1.1g-15.ksplice1.el8_3", "1:1.1.1g-15.el8_3")
      .replace(/<criterion [^>]*ksplice-based"\/>/g, ""),
  (text) =>
    text
      .replaceAll("ELSA-2021-9151", "ELSA-2021-12345")
      .replaceAll("2:1.1.1g-15.ksplice1.el8_3", "10:1.1.1g-15.el8_3_fips")
      .replaceAll("ksplice-based", "fips patched"),
];

function azureLinux(): PublisherFiles {
  return {
    [addressOf("azure-linux", "cbl-mariner-1.0-oval.xml")]: corpusBytes(
      "feeds/azure-linux-oval/cbl-mariner-1.0-oval.xml.gz",
    ),
    [addressOf("azure-linux", "cbl-mariner-2.0-oval.xml")]: corpusBytes(
      "feeds/vunnel/mariner/mariner-truncated-2.0-oval.xml",
    ),
    [addressOf("azure-linux", "azurelinux-3.0-oval.xml")]: corpusBytes(
      "feeds/azure-linux-oval/azurelinux-3.0-oval.xml.gz",
    ),
  };
}

function photon(): PublisherFiles {
  const releases = { "2.0": "vuln-list-update/photon", "3.0": "vuln-list-update/photon", "4.0": "vunnel/photon/input" };
  const files: Record<string, string | Uint8Array> = {
    [addressOf("photon", "photon_versions.json")]: JSON.stringify({ branches: Object.keys(releases) }),
  };
  for (const [release, folder] of Object.entries(releases)) {
    const name = `cve_data_photon${release}.json`;
    files[addressOf("photon", name)] = corpusBytes("feeds", folder, name);
  }
  return files;
}

/** An archive with documents of the corpus and examples, and the listing in which all are as old as it. */
function redHat(): PublisherFiles {
  const documents: TarMember[] = [];
  for (const folder of ["feeds/claircore/rhel-vex", "feeds/claircore/acceptance"]) {
    for (const file of readdirSync(corpusPath(folder)).sort()) {
      // Two documents are about a CVE that another one is about, and name a module wrongly on purpose.
      if (!/^cve-.*\.json(?:\.gz)?$/.test(file) || /-(?:bad|illegal)-|-python|-go\./.test(file)) continue;
      documents.push({ name: pathOf(file), content: corpusBytes(folder, file) });
    }
  }
  for (const example of redHatExamples) {
    documents.push({
      name: pathOf(`${example.cve?.toLowerCase()}.json`),
      content: JSON.stringify(exampleDocument(example)),
    });
  }
  const archive = "csaf_vex_2026-11-20.tar.zst";
  const bytes = zstdCompressSync(tar(documents));
  return {
    [addressOf("red-hat", "archive_latest.txt")]: archive,
    [addressOf("red-hat", archive)]: bytes,
    [addressOf("red-hat", `${archive}.sha256`)]: `${sha256(bytes)}  ${archive}\n`,
    [addressOf("red-hat", "changes.csv")]: documents
      .map(({ name }) => `"${name}","2026-11-01T00:00:00+00:00"\n`)
      .join(""),
    [addressOf("red-hat", "deletions.csv")]: "",
  };
}

/** `cve-2024-0727-openssl.json.gz` is the document `2024/cve-2024-0727.json`. */
function pathOf(file: string): string {
  const [, cve, year] = /^(cve-(\d{4})-\d+)/.exec(file) ?? [];
  return `${year}/${cve}.json`;
}

/** The corpus has no VEX document of SUSE, so what its CVRF files say is set into that form. */
function suse(): PublisherFiles {
  const folder = "feeds/vuln-list-update/suse-cvrf/golden";
  const documents = new Map<string, Record<string, unknown>>();
  for (const file of readdirSync(corpusPath(folder)).sort()) {
    for (const { CVE, Threats, ProductStatuses } of corpusJson<CvrfAdvisory>(folder, file).Vulnerabilities) {
      const builds = (ProductStatuses ?? [])
        .flatMap(({ ProductID }) => ProductID ?? [])
        .map((id) => id.replace(":", " > "));
      const details = Threats?.[0]?.Severity ?? "";
      documents.set(
        CVE,
        suseDocument({ cve: CVE, status: { recommended: builds }, threats: [{ category: "impact", details }] }),
      );
    }
  }
  for (const example of suseExamples) documents.set(example.cve ?? "", suseDocument(example));
  const members = [...documents].map(([cve, document]) => ({
    name: `csaf-vex/${cve.toLowerCase()}.json`,
    content: JSON.stringify(document),
  }));
  return {
    [addressOf("suse", "csaf-vex.tar.bz2")]: gzipSync(tar(members)),
    [addressOf("suse", "csaf-vex/changes.csv")]: [...documents.keys()]
      .map((cve) => `"${cve.toLowerCase()}.json","2026-11-01T00:00:00+00:00"\n`)
      .join(""),
  };
}

type Example = Parameters<typeof exampleDocument>[0];

function suseDocument(example: Example): Record<string, unknown> {
  const names = Object.values(example.status ?? {})
    .flat()
    .map((text) => text.split(" > "));
  const platforms = Object.fromEntries(names.map(([platform = ""]) => [platform, null]));
  const components = Object.fromEntries(names.map(([, component = ""]) => [component, null]));
  return exampleDocument({ platforms, components, ...example });
}

interface CvrfAdvisory {
  readonly Vulnerabilities: readonly {
    readonly CVE: string;
    readonly Threats?: readonly { readonly Severity: string }[] | null;
    readonly ProductStatuses?: readonly { readonly ProductID: readonly string[] | null }[] | null;
  }[];
}

/** NVD's page divided by years: each year has a file, most of them an empty one. */
function sideTables(): PublisherFiles {
  const files: Record<string, string | Uint8Array> = {
    [addressOf("kev", "known_exploited_vulnerabilities.json")]: corpusBytes(
      "feeds/kev/known_exploited_vulnerabilities.json.gz",
    ),
    [addressOf("epss", "epss_scores-current.csv.gz")]: gzipSync(
      `${corpusBytes("feeds/vunnel/epss/example-1.csv").toString("utf8").trimEnd()}\nCVE-2023-38545,0.26,0.96\n`,
    ),
    [addressOf("end-of-life", "products/full")]: corpusBytes("feeds/eol/products.json.gz"),
  };
  const { vulnerabilities } = corpusJson<{ vulnerabilities: { cve: { id: string } }[] }>(
    "feeds/vunnel/nvd/full-page.json",
  );
  const byYear = Map.groupBy(vulnerabilities, ({ cve }) => cve.id.slice("CVE-".length, "CVE-2024".length));
  for (let year = 2002; year <= new Date().getUTCFullYear(); year++) {
    const content = JSON.stringify({ vulnerabilities: byYear.get(String(year)) ?? [] });
    files[addressOf("nvd", `nvdcve-2.0-${year}.json.gz`)] = gzipSync(content);
    files[addressOf("nvd", `nvdcve-2.0-${year}.meta`)] = `sha256:${sha256(content).toUpperCase()}\r\n`;
  }
  return files;
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
