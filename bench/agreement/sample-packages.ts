import type { Advisory } from "../../src/model/findings/advisory.ts";
import { type EcosystemRecords, entriesOf } from "./records.ts";

/** A package at a version that some record has something to say about. */
export interface SampledPackage {
  readonly name: string;
  /** As the package manager itself writes it. */
  readonly version: string;
  /** The module stream of a modular rpm: `nodejs:18`. */
  readonly module?: string;
}

/** What to take. */
export interface SampleOptions {
  /** At most so many packages, evenly from all of them by name and version. */
  readonly most: number;
  /** Only the versions of this one; absent for all. */
  readonly named?: string;
}

/**
 * Packages of an ecosystem at the versions where answers change: those at which a range of a record begins or ends, and
 * the first, middle and last that it lists. A bound that no package can have as its version is left out or replaced by the
 * version that is meant. Always the same for the same records.
 */
export function samplePackages(
  { ecosystem, byId }: EcosystemRecords,
  { most, named: only }: SampleOptions,
): readonly SampledPackage[] {
  const sampled = new Map<string, SampledPackage>();
  for (const record of byId.values()) {
    for (const { package: named, ranges = [], versions = [] } of entriesOf(record, ecosystem)) {
      if (!named || (only !== undefined && named.name !== only)) continue;
      const bounds = ranges.flatMap(({ type, events }) => (type === "GIT" ? [] : events.flatMap(boundOf)));
      const listed = [versions[0], versions[Math.floor(versions.length / 2)], versions.at(-1)];
      for (const bound of [...bounds, ...listed]) {
        for (const version of bound ? installedVersions(ecosystem, named.name, bound) : []) {
          const module = streamOf(record, version);
          const key = `${named.name}\n${version}`;
          if (!sampled.has(key)) sampled.set(key, { name: named.name, version, ...(module && { module }) });
        }
      }
    }
  }
  const all = [...sampled.values()].sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(all.length, most) }, (_, index) => all[Math.floor(index * step)]).filter(
    (item) => item !== undefined,
  );
}

function boundOf(event: { introduced?: string; fixed?: string; last_affected?: string }): string[] {
  const { introduced, fixed, last_affected: last } = event;
  return [introduced, fixed, last].filter((text) => text !== undefined);
}

/** None for what is only a bound: `0`, and in Go `1.21.0-0`, which stands for the first candidate of 1.21. */
function installedVersions(ecosystem: string, name: string, bound: string): string[] {
  if (bound === "0") return [];
  if (ecosystem !== "Go") return [bound];
  if (name === "stdlib" || name === "toolchain") return goReleases(bound);
  return bound.endsWith("-0") ? [] : [`v${bound}`];
}

/**
 * Go's own way to write its releases, `1.20` and not `1.20.0`, `1.21.0`, `1.27rc3`; a candidate also as `1.27.0-rc.3`, the way of
 * documents that write every version by SemVer.
 */
function goReleases(bound: string): string[] {
  const [, major, minor, patch, kind, count] = /^(\d+)\.(\d+)\.(\d+)(?:-(rc|beta)\.(\d+)|-0)?$/.exec(bound) ?? [];
  if (major === undefined || minor === undefined) return [];
  if (kind !== undefined) return [`${major}.${minor}${kind}${count}`, bound];
  return [patch === "0" && Number(minor) < 21 ? `${major}.${minor}` : `${major}.${minor}.${patch}`];
}

/** The stream that a record's summary names, for a version that is from one: "Important: nodejs:18 security update". */
function streamOf({ summary = "" }: Advisory, version: string): string | undefined {
  return /\.module[_+]/.test(version) ? /(?:^|[\s,/])([\w.+-]+:[\w.+-]+)(?=[\s,/]|$)/.exec(summary)?.[1] : undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
