import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ecosystemBase, normaliseName } from "../../src/model/packages/package-name.ts";

/** That a record covers a package, named and versioned in one way for both programs. */
export interface Answer {
  readonly name: string;
  readonly version: string;
  /** The id of the record. */
  readonly record: string;
}

/** What a program found in a target; the keys are the same for the same answer. */
export interface Answers {
  /** The packages that it read, as `name version`. */
  readonly packages: ReadonlySet<string>;
  readonly byKey: ReadonlyMap<string, Answer>;
}

/** What Plimsoll says of a file, from a database. */
export function ourAnswers(file: string, database: string, ecosystem: string): Answers {
  const program = join(import.meta.dirname, "../../src/apps/cli/main.ts");
  const args = [program, "scan", file, "--db", database, "--format", "json", "--no-cache", "--quiet"];
  const report = JSON.parse(run(process.execPath, args, { success: [0, 1, 3] })) as OurReport;
  return gather(ecosystem, {
    packages: report.packages,
    found: report.findings.flatMap(({ package: { name, version }, evidence }) =>
      evidence.map(({ advisory }) => ({ name, version, record: advisory })),
    ),
  });
}

/** What osv-scanner says of a file; `cache` is the folder that has its archives in `osv-scalibr/<Ecosystem>/all.zip`. */
export function peerAnswers(
  scanner: string,
  args: readonly string[],
  { cache, ecosystem }: { readonly cache: string; readonly ecosystem: string },
): Answers {
  const offline = ["--offline", "--offline-vulnerabilities", "--format", "json", "--all-packages", "--all-vulns"];
  const env = { OSV_SCALIBR_LOCAL_DB_CACHE_DIRECTORY: cache };
  const report = JSON.parse(run(scanner, [...args, ...offline], { success: [0, 1], env })) as PeerReport;
  const packages = (report.results ?? []).flatMap((result) => result.packages ?? []);
  return gather(ecosystem, {
    packages: packages.map((item) => item.package),
    found: packages.flatMap(({ package: { name, version }, vulnerabilities = [] }) =>
      vulnerabilities.map(({ id }) => ({ name, version, record: id })),
    ),
  });
}

interface NamedPackage {
  readonly name: string;
  readonly version: string;
}

interface OurReport {
  readonly packages: readonly NamedPackage[];
  readonly findings: readonly {
    readonly package: NamedPackage;
    readonly evidence: readonly { readonly advisory: string }[];
  }[];
}

interface PeerReport {
  readonly results?: readonly {
    readonly packages?: readonly {
      readonly package: NamedPackage;
      readonly vulnerabilities?: readonly { readonly id: string }[];
    }[];
  }[];
}

function gather(
  ecosystem: string,
  { packages, found }: { readonly packages: readonly NamedPackage[]; readonly found: readonly Answer[] },
): Answers {
  const byKey = new Map<string, Answer>();
  for (const { record, ...written } of found) {
    const subject = normalise(ecosystem, written);
    byKey.set(`${subject.name} ${subject.version} ${record}`, { ...subject, record });
  }
  const read = packages.map((written) => {
    const { name, version } = normalise(ecosystem, written);
    return `${name} ${version}`;
  });
  return { packages: new Set(read), byKey };
}

/**
 * One way to write what the programs write differently: names as advisories are looked up (PyPI's in lower case with `-`), an rpm
 * without the epoch 0, a Go version without `v` or `go`, and a release of Go of two numbers as it is, for which osv-scanner prints
 * the patch level 99 that it does not compare with.
 */
export function normalise(ecosystem: string, { name, version }: NamedPackage): NamedPackage {
  const base = ecosystemBase(ecosystem);
  const known = normaliseName(ecosystem, name);
  if (base === "AlmaLinux") return { name: known, version: version.replace(/^0:/, "") };
  if (base !== "Go") return { name: known, version };
  const bare = version.replace(/^(?:v|go)(?=\d)/, "");
  return { name: known, version: name === "stdlib" ? bare.replace(/^(\d+\.\d+)\.99$/, "$1") : bare };
}

/** What a program writes to stdout. Throws when it ends with another code than those of success. */
export function run(
  command: string,
  args: readonly string[],
  { success = [0], env = {} }: { readonly success?: readonly number[]; readonly env?: Record<string, string> } = {},
): string {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 30, env: { ...process.env, ...env } });
  if (result.status !== null && success.includes(result.status)) return result.stdout;
  const reason = result.error?.message ?? result.stderr.slice(-2000);
  throw new Error(`${command} ended with ${result.status ?? result.signal}: ${reason}`);
}
