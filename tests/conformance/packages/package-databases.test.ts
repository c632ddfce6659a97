import { expect, test } from "vitest";
import type { Extraction, Extractor } from "../../../src/extractors/extractor.ts";
import { apk } from "../../../src/extractors/os/apk/apk.ts";
import { dpkg } from "../../../src/extractors/os/dpkg/dpkg.ts";
import { dpkgFiles } from "../../../src/extractors/os/dpkg-files/dpkg-files.ts";
import { rpm } from "../../../src/extractors/os/rpm/rpm.ts";
import { rpmManifest } from "../../../src/extractors/os/rpm-manifest/rpm-manifest.ts";
import { memoryFile } from "../../../src/io/bytes/memory-file.ts";
import type { FoundPackage } from "../../../src/model/packages/package.ts";
import type { Problem } from "../../../src/model/reports/problem.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

const statusPath = "var/lib/dpkg/status";
const apkPath = "lib/apk/db/installed";
const rpmPath = "var/lib/rpm/Packages";

interface Reading {
  readonly packages: readonly FoundPackage[];
  /** Owned paths by package, sorted. */
  readonly owned: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
}

function read(extractor: Extractor, path: string, ...file: string[]): Reading {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const bytes = corpusBytes("package-dbs", ...file);
  const extractions: Extraction[] = [...extractor.extract(memoryFile(path, bytes), context)];
  return {
    packages: extractions.flatMap((extraction) => (extraction.kind === "package" ? [extraction.package] : [])),
    owned: new Map(
      extractions.flatMap((extraction) =>
        extraction.kind === "ownership" ? [[extraction.owner.name, [...extraction.paths].sort()]] : [],
      ),
    ),
    problems,
  };
}

/** One line per package with the named facts, sorted, so that a difference is easy to read. */
function lines(rows: readonly (readonly (string | undefined)[])[]): string[] {
  return rows.map((row) => row.map((fact) => fact ?? "").join(" ")).sort();
}

/** Name, version, architecture, source and its version. */
function facts(packages: readonly FoundPackage[]): string[] {
  return lines(
    packages.map((found) => [found.name, found.version, found.architecture, found.source?.name, found.source?.version]),
  );
}

const namesAndVersions = (packages: readonly { name: string; version: string }[]) =>
  lines(packages.map(({ name, version }) => [name, version]));

interface RpmEntry {
  readonly name: string;
  readonly epoch?: number;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  readonly source_rpm: string;
  readonly vendor?: string;
}

function rpmLines(entries: readonly RpmEntry[]): string[] {
  return lines(
    entries.map((entry) => {
      const epoch = entry.epoch ? `${entry.epoch}:` : "";
      const source = entry.source_rpm.replace(/\.src\.rpm$/, "");
      return [entry.name, `${epoch}${entry.version}-${entry.release}`, entry.arch, source, epoch, entry.vendor];
    }),
  );
}

function rpmFacts(packages: readonly FoundPackage[]): string[] {
  return lines(
    packages.map(({ name, version, architecture, source, vendor }) => {
      const [, epoch = "", number = ""] = /^(\d+:)?(.*)$/.exec(source?.version ?? "") ?? [];
      return [name, version, architecture, `${source?.name}-${number}`, epoch, vendor];
    }),
  );
}

describeWithCorpus("rpm databases in the corpus", () => {
  const databases = [
    ["cbl-mariner-2.0", 129, 7269],
    ["sle15-bci", 35, 2837],
    ["suse-small", 3, 857],
    ["libuuid", 1, 7],
    ["dive", 1, 1],
    ["hello", 1, 1],
  ] as const;

  test.each(databases)("%s gives the %i packages of rpm -qa and their %i files", (name, packageCount, fileCount) => {
    const expected = corpusJson<{ file: string; rpm_qa: RpmEntry[] }>("package-dbs", "rpm", name, "expected.json");
    const files = corpusJson<Record<string, string[]>>("package-dbs", "rpm", name, "files.json.gz");
    const { packages, owned, problems } = read(rpm, rpmPath, "rpm", name, expected.file);
    expect(problems).toEqual([]);
    expect(packages.length).toBe(packageCount);
    expect(rpmFacts(packages)).toEqual(rpmLines(expected.rpm_qa.filter((entry) => entry.name !== "gpg-pubkey")));
    const listed = Object.entries(files).filter(([, paths]) => paths.length > 0);
    expect([...owned].sort()).toEqual(
      listed.map(([owner, paths]) => [owner, paths.map((path) => path.slice(1)).sort()]).sort(),
    );
    expect([...owned.values()].flat().length).toBe(fileCount);
  });

  test.each(["empty.sqlite", "invalid", "blob.bin"])("%s gives a problem and no packages", (name) => {
    const { packages, problems } = read(rpm, rpmPath, "rpm", "broken", name);
    expect(packages).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(["unreadable"]);
  });

  test("the manifest of a distroless image gives its 5 packages", () => {
    const expected = corpusJson<{ packages: RpmEntry[] }>("package-dbs", "rpm", "rpmmanifest", "expected.json");
    const path = "var/lib/rpmmanifest/container-manifest-2";
    const { packages, problems } = read(rpmManifest, path, "rpm", "rpmmanifest", "container-manifest-2");
    expect(problems).toEqual([]);
    expect(packages.length).toBe(5);
    expect(rpmFacts(packages)).toEqual(rpmLines(expected.packages));
  });
});

interface DpkgQueryEntry {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: string;
  readonly source_version: string;
  readonly status: string;
}

function dpkgQueryLines(entries: readonly DpkgQueryEntry[]): string[] {
  return lines(
    entries
      .filter(({ status }) => ["installed", "unpacked", "half-installed"].includes(status))
      .map((entry) => [entry.name, entry.version, entry.arch, entry.source, entry.source_version]),
  );
}

interface SplitVersion {
  readonly name: string;
  readonly version: string;
  readonly release?: string;
  readonly epoch?: number;
  readonly arch: string;
  readonly source: string;
  readonly source_version: string;
  readonly source_release?: string;
  readonly source_epoch?: number;
  readonly licenses?: readonly string[];
  readonly installed_files?: readonly string[];
}

const joined = (epoch: number | undefined, version: string, release: string | undefined) =>
  `${epoch ? `${epoch}:` : ""}${version}${release ? `-${release}` : ""}`;

function splitVersionLines(packages: readonly SplitVersion[]): string[] {
  return lines(
    packages.map((entry) => [
      entry.name,
      joined(entry.epoch, entry.version, entry.release),
      entry.arch,
      entry.source,
      joined(entry.source_epoch, entry.source_version, entry.source_release),
    ]),
  );
}

interface ScalibrCase {
  readonly name: string;
  readonly input: string;
  readonly error?: boolean;
  readonly opkg?: boolean;
  readonly options?: unknown;
  readonly dpkg_query?: readonly DpkgQueryEntry[];
  readonly packages: readonly { name: string; version: string; metadata: Readonly<Record<string, string>> }[];
}

describeWithCorpus("dpkg databases in the corpus", () => {
  test.each([
    ["texlive", "status.gz", 357],
    ["postgresql", "status", 3],
    ["debian-only", "status", 1],
    ["ubuntu-10.04", "status.gz", 140],
  ] as const)("%s gives what dpkg-query says", (name, file, count) => {
    const expected = corpusJson<{ dpkg_query: DpkgQueryEntry[] }>("package-dbs", "dpkg", name, "expected.json");
    const { packages, problems } = read(dpkg, statusPath, "dpkg", name, file);
    expect(problems).toEqual([]);
    expect(packages.length).toBe(count);
    expect(facts(packages)).toEqual(dpkgQueryLines(expected.dpkg_query));
  });

  test.each([
    ["trivy-valid", 90, 0],
    ["trivy-corrupsed", 4, 1],
    ["trivy-only-apt", 1, 0],
    ["trivy-digest", 2, 0],
    ["trivy-md5sums", 1, 0],
    ["trivy-third-party", 2, 0],
  ] as const)("%s gives %i packages and %i problems", (name, count, problemCount) => {
    const expected = corpusJson<{ packages: SplitVersion[] }>("package-dbs", "dpkg", name, "expected.json");
    const { packages, problems } = read(dpkg, statusPath, "dpkg", name, "rootfs", statusPath);
    expect(problems.length).toBe(problemCount);
    expect(packages.length).toBe(count);
    expect(facts(packages)).toEqual(splitVersionLines(expected.packages));
  });

  test("a list of MD5 sums gives the owned files", () => {
    const expected = corpusJson<{ packages: SplitVersion[] }>("package-dbs", "dpkg", "trivy-md5sums", "expected.json");
    const input = ["rootfs", "var/lib/dpkg/info/tar.md5sums"] as const;
    const { owned, problems } = read(dpkgFiles, "var/lib/dpkg/status.d/tar.md5sums", "dpkg", "trivy-md5sums", ...input);
    expect(problems).toEqual([]);
    expect(owned.get("tar")).toEqual(expected.packages[0]?.installed_files?.map((path) => path.slice(1)).sort());
  });

  test("vcpkg's file of the same form gives no packages", () => {
    expect(read(dpkg, statusPath, "dpkg", "vcpkg", "status").packages).toEqual([]);
  });

  test("a distroless image gives its package and the files of it", () => {
    const folder = ["dpkg", "syft-distroless", "rootfs", "var/lib/dpkg/status.d"] as const;
    const inFolder = (extractor: Extractor, name: string) =>
      read(extractor, `var/lib/dpkg/status.d/${name}`, ...folder, name);
    expect(namesAndVersions(inFolder(dpkg, "libsqlite3-0").packages)).toEqual(["libsqlite3-0 3.34.1-3"]);
    for (const other of ["libsqlite3-0.md5sums", "libsqlite3-0.preinst"]) {
      expect(inFolder(dpkg, other)).toEqual({ packages: [], owned: new Map(), problems: [] });
    }
    const { owned } = inFolder(dpkgFiles, "libsqlite3-0.md5sums");
    expect(owned.get("libsqlite3-0")?.[0]).toBe("usr/lib/aarch64-linux-gnu/libsqlite3.so.0.8.6");
  });

  const statusFiles = corpusJson<{ files: Record<string, { dpkg_query?: DpkgQueryEntry[] }> }>(
    "package-dbs",
    "dpkg",
    "syft-status.d",
    "expected.json",
  ).files;

  test.each(Object.entries(statusFiles))("syft-status.d/%s gives what dpkg-query says, or a problem", (name, value) => {
    const { packages, problems } = read(dpkg, statusPath, "dpkg", "syft-status.d", name);
    if (value.dpkg_query) expect(facts(packages)).toEqual(dpkgQueryLines(value.dpkg_query));
    expect(problems.length).toBe(value.dpkg_query ? 0 : 1);
  });

  const scalibr = corpusJson<{ cases: ScalibrCase[] }>("package-dbs", "dpkg", "scalibr", "cases.json").cases;
  // The package-URL types have none for opkg, and no publisher's advisories name its packages.
  const ours = scalibr.filter((value) => !value.opkg && value.options === undefined);

  /**
   * Expected failures: Scalibr leaves out what dpkg has unpacked and not configured, though its files are in place, and
   * what it has unpacked in part, of whose files some are (dpkg(1)).
   */
  const unpacked: ReadonlySet<string> = new Set(["wantinstall_unpacked", "wantinstall_halfinstalled"]);

  test("are 4 + 6 + 9 + 16 lists, 12 cases of opkg and one of removed packages being left out", () => {
    expect(Object.keys(statusFiles).length).toBeGreaterThanOrEqual(9);
    expect(ours.length).toBeGreaterThanOrEqual(16);
    expect(scalibr.length - ours.length).toBeLessThanOrEqual(13);
  });

  test.each(ours)("scalibr: $name ($input)", (value) => {
    const inFolder = /^dpkg\/(status\.d\/.*)$/.exec(value.input)?.[1];
    const path = `var/lib/dpkg/${inFolder ?? "status"}`;
    const { packages, problems } = read(dpkg, path, "dpkg", "scalibr", "files", value.input);
    expect(packages.filter(({ name }) => unpacked.has(name)).length).toBe(value.name === "statusfield" ? 2 : 0);
    expect(facts(packages.filter(({ name }) => !unpacked.has(name)))).toEqual(
      lines(
        value.packages.map(({ name, version, metadata }) => [
          name,
          version,
          metadata["Architecture"],
          metadata["SourceName"] ?? name,
          metadata["SourceVersion"] ?? version,
        ]),
      ),
    );
    if (value.dpkg_query) expect(facts(packages)).toEqual(dpkgQueryLines(value.dpkg_query));
    if (value.error) expect(problems.length).toBe(1);
  });
});

interface ApkFields {
  readonly name: string;
  readonly version: string;
  readonly arch?: string;
  readonly source?: string;
}

describeWithCorpus("apk databases in the corpus", () => {
  test("trivy gives 15 packages with their files, and a problem for one without a version", () => {
    const expected = corpusJson<{ packages: SplitVersion[] }>("package-dbs", "apk", "trivy", "expected.json").packages;
    const { packages, owned, problems } = read(apk, apkPath, "apk", "trivy", "installed");
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining("invalidPackageWithoutAVersion")]);
    expect(packages.length).toBe(15);
    expect(facts(packages)).toEqual(splitVersionLines(expected));
    for (const { name, installed_files } of expected) {
      expect(owned.get(name) ?? []).toEqual([...(installed_files ?? [])].sort());
    }
  });

  test.each([
    ["alpine_2_6_6", 13],
    ["alpine_3_7_0", 11],
  ] as const)("%s gives %i packages", (name, count) => {
    const expected = corpusJson<{ fields: ApkFields[] }>("package-dbs", "apk", name, "expected.json");
    const { packages, problems } = read(apk, apkPath, "apk", name, "installed");
    expect(problems).toEqual([]);
    expect(packages.length).toBe(count);
    expect(lines(packages.map((found) => [found.name, found.version, found.architecture, found.source?.name]))).toEqual(
      lines(expected.fields.map((entry) => [entry.name, entry.version, entry.arch, entry.source])),
    );
  });

  const scalibr = corpusJson<{ cases: ScalibrCase[] }>("package-dbs", "apk", "scalibr", "cases.json").cases;

  test("are 15 + 13 + 11 packages, 8 cases and 7 inputs", () => expect(scalibr.length).toBeGreaterThanOrEqual(8));

  test.each(scalibr)("scalibr: $name ($input)", (value) => {
    const { packages, problems } = read(apk, apkPath, "apk", "scalibr", "files", value.input);
    expect(lines(packages.map((found) => [found.name, found.version, found.architecture, found.source?.name]))).toEqual(
      lines(
        value.packages.map(({ name, version, metadata }) => [
          name,
          version,
          metadata["Architecture"],
          metadata["OriginName"],
        ]),
      ),
    );
    expect(problems.length).toBe(value.error ? 1 : 0);
  });

  test.each([
    ["multiple-1/lib/apk/db/installed", 4],
    ["multiple-2/lib/apk/db/installed", 14],
    ["base", 1],
    ["single", 1],
    ["empty-deps-and-provides", 1],
    ["extra-file-attributes", 1],
  ] as const)("syft's %s gives %i packages", (name, count) => {
    const { packages, problems } = read(apk, apkPath, "apk", "syft", name);
    expect(packages.length).toBe(count);
    expect(problems).toEqual([]);
  });

  test("syft's case gives its packages", () => {
    const { cases } = corpusJson<{ cases: { input: string; packages: ApkFields[] }[] }>(
      "package-dbs",
      "apk",
      "syft",
      "expected.json",
    );
    expect(cases.length).toBe(1);
    for (const { input, packages } of cases) {
      const found = read(apk, apkPath, "apk", "syft", input, apkPath).packages;
      expect(namesAndVersions(found)).toEqual(namesAndVersions(packages));
    }
  });

  test("syft's corrupt database gives a problem and the packages that are whole", () => {
    const { packages, problems } = read(apk, apkPath, "apk", "syft", "corrupt", apkPath);
    expect(packages.map(({ name }) => name)).toEqual(["alpine-baselayout-data"]);
    expect(problems.length).toBe(1);
  });
});
