import type { Advisory, Affected } from "../../model/advisory.ts";
import type { FixStatus, Severity } from "../../model/finding.ts";
import { bestCvss, severityOfScore } from "./cvss.ts";

/** How severe one record calls a vulnerability. */
export interface Rating {
  readonly severity: Severity;
  /** CVSS, 0 to 10. */
  readonly score?: number;
  /** What it was taken from: a vector with its score, or a word and the field that holds it. */
  readonly basis?: string;
}

/**
 * The severity by a record for one entry of its `affected`. First what says that there is no danger (Debian's `unimportant`,
 * Ubuntu's `negligible`, a notice without a vulnerability); then the newest CVSS vector, the entry's before the record's; then
 * the publisher's word.
 */
export function rate(advisory: Advisory, entry: Affected): Rating {
  const words = wordsOf(advisory, entry);
  const harmless = words.find(({ word, harmless: may }) => may && severityOfWord(word) === "negligible");
  if (harmless) return { severity: "negligible", basis: `${harmless.field}: ${harmless.word}` };
  const cvss = bestCvss(entry.severity ?? []) ?? bestCvss(advisory.severity ?? []);
  if (cvss)
    return { severity: severityOfScore(cvss.score), score: cvss.score, basis: `${cvss.vector} = ${cvss.score}` };
  for (const { word, field } of words) {
    const severity = severityOfWord(word);
    if (severity) return { severity, basis: `${field}: ${word}` };
  }
  return { severity: "unknown" };
}

/** What the publisher says about a fix that does not exist, in its own words; undefined when it says nothing. */
export function statusOf(entry: Affected): Exclude<FixStatus, "fixed" | "affected"> | undefined {
  for (const specific of [entry.ecosystem_specific, entry.database_specific]) {
    for (const key of ["status", "urgency"]) {
      const word = textOf(specific, key)
        ?.toLowerCase()
        .replace(/[\s_]+/g, "-");
      const status = word === undefined ? undefined : statuses.get(word);
      if (status) return status;
    }
  }
  return undefined;
}

/** From worst to none, for comparing. */
export function severityRank(severity: Severity): number {
  return ["unknown", "negligible", "low", "medium", "high", "critical"].indexOf(severity);
}

interface Word {
  readonly word: string;
  readonly field: string;
  /** True when "negligible" in this place outweighs a vector. */
  readonly harmless?: boolean;
}

function wordsOf(advisory: Advisory, entry: Affected): Word[] {
  const words: Word[] = [];
  const add = (word: string | undefined, field: string, harmless = false): void => {
    if (word !== undefined) words.push({ word, field, harmless });
  };
  add(textOf(entry.ecosystem_specific, "urgency"), "urgency", true);
  for (const { type, score } of [...(entry.severity ?? []), ...(advisory.severity ?? [])]) {
    if (!type.startsWith("CVSS_V")) add(score, type, true);
  }
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

function severityOfWord(word: string): Severity | undefined {
  return severities.get(word.toLowerCase());
}

const severities: ReadonlyMap<string, Severity> = new Map([
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
