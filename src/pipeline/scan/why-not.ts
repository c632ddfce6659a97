import { supportOf } from "../../detectors/vulnerabilities/ecosystems/end-of-life.ts";
import { missingEcosystem, needsNoAdvisories } from "../../detectors/vulnerabilities/ecosystems/missing-ecosystem.ts";
import { quietFeedLimit } from "../../detectors/vulnerabilities/ecosystems/quiet-feed.ts";
import { findVulnerabilities } from "../../detectors/vulnerabilities/find-vulnerabilities.ts";
import { AbsenceReasons } from "../../detectors/vulnerabilities/matching/absence-reasons.ts";
import { type MatchOptions, placeOf } from "../../detectors/vulnerabilities/matching/match-package.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { Finding } from "../../model/findings/finding.ts";
import type { AbsenceReason, WhyNot } from "../../model/findings/why-not.ts";
import type { Package } from "../../model/packages/package.ts";
import { ecosystemBase } from "../../model/packages/package-name.ts";
import type { Contents } from "../../model/reports/report.ts";
import { openAdvisories } from "../database/open-advisories.ts";
import { unreadSentence } from "../inventory/unread-files.ts";
import { archivesWithoutGroup } from "./archives-without-group.ts";
import type { LoadedVex } from "./load-vex.ts";
import { placeKeyOf, placeKeysOf } from "./place-keys.ts";
import { productUrlsOf } from "./product-urls.ts";
import { withPublisherStatements } from "./with-publisher-statements.ts";

/** What an absence is explained with. */
export interface WhyNotOptions {
  /** The database's path, or what it holds; without it the built-in advisories. */
  readonly database?: string | AdvisoryIndex;
  /** As for a scan. */
  readonly now: Date;
  /** The user's VEX documents. */
  readonly vex?: LoadedVex | undefined;
}

/**
 * Why a vulnerability is not reported, or how it is. `id` is any name of it, in any case.
 *
 * Errors: `database-not-found`, `database-malformed`.
 */
export function whyNot(contents: Contents, id: string, { database, now, vex }: WhyNotOptions): WhyNot {
  return withIndex(database, (index) => {
    const { packages, distro } = contents;
    const options: MatchOptions = { distribution: distro, index, packages };
    const reasons = reasonsOf(packages, id, options);
    const affected = packages.filter((_, index) => reasons[index]?.some(({ kind }) => kind === "affected"));
    const found = findVulnerabilities(affected, { ...options, now }).findings.filter((one) => isNamed(one, id));
    const { findings, suppressed } = withPublisherStatements(found, {
      ...options,
      packages: affected,
      user: vex?.statements,
      targets: productUrlsOf(contents.target),
    });
    const all = [...findings, ...suppressed.map(({ finding }) => finding)];
    const told = new Set(all.map(({ package: one }) => placeKeyOf(one)));
    const shouldReport = packages.map((one) => placeKeysOf(one).some((key) => told.has(key)));
    const others = reasons.filter((_, index) => !shouldReport[index]);
    const general =
      all.length === 0
        ? [
            ...(reasons.some(({ length }) => length > 0) ? [] : unexamined(contents, { ...options, now })),
            ...unreadPackages(contents),
            ...gaps(packages, options),
            ...quietFeeds(packages, { ...options, now }),
            ...reasonsForTarget(id, reasons, index),
            ...limits(index),
          ]
        : [];
    return { id, findings, suppressed, reasons: [...others.flat(), ...general] };
  });
}

/**
 * The part of {@link whyNot} that `scan --explain` prints: reasons of packages, else one about the name. `database` is
 * the one that the scan used; without it the built-in advisories.
 *
 * Errors: `database-not-found`, `database-malformed`.
 */
export function absenceSentences(
  { packages, distro }: Pick<Contents, "packages" | "distro">,
  id: string,
  database: string | undefined,
): readonly string[] {
  return withIndex(database, (index) => {
    const reasons = reasonsOf(packages, id, { distribution: distro, index, packages });
    return [...reasons.flat(), ...reasonsForTarget(id, reasons, index)].map(({ text }) => text);
  });
}

function withIndex<T>(database: string | AdvisoryIndex | undefined, use: (index: AdvisoryIndex) => T): T {
  if (typeof database === "object") return use(database);
  const index = openAdvisories(database);
  try {
    return use(index);
  } finally {
    index.close();
  }
}

/** For each package its reasons. */
function reasonsOf(packages: readonly Package[], id: string, options: MatchOptions): AbsenceReason[][] {
  const reasons = new AbsenceReasons(id.trim(), options);
  return packages.map((found) => [...reasons.of(found)]);
}

function isNamed({ id, aliases }: Finding, wanted: string): boolean {
  const name = wanted.trim().toLowerCase();
  return [id, ...aliases].some((other) => other.toLowerCase() === name);
}

/**
 * Parts of the target that were not examined, and support that has ended: vulnerabilities that became known since are
 * not in any record.
 */
function unexamined(
  { problems, packages }: Pick<Contents, "problems" | "packages">,
  options: MatchOptions & { readonly now: Date },
): AbsenceReason[] {
  const support = supportOf(packages, options).problems;
  const told = [...problems, ...support].slice(0, mostProblems);
  const reasons = told.map(({ message }): AbsenceReason => ({ kind: "not-examined", text: `${capital(message)}.` }));
  const more = problems.length + support.length - told.length;
  const rest = `${more} more parts of the target could not be examined.`;
  return more > 0 ? [...reasons, { kind: "not-examined", text: rest }] : reasons;
}

const mostProblems = 10;

/**
 * Packages that were seen and not read: the vulnerability may be in one of them, whatever is said of those that were.
 */
function unreadPackages({ unread }: Pick<Contents, "unread">): AbsenceReason[] {
  const text = unreadSentence(unread);
  return text === undefined ? [] : [{ kind: "not-examined", text: `${capital(text)}.` }];
}

/** Packages that were compared with nothing, by the reason: the vulnerability may be in one of them. */
function gaps(packages: readonly Package[], options: MatchOptions): AbsenceReason[] {
  const counts = new Map<string, { kind: AbsenceReason["kind"]; packages: number }>();
  const isBuiltIn = options.index.status.kind === "built-in";
  const holders = isBuiltIn ? "there are no built-in advisories" : "the database has no advisories";
  for (const found of packages) {
    const where = placeOf(found, options);
    if ("suppressed" in where || needsNoAdvisories(found, where)) continue;
    const missing = "ecosystem" in where ? missingEcosystem(where.ecosystem, options.index) : undefined;
    if ("ecosystem" in where && missing === undefined) continue;
    const text = "unknown" in where ? where.unknown : `${holders} for ${missing}`;
    const kind = "code" in where && where.code === "unknown-distribution" ? where.code : "no-ecosystem";
    const known = counts.get(text);
    counts.set(text, { kind, packages: (known?.packages ?? 0) + 1 });
  }
  const archives = archivesWithoutGroup(packages, options.index);
  return [
    ...[...counts].map(([text, { kind, packages: number }]) => ({
      kind,
      text: `${capital(text)}, so ${number === 1 ? "one package was" : `${number} packages were`} not compared.`,
    })),
    ...archives.map((text) => ({ kind: "cannot-compare" as const, text: `${text}.` })),
  ];
}

/** Feeds that have stood still: they may not have the vulnerability yet. */
function quietFeeds(packages: readonly Package[], options: MatchOptions & { readonly now: Date }): AbsenceReason[] {
  const places = packages.map((found) => placeOf(found, options));
  const ecosystems = new Set(places.flatMap((where) => ("ecosystem" in where ? [ecosystemBase(where.ecosystem)] : [])));
  return [...ecosystems].flatMap((ecosystem): AbsenceReason[] => {
    const text = quietFeedLimit(ecosystem, options);
    return text === undefined ? [] : [{ kind: "no-ecosystem", text: `${capital(text)}.` }];
  });
}

function reasonsForTarget(
  id: string,
  reasons: readonly (readonly AbsenceReason[])[],
  index: AdvisoryIndex,
): AbsenceReason[] {
  if (reasons.some(({ length }) => length > 0)) return [];
  const name = id.trim().toUpperCase();
  if (index.facts(name) !== undefined) {
    const text = `${name} is known, but no record or statement about it covers a package in this target.`;
    return [{ kind: "package-absent", text }];
  }
  if (!index.isNamed(id.trim())) {
    const text = `No advisory has the id ${id.trim()}: it may be mistyped, or no advisory source lists it.`;
    return [{ kind: "no-record", text }];
  }
  return [{ kind: "no-record", text: "No record with this id covers a package in this target." }];
}

function limits({ status }: AdvisoryIndex): AbsenceReason[] {
  if (status.kind !== "built-in") return [];
  const text = `Only the ${status.records} built-in records were searched, which are not a full feed; run \`plimsoll db update\`.`;
  return [{ kind: "no-ecosystem", text }];
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
