import {
  type Advisory,
  type Affected,
  advisoryExtension,
  affectedExtension,
  type SeverityScore,
  type SeverityStatement,
} from "../../../model/findings/advisory.ts";
import type { FixStatus, Severity, SourcedSeverity } from "../../../model/findings/finding.ts";
import { remember } from "../../../model/objects/remember.ts";
import { scoreCvss, severityOfScore } from "./cvss.ts";
import { rankOfSource, type SeveritySource, sourceOfRecord, sourceRanks } from "./severity-source.ts";

/** What one source says, and how much it weighs. */
export interface Opinion extends SourcedSeverity {
  /** Rank from `sourceRanks`: lower ranks first. */
  readonly rank: number;
  /** The field that holds it, for a word that a record holds. */
  readonly field?: string;
}

/**
 * What a record says of the severity for one entry of its `affected`, what counts most first. First what says that
 * there is no danger (Debian's `unimportant`, Ubuntu's `negligible`, a notice without a vulnerability). Then, in a
 * distribution's record, its word and after that the vectors, because the vectors that distributions repeat are mostly
 * not their own; in others the vectors, the entry's before the record's and the newest version of CVSS first, and then
 * the word. Last what it repeats of other sources.
 */
export function opinionsOf(advisory: Advisory, entry: Affected): Opinion[] {
  const own = sourceOfRecord(advisory.id, entry.package?.ecosystem ?? "");
  const vectors = byVectors(entry.severity, own);
  const { severity } = advisory;
  if (severity) vectors.push(...byVectors(severity, own));
  const words = wordsOf(advisory, entry);
  if (words.length === 0 && !advisory.database_specific) return distinct(vectors);
  const judged: Opinion[] = [];
  const repeated: Opinion[] = [];
  let noDanger: Opinion | undefined;
  for (const { word, field, harmless } of words) {
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

function byVectors(scores: readonly SeverityScore[] | undefined, own: SeveritySource): Opinion[] {
  const opinions: Opinion[] = [];
  if (!scores) return opinions;
  scores.forEach(({ type, score }) => {
    const opinion = type.startsWith("CVSS_V") ? byVector(score, own) : undefined;
    if (opinion) opinions.push(opinion);
  });
  if (opinions.length < 2) return opinions;
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

function wordsOf(advisory: Advisory, entry: Affected): readonly Word[] {
  const { id, severity, database_specific: ofRecord, summary } = advisory;
  const { ecosystem_specific: ofEcosystem, database_specific: ofDatabase, severity: ofEntry } = entry;
  const words: Word[] = [];
  if (ofEcosystem) addWord(words, { specific: ofEcosystem, field: "urgency", harmless: true });
  if (ofEntry) addUnscored(words, ofEntry);
  if (severity) addUnscored(words, severity);
  if (ofDatabase) addWord(words, { specific: ofDatabase, field: "informational", harmless: true });
  const categories = ofDatabase?.["categories"];
  if (id.startsWith("MAL-") || (Array.isArray(categories) && categories.includes("malicious"))) {
    words.push({ word: "malicious", field: "kind", harmless: false });
  }
  if (ofEcosystem) addWord(words, { specific: ofEcosystem, field: "severity", harmless: false });
  if (ofDatabase) addWord(words, { specific: ofDatabase, field: "severity", harmless: false });
  if (ofRecord) addWord(words, { specific: ofRecord, field: "severity", harmless: false });
  // Errata of the Red Hat family state it before the first colon: "Important: kernel security update".
  const stated = summary === undefined ? undefined : /^(Critical|Important|Moderate|Low): /.exec(summary)?.[1];
  if (stated !== undefined) words.push({ word: stated, field: "summary", harmless: false });
  if (isMaintenance(advisory)) words.push({ word: "none", field: "kind", harmless: false });
  return words;
}

interface WordPlace extends Pick<Word, "field" | "harmless"> {
  readonly specific: Readonly<Record<string, unknown>>;
}

function addWord(words: Word[], { specific, field, harmless }: WordPlace): void {
  const word = textOf(specific, field);
  if (word !== undefined) words.push({ word, field, harmless });
}

/** The severities that are not vectors of CVSS. */
function addUnscored(words: Word[], scores: readonly SeverityScore[]): void {
  scores.forEach(({ type, score }) => {
    if (!type.startsWith("CVSS_V")) words.push({ word: score, field: type, harmless: true });
  });
}

/** A bug fix or an enhancement of AlmaLinux, Red Hat or Rocky that names no vulnerability. */
function isMaintenance(advisory: Advisory): boolean {
  if (!/^[A-Z]{2}(BA|EA)-/.test(advisory.id)) return false;
  const { aliases = [], related = [], upstream = [] } = advisory;
  return ![...aliases, ...related, ...upstream].some((name) => name.startsWith("CVE-"));
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
