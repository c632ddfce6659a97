import {
  type Advisory,
  type Affected,
  advisoryExtension,
  affectedExtension,
  type SeverityScore,
  type SeverityStatement,
} from "../../model/advisory.ts";
import type { FixStatus, Severity, SourcedSeverity } from "../../model/finding.ts";
import { scoreCvss, severityOfScore } from "./cvss.ts";
import { remember } from "./remembering-scheme.ts";
import { rankOfSource, type SeveritySource, sourceOfRecord, sourceRanks } from "./severity-source.ts";

/** What one source says, and how much it weighs. */
export interface Opinion extends SourcedSeverity {
  /** Of `sourceRanks`: lower ranks first. */
  readonly rank: number;
  /** The field that holds it, for a word that a record holds. */
  readonly field?: string;
}

/**
 * What a record says of the severity for one entry of its `affected`, what counts most first. First what says that there is
 * no danger (Debian's `unimportant`, Ubuntu's `negligible`, a notice without a vulnerability). Then, in a distribution's
 * record, its word and after that the vectors, because the vectors that distributions repeat are mostly not their own; in
 * others the vectors, the entry's before the record's and the newest version of CVSS first, and then the word. Last what it
 * repeats of other sources.
 */
export function opinionsOf(advisory: Advisory, entry: Affected): Opinion[] {
  const own = sourceOfRecord(advisory.id, entry.package?.ecosystem ?? "");
  const judged: Opinion[] = [];
  const vectors = byVectors(entry.severity, own);
  if (advisory.severity) vectors.push(...byVectors(advisory.severity, own));
  const repeated: Opinion[] = [];
  let noDanger: Opinion | undefined;
  for (const { word, field, harmless } of wordsOf(advisory, entry)) {
    const opinion = byWord(word, own, field);
    if (!opinion) continue;
    judged.push(opinion);
    if (harmless && opinion.severity === "negligible") noDanger ??= opinion;
  }
  for (const statement of advisoryExtension(advisory).severities ?? []) {
    const opinion = opinionOf(statement, own);
    if (!opinion) continue;
    if (opinion.source !== own.name) repeated.push(opinion);
    else if (opinion.score !== undefined) vectors.push(opinion);
    else {
      judged.push(opinion);
      if (opinion.severity === "negligible") noDanger ??= opinion;
    }
  }
  const isDistribution = own.rank === sourceRanks.distribution;
  const ordered = isDistribution ? judged.concat(vectors, repeated) : vectors.concat(judged, repeated);
  return distinct(noDanger ? [noDanger, ...ordered] : ordered);
}

/** The opinions of a side table about one CVE: each source's newest CVSS version first. */
export function opinionsOfStatements(statements: readonly SeverityStatement[]): Opinion[] {
  const opinions = distinct(statements.flatMap((statement) => opinionOf(statement) ?? []));
  return opinions.sort((a, b) => a.rank - b.rank || (a.source === b.source ? newer(a.statement, b.statement) : 0));
}

/** What the severity of a record was taken from, as an explanation prints it. */
export function basisOf({ statement, score, field }: Opinion): string {
  if (score !== undefined) return `${statement} = ${score}`;
  return field === undefined ? statement : `${field}: ${statement}`;
}

/** What the publisher says about a fix that does not exist, in Plimsoll's words; undefined when it says nothing. */
export function statusOf(entry: Affected): Exclude<FixStatus, "fixed" | "affected"> | undefined {
  const { status: stated } = affectedExtension(entry);
  if (stated !== undefined) return stated;
  const { ecosystem_specific: ofEcosystem, database_specific: ofDatabase } = entry;
  return (
    statusIn(ofEcosystem, "status") ??
    statusIn(ofEcosystem, "urgency") ??
    statusIn(ofDatabase, "status") ??
    statusIn(ofDatabase, "urgency")
  );
}

function statusIn(specific: Affected["database_specific"], key: string): ReturnType<typeof statusOf> {
  const word = textOf(specific, key)
    ?.toLowerCase()
    .replace(/[\s_]+/g, "-");
  return word === undefined ? undefined : statuses.get(word);
}

/** The publisher's own words for {@link statusOf}, at most 300 characters; undefined when it says nothing. */
export function statusReasonOf(entry: Affected): string | undefined {
  const { reason } = affectedExtension(entry);
  return typeof reason === "string" && reason !== "" ? reason.slice(0, 300) : undefined;
}

/** From worst to none, for comparing. */
export function severityRank(severity: Severity): number {
  return ["unknown", "negligible", "low", "medium", "high", "critical"].indexOf(severity);
}

function opinionOf({ source, type, score }: SeverityStatement, own?: SeveritySource): Opinion | undefined {
  const by = { name: source, rank: rankOfSource(source, own) };
  return type === "word" ? byWord(score, by) : byVector(score, by);
}

function byWord(word: string, { name, rank }: SeveritySource, field?: string): Opinion | undefined {
  // Debian marks with asterisks an urgency that it took from a vector and did not decide.
  const plain = word.endsWith("*") ? word.replace(/\*{1,3}$/, "") : word;
  const severity = severities.get(plain.toLowerCase());
  if (!severity) return undefined;
  const opinion = { source: name, severity, statement: word, rank };
  return field === undefined ? opinion : { ...opinion, field };
}

function byVector(vector: string, { name, rank }: SeveritySource): Opinion | undefined {
  const score = scoreOf(vector);
  return score === undefined
    ? undefined
    : { source: name, severity: severityOfScore(score), score, statement: vector, rank };
}

const scoreOf = remember(scoreCvss);

function byVectors(scores: readonly SeverityScore[] = [], own: SeveritySource): Opinion[] {
  const opinions: Opinion[] = [];
  for (const { type, score } of scores) {
    const opinion = type.startsWith("CVSS_V") ? byVector(score, own) : undefined;
    if (opinion) opinions.push(opinion);
  }
  return opinions.sort((a, b) => newer(a.statement, b.statement) || (b.score ?? 0) - (a.score ?? 0));
}

/** For sorting: vectors of a newer version of CVSS first, words before all. */
function newer(a: string, b: string): number {
  const [left, right] = [cvssVersion(a), cvssVersion(b)];
  return left < right ? 1 : left > right ? -1 : 0;
}

function cvssVersion(statement: string): string {
  if (statement.startsWith("CVSS:")) return statement.slice(5, 8);
  return statement.includes("/") ? "2.0" : "9.9";
}

/** Without those that repeat what the same source says before them. */
export function distinct(opinions: Opinion[]): Opinion[] {
  const [one, other] = opinions;
  if (opinions.length < 2) return opinions;
  if (opinions.length === 2 && (one?.source !== other?.source || one?.statement !== other?.statement)) return opinions;
  const seen = new Set<string>();
  return opinions.filter(({ source, statement }) => {
    const key = `${source.length} ${source}${statement}`;
    return !seen.has(key) && seen.add(key);
  });
}

interface Word {
  readonly word: string;
  readonly field: string;
  /** True when "negligible" in this place outweighs a vector. */
  readonly harmless: boolean;
}

function wordsOf(advisory: Advisory, entry: Affected): Word[] {
  const words: Word[] = [];
  const add = (word: string | undefined, field: string, harmless = false): void => {
    if (word !== undefined) words.push({ word, field, harmless });
  };
  add(textOf(entry.ecosystem_specific, "urgency"), "urgency", true);
  for (const { type, score } of entry.severity ?? []) if (!type.startsWith("CVSS_V")) add(score, type, true);
  for (const { type, score } of advisory.severity ?? []) if (!type.startsWith("CVSS_V")) add(score, type, true);
  add(textOf(entry.database_specific, "informational"), "informational", true);
  const categories = entry.database_specific?.["categories"];
  if (advisory.id.startsWith("MAL-") || (Array.isArray(categories) && categories.includes("malicious"))) {
    add("malicious", "kind");
  }
  add(textOf(entry.ecosystem_specific, "severity"), "severity");
  add(textOf(entry.database_specific, "severity"), "severity");
  add(textOf(advisory.database_specific, "severity"), "severity");
  // Errata of the Red Hat family state it before the first colon: "Important: kernel security update".
  add(/^(Critical|Important|Moderate|Low): /.exec(advisory.summary ?? "")?.[1], "summary");
  if (isMaintenance(advisory)) add("none", "kind");
  return words;
}

/** A bug fix or an enhancement of AlmaLinux, Red Hat or Rocky that names no vulnerability. */
function isMaintenance({ id, aliases = [], related = [], upstream = [] }: Advisory): boolean {
  return /^[A-Z]{2}(BA|EA)-/.test(id) && ![...aliases, ...related, ...upstream].some((name) => name.startsWith("CVE-"));
}

const severities: ReadonlyMap<string, Exclude<Severity, "unknown">> = new Map([
  ["critical", "critical"],
  ["malicious", "critical"],
  ["high", "high"],
  ["important", "high"],
  ["medium", "medium"],
  ["moderate", "medium"],
  ["low", "low"],
  ["negligible", "negligible"],
  ["unimportant", "negligible"],
  ["unmaintained", "negligible"],
  ["notice", "negligible"],
  ["none", "negligible"],
]);

const statuses: ReadonlyMap<string, Exclude<FixStatus, "fixed" | "affected">> = new Map([
  ["will-not-fix", "will-not-fix"],
  ["wont-fix", "will-not-fix"],
  ["fix-deferred", "fix-deferred"],
  ["deferred", "fix-deferred"],
  ["postponed", "fix-deferred"],
  ["end-of-life", "end-of-life"],
  ["under-investigation", "under-investigation"],
]);

function textOf(specific: Readonly<Record<string, unknown>> | undefined, key: string): string | undefined {
  const value = specific?.[key];
  return typeof value === "string" ? value : undefined;
}
