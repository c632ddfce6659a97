import {
  type Affected,
  type AffectedExtension,
  type Channel,
  extensionKey,
  type RangeEvent,
  type SeverityScore,
} from "../../../model/findings/advisory.ts";
import type { VexJustification, VexProduct, VexStatement } from "../../../model/findings/vex.ts";
import type { FeedItem } from "../../feed-item.ts";
import { fixedEvents, type LineStart, sortVersions } from "./fixed-events.ts";

/** The subject of a claim: one name in one product. Claims with equal subjects become one entry of an advisory. */
export interface PackageSubject {
  /** With the suffix of the release. */
  readonly ecosystem: string;
  readonly name: string;
  readonly names?: "source" | "binary";
  /** As {@link AffectedExtension.module}. */
  readonly module?: string;
  readonly channel?: Channel;
}

/** Details beside the status. */
export interface ClaimDetails {
  readonly cpe?: string | undefined;
  /** Only where it differs from what the advisory as a whole says. */
  readonly severity?: SeverityScore | undefined;
}

/** A package that has no fix. */
export type Unfixed = Pick<AffectedExtension, "status" | "reason">;

/** The status of a package whose fixed version cannot be read, in the stand-in for its document. */
export const unreadableFix: Unfixed = { reason: "Fixed in a version that cannot be read" };

interface Group {
  readonly subject: PackageSubject;
  readonly cpes: Set<string>;
  severity: SeverityScore | undefined;
  /** Versions by architecture; the empty text stands for none. */
  readonly fixed: Map<string, Set<string>>;
  unfixed: Unfixed | undefined;
  /** Labels of the flags, undefined when a product does not have a label. */
  readonly notAffected: Set<string | undefined>;
}

/** How entries and statements are made of what was gathered. */
export interface ClaimOptions {
  readonly lineStart: LineStart;
  readonly statement: Omit<VexStatement, "products" | "justification" | "status">;
  /** The package URL of a product, for a statement that does not hold for every package of the name. */
  readonly packageUrl: (subject: PackageSubject) => string;
  /** What an installation has as a whole: the ecosystem without the repository. */
  readonly releaseOf: (ecosystem: string) => string;
  /**
   * Whether a statement about a source package holds where a release has entries: a publisher that also states each
   * binary package says of the sources that they are not affected while packages built from them are.
   */
  readonly sources: boolean;
}

/**
 * Gathers what a document says of packages, product by product, and gives one entry or statement for each package. When
 * a package is stated to be fixed, affected and not affected, the first of these counts.
 */
export class PackageClaims {
  readonly #groups = new Map<string, Group>();
  readonly #lost = new Set<string>();

  fixed(subject: PackageSubject, { version, architecture = "", ...details }: ClaimDetails & FixedBuild): void {
    const { fixed } = this.#group(subject, details);
    const versions = fixed.get(architecture);
    if (versions) versions.add(version);
    else fixed.set(architecture, new Set([version]));
  }

  /** The first claim counts. */
  unfixed(subject: PackageSubject, { unfixed, ...details }: ClaimDetails & { readonly unfixed: Unfixed }): void {
    this.#group(subject, details).unfixed ??= unfixed;
  }

  /** `label` is that of a flag of the document. */
  notAffected(subject: PackageSubject, label: string | undefined): void {
    this.#group(subject, {}).notAffected.add(label);
  }

  /** A package of this name is fixed or affected somewhere that cannot be read: nothing is stated of the name. */
  lost(name: string): void {
    this.#lost.add(name);
  }

  /** The entries of the advisory, in the order of first mention. */
  affected({ lineStart }: Pick<ClaimOptions, "lineStart">): Affected[] {
    const affected: Affected[] = [];
    for (const group of this.#groups.values()) {
      for (const { events, architectures } of boundaries(group, lineStart)) {
        affected.push(entryOf(group, { events, architectures }));
      }
    }
    return affected;
  }

  /**
   * "Not affected", for packages without an entry in their release, in the order of first mention.
   *
   * Where a release has entries, a statement holds for exactly the package that it names.
   */
  *statements({ statement, packageUrl, releaseOf, sources }: ClaimOptions): Generator<FeedItem> {
    const releases = new Set<string>();
    const entries = new Set<string>();
    for (const { subject, ...group } of this.#groups.values()) {
      if (!hasEntry(group)) continue;
      const release = releaseOf(subject.ecosystem);
      releases.add(release);
      entries.add(keyOf({ ...subject, ecosystem: release }));
    }
    const stated = [...this.#groups.values()].filter(
      (group) => group.notAffected.size > 0 && !hasEntry(group) && !this.#lost.has(group.subject.name),
    );
    for (const groups of Map.groupBy(stated, ({ subject }) => `${subject.ecosystem}\n${subject.name}`).values()) {
      const [first] = groups;
      if (!first) continue;
      const { ecosystem, name } = first.subject;
      const release = releaseOf(ecosystem);
      const isExact = releases.has(release) || groups.some(({ subject }) => subject.module);
      const holding = groups.filter(
        ({ subject }) =>
          !releases.has(release) ||
          ((sources || subject.names !== "source") && !entries.has(keyOf({ ...subject, ecosystem: release }))),
      );
      if (holding.length === 0) continue;
      const products: VexProduct[] = isExact ? holding.map(({ subject }) => ({ "@id": packageUrl(subject) })) : [];
      const justification = justificationOf(holding);
      const fields: VexStatement = {
        ...statement,
        products,
        status: "not_affected",
        ...(justification && { justification }),
      };
      yield { kind: "statement", ecosystem, name, statement: fields };
    }
  }

  #group(subject: PackageSubject, { cpe, severity }: ClaimDetails): Group {
    const key = JSON.stringify([keyOf(subject), subject.channel]);
    let group = this.#groups.get(key);
    if (!group) {
      const [cpes, fixed] = [new Set<string>(), new Map<string, Set<string>>()];
      group = { subject, cpes, severity, fixed, unfixed: undefined, notAffected: new Set() };
      this.#groups.set(key, group);
    }
    if (cpe !== undefined) group.cpes.add(cpe);
    return group;
  }
}

/** A build that has the fix. */
export interface FixedBuild {
  readonly version: string;
  readonly architecture?: string | undefined;
}

interface Boundary {
  readonly events: readonly RangeEvent[];
  /** Absent when all builds share the boundary. */
  readonly architectures?: readonly string[] | undefined;
}

function keyOf({ ecosystem, name, names, module }: PackageSubject): string {
  return JSON.stringify([ecosystem, name, names, module]);
}

function hasEntry({ fixed, unfixed }: Pick<Group, "fixed" | "unfixed">): boolean {
  return fixed.size > 0 || unfixed !== undefined;
}

function boundaries({ fixed, unfixed }: Group, lineStart: LineStart): Boundary[] {
  const byEvents = new Map<string, { events: RangeEvent[]; architectures: string[] }>();
  const lowest = lowestRebuilds(fixed);
  for (const [architecture, versions] of fixed) {
    const events = fixedEvents(
      [...versions].map((version) => lowest.get(rebuildKey(version)) ?? version),
      lineStart,
    );
    if (events.length === 0) continue;
    const key = JSON.stringify(events);
    const known = byEvents.get(key);
    if (known) known.architectures.push(architecture);
    else byEvents.set(key, { events, architectures: [architecture] });
  }
  const found = [...byEvents.values()];
  if (found.length === 0) return unfixed ? [{ events: [{ introduced: "0" }] }] : [];
  if (found.length === 1) return found.map(({ events }) => ({ events }));
  return found.map(({ events, architectures }) => ({ events, architectures: architectures.filter(Boolean).sort() }));
}

/**
 * A module is built once for each set of other streams that it may be installed with, and the builds differ in nothing
 * but a number and a hash at the end of the release: `23147+20b7d289`.
 */
function rebuildKey(version: string): string {
  return version.includes(".module") ? version.replace(/\+\d+\+[0-9a-f]+(?=$|\.)/, "") : version;
}

/** The lowest version of each set of rebuilds over all architectures. */
function lowestRebuilds(fixed: ReadonlyMap<string, ReadonlySet<string>>): Map<string, string> {
  const lowest = new Map<string, string>();
  for (const versions of fixed.values()) {
    for (const version of versions) {
      const key = rebuildKey(version);
      const known = lowest.get(key);
      if (key !== version && (known === undefined || sortsBefore(version, known))) lowest.set(key, version);
    }
  }
  return lowest;
}

function sortsBefore(a: string, b: string): boolean {
  return a !== b && sortVersions([a, b])[0] === a;
}

function entryOf({ subject, cpes, severity, fixed, unfixed }: Group, { events, architectures }: Boundary): Affected {
  const { ecosystem, name, names, module, channel } = subject;
  const extension: AffectedExtension = {
    ...(fixed.size === 0 && unfixed),
    ...(architectures && architectures.length > 0 && { architectures }),
    ...(module !== undefined && { module }),
    ...(cpes.size > 0 && { cpes: [...cpes].sort() }),
    ...(channel && { channel }),
    ...(names && { names }),
  };
  return {
    package: { ecosystem, name },
    ...(severity && { severity: [severity] }),
    ranges: [{ type: "ECOSYSTEM", events }],
    ...(Object.keys(extension).length > 0 && { database_specific: { [extensionKey]: extension } }),
  };
}

/** The labels of CSAF 2.0, section 3.2.3.5.2, which OpenVEX has as its justifications. */
const justifications: ReadonlySet<string> = new Set<VexJustification>([
  "component_not_present",
  "inline_mitigations_already_exist",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_not_present",
]);

/** The one that every product has. */
function justificationOf(groups: readonly Group[]): VexJustification | undefined {
  const labels = new Set(groups.flatMap(({ notAffected }) => [...notAffected]));
  const [label] = labels;
  return labels.size === 1 && label !== undefined && justifications.has(label)
    ? (label as VexJustification)
    : undefined;
}
