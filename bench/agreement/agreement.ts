import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ecosystemBase } from "../../src/model/packages/package-name.ts";
import { bucketFolder } from "../bucket.ts";
import { findProgram } from "../measure.ts";
import { type AgreementTarget, agreementTargets } from "./agreement-targets.ts";
import { type Answers, normalise, ourAnswers, peerAnswers, run } from "./answers.ts";
import { type Difference, type ExplainedDifference, explainedDifferences } from "./explained-differences.ts";
import { type EcosystemRecords, entriesOf, readEcosystem } from "./records.ts";
import { type SampledPackage, samplePackages } from "./sample-packages.ts";

/**
 * Compares the answers of Plimsoll and of osv-scanner from the same records and the same documents and images: for each target how
 * many (package, version, record) both report, only Plimsoll, only osv-scanner; the differences by class; and those of no class one by
 * one. Arguments: `--all` lists every difference; a folder laid out as OSV.dev's bulk export takes the place of the test data.
 */
export async function benchAgreement(args: readonly string[]): Promise<void> {
  const scanner = findProgram("osv-scanner");
  const bucket = args.find((argument) => !argument.startsWith("--")) ?? bucketFolder();
  if (!scanner) return notRun("osv-scanner is not on the path");
  if (bucket === undefined || !existsSync(bucket)) {
    return notRun(
      bucket === undefined ? "there is no test data beside the repository" : `there is no folder ${bucket}`,
    );
  }
  const targets = agreementTargets.filter(({ ecosystem }) => existsSync(archiveOf(bucket, ecosystem)));
  if (targets.length === 0)
    return notRun(`${bucket} has no <Ecosystem>/all.zip of an ecosystem that both programs read`);
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-agreement-"));
  try {
    write(run(scanner, ["--version"]).split("\n")[0] ?? "");
    const database = buildDatabase(bucket, folder);
    const unused = new Set(explainedDifferences);
    for (const target of targets) {
      const compared = compare(target, { scanner, bucket, folder, database });
      for (const used of report(target, compared, args.includes("--all"))) unused.delete(used);
    }
    for (const { title } of unused) write(`\nno difference belongs to: ${title}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function notRun(reason: string): void {
  process.stderr.write(`not run: ${reason}\n`);
  process.exitCode = 3;
}

function archiveOf(bucket: string, ecosystem: string): string {
  return join(bucket, ecosystemBase(ecosystem), "all.zip");
}

/** Plimsoll's database, and beside it the archives where osv-scanner looks for them. */
function buildDatabase(bucket: string, folder: string): string {
  const ecosystems = [...new Set(agreementTargets.map(({ ecosystem }) => ecosystemBase(ecosystem)))];
  for (const ecosystem of ecosystems) {
    const archive = archiveOf(bucket, ecosystem);
    if (!existsSync(archive)) continue;
    mkdirSync(join(folder, "osv-scalibr", ecosystem), { recursive: true });
    cpSync(archive, archiveOf(join(folder, "osv-scalibr"), ecosystem));
  }
  const database = join(folder, "advisories.sqlite");
  const program = join(import.meta.dirname, "../../src/apps/cli/main.ts");
  run(process.execPath, [program, "db", "build", "--from", join(folder, "osv-scalibr"), "--db", database, "--quiet"]);
  return database;
}

interface Setting {
  readonly scanner: string;
  readonly bucket: string;
  readonly folder: string;
  readonly database: string;
}

interface Compared {
  readonly sampled: number;
  /** How many of the sampled packages each program read. */
  readonly read: { readonly ours: number; readonly theirs: number };
  readonly both: number;
  readonly differences: readonly Difference[];
}

function compare(target: AgreementTarget, { scanner, bucket, folder, database }: Setting): Compared {
  const { ecosystem } = target;
  const records = recordsOf(bucket, ecosystem);
  const sampled = samplePackages(records, target.sample);
  const file = join(folder, target.file);
  writeFileSync(file, target.content(sampled));
  const ours = ourAnswers(file, database, ecosystem);
  const theirs = peerAnswers(scanner, target.peerArguments(file), { cache: folder, ecosystem });
  const known = sampledByKey(sampled, ecosystem);
  return {
    sampled: known.size,
    read: { ours: countKnown(ours, known), theirs: countKnown(theirs, known) },
    both: [...ours.byKey.keys()].filter((key) => theirs.byKey.has(key)).length,
    differences: [
      ...differences("Plimsoll", { answers: ours, others: theirs, records, known }),
      ...differences("osv-scanner", { answers: theirs, others: ours, records, known }),
    ],
  };
}

let lastRead: EcosystemRecords | undefined;

/** The records of an ecosystem are kept while its targets follow each other. */
function recordsOf(bucket: string, ecosystem: string): EcosystemRecords {
  const sameArchive = lastRead && ecosystemBase(lastRead.ecosystem) === ecosystemBase(ecosystem);
  lastRead = sameArchive && lastRead ? { ...lastRead, ecosystem } : readEcosystem(bucket, ecosystem);
  return lastRead;
}

function sampledByKey(sampled: readonly SampledPackage[], ecosystem: string): ReadonlyMap<string, SampledPackage> {
  return new Map(
    sampled.map((item) => {
      const { name, version } = normalise(ecosystem, item);
      return [`${name} ${version}`, item];
    }),
  );
}

function countKnown({ packages }: Answers, known: ReadonlyMap<string, SampledPackage>): number {
  return [...packages].filter((key) => known.has(key)).length;
}

function differences(
  only: Difference["only"],
  {
    answers,
    others,
    records,
    known,
  }: {
    readonly answers: Answers;
    readonly others: Answers;
    readonly records: EcosystemRecords;
    readonly known: ReadonlyMap<string, SampledPackage>;
  },
): Difference[] {
  const { ecosystem, byId } = records;
  return [...answers.byKey.keys()]
    .filter((key) => !others.byKey.has(key))
    .sort()
    .flatMap((key) => {
      const answer = answers.byKey.get(key);
      const record = answer && byId.get(answer.record);
      if (!record) throw new Error(`${key}: no archive of ${ecosystem} has this record`);
      const { name, version } = answer;
      const module = known.get(`${name} ${version}`)?.module;
      const entries = entriesOf(record, ecosystem, name);
      return [{ only, ecosystem, name, version, record, entries, ...(module !== undefined && { module }) }];
    });
}

/** Prints the result of one target; returns the classes to which a difference belongs. */
function report(
  { title }: AgreementTarget,
  { sampled, read, both, differences: all }: Compared,
  list: boolean,
): readonly ExplainedDifference[] {
  const count = (only: Difference["only"]): number => all.filter((item) => item.only === only).length;
  const [ours, theirs] = [count("Plimsoll"), count("osv-scanner")];
  write(`\n${title}: ${sampled} packages; both ${both}, only Plimsoll ${ours}, only osv-scanner ${theirs}`);
  if (read.ours < sampled || read.theirs < sampled) {
    write(`  read: Plimsoll ${read.ours}, osv-scanner ${read.theirs} of the packages`);
  }
  const left = new Set(all);
  const used: ExplainedDifference[] = [];
  for (const difference of explainedDifferences) {
    const explained = [...left].filter((item) => item.only === difference.only && difference.explains(item));
    if (explained.length === 0) continue;
    used.push(difference);
    for (const item of explained) left.delete(item);
    write(`  ${explained.length} only ${difference.only}: ${difference.title}`);
    if (list) for (const item of explained) write(line(item));
  }
  write(`  unexplained: ${left.size}`);
  for (const item of left) write(line(item));
  return used;
}

function line({ only, name, version, record }: Difference): string {
  return `    only ${only.padEnd(11)}  ${name} ${version} ${record.id}`;
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
