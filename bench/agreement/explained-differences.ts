import type { Advisory, Affected } from "../../src/model/findings/advisory.ts";
import { ecosystemBase } from "../../src/model/packages/package-name.ts";

/** A record that one program reports for a package and the other does not. */
export interface Difference {
  /** Who reports it. */
  readonly only: "Plimsoll" | "osv-scanner";
  /** With its release: `AlmaLinux:8`. */
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  /** The module stream of a modular rpm. */
  readonly module?: string;
  readonly record: Advisory;
  /** The entries of the record for this package in this ecosystem. */
  readonly entries: readonly Affected[];
}

/** A class of differences that was looked into; each title is a heading of `docs/agreement.md`. */
export interface ExplainedDifference {
  readonly title: string;
  readonly only: Difference["only"];
  readonly explains: (difference: Difference) => boolean;
}

/** Every class of differences whose reason is known. A difference that belongs to none stands out as unexplained. */
export const explainedDifferences: readonly ExplainedDifference[] = [
  {
    title: "A commit range precedes the version range",
    only: "Plimsoll",
    explains: ({ ecosystem, version, entries }) =>
      ecosystem === "PyPI" &&
      entries.every(({ ranges = [], versions = [] }) => ranges[0]?.type === "GIT" && !versions.includes(version)),
  },
  {
    title: "The record spells the name differently from PyPI's index",
    only: "Plimsoll",
    explains: ({ ecosystem, name, entries }) =>
      ecosystem === "PyPI" && entries.every(({ package: named }) => named?.name !== name),
  },
  {
    title: "The record writes a module name with different capitalization",
    only: "Plimsoll",
    explains: ({ ecosystem, name, entries }) =>
      ecosystem === "Go" &&
      entries.every(({ package: named }) => named?.name !== name && named?.name.toLowerCase() === name.toLowerCase()),
  },
  {
    title: "A release candidate in Go's spelling",
    only: "Plimsoll",
    explains: ({ ecosystem, name, version, entries }) => {
      const [, numbers, kind] = /^(\d+\.\d+)(rc|beta)\d+$/.exec(version) ?? [];
      return (
        ecosystem === "Go" &&
        name === "stdlib" &&
        numbers !== undefined &&
        entries.some((entry) => bounds(entry).some((bound) => bound.startsWith(`${numbers}.0-${kind}.`)))
      );
    },
  },
  {
    title: "The Go toolchain is not part of what it builds",
    only: "osv-scanner",
    explains: ({ ecosystem, name }) => ecosystem === "Go" && name === "toolchain",
  },
  {
    title: "Kernel header packages",
    only: "osv-scanner",
    explains: ({ ecosystem, name }) =>
      ecosystemBase(ecosystem) === "AlmaLinux" && /^kernel-(?:.+-)?(?:devel|headers)(?:-matched)?$/.test(name),
  },
  {
    title: "A package from a module stream with a record for no stream, or the reverse",
    only: "osv-scanner",
    explains: ({ ecosystem, version, entries }) =>
      ecosystemBase(ecosystem) === "AlmaLinux" &&
      entries.every((entry) => bounds(entry).some(isModular) !== isModular(version)),
  },
  {
    title: "Another stream of the module",
    only: "osv-scanner",
    explains: ({ ecosystem, version, module, record, entries }) =>
      ecosystemBase(ecosystem) === "AlmaLinux" &&
      isModular(version) &&
      entries.some((entry) => bounds(entry).some(isModular)) &&
      module !== undefined &&
      streamsOf(record).length > 0 &&
      !streamsOf(record).includes(module),
  },
];

/** What the ranges of versions of an entry begin and end with. */
function bounds({ ranges = [] }: Affected): readonly string[] {
  return ranges.flatMap(({ type, events }) => (type === "GIT" ? [] : events.flatMap((event) => Object.values(event))));
}

/** Whether the release of an rpm says that it was built in a module. */
function isModular(version: string): boolean {
  return /\.module[_+]/.test(version);
}

/** The streams that a summary names: "Important: virt:rhel and virt-devel:rhel security update". */
function streamsOf({ summary = "" }: Advisory): readonly string[] {
  return [...summary.matchAll(/(?:^|[\s,/])([\w.+-]+:[\w.+-]+)(?=[\s,/]|$)/g)].map(([, stream = ""]) => stream);
}
