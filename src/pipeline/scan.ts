import { findVulnerabilities } from "../detectors/vulnerabilities/find-vulnerabilities.ts";
import { extractors } from "../extractors/builtin.ts";
import type { Distribution } from "../model/distribution.ts";
import { PlimsollError } from "../model/error.ts";
import type { Package } from "../model/package.ts";
import type { Problem } from "../model/problem.ts";
import type { Layer, Report } from "../model/report.ts";
import { toolVersion } from "../model/tool-version.ts";
import { judge, type Threshold } from "../policy/threshold.ts";
import { readSbom } from "../sources/sbom/read-sbom.ts";
import { limitsOf, openAdvisories } from "./advisory-source.ts";
import { inventory } from "./inventory.ts";
import { InventoryCache } from "./inventory-cache.ts";
import { type OpenSbom, type OpenTargetOptions, type OpenTree, openTarget } from "./open-target.ts";

/** How far a scan is. */
export interface ScanProgress {
  readonly stage: "opening" | "reading" | "matching";
  /** Stored bytes that were read, and how many there are; both 0 when unknown. */
  readonly done: number;
  readonly total: number;
}

/** What a scan is made with. */
export interface ScanOptions extends OpenTargetOptions {
  /** The database to use; without it the built-in advisories. */
  readonly database?: string;
  /** Where inventories of layers are kept; without it nothing is kept. */
  readonly cache?: string;
  /** Findings of this severity or worse deny. */
  readonly failOn?: Threshold;
  /** The time of the scan. */
  readonly now: Date;
  readonly progress?: (progress: ScanProgress) => void;
}

/** What is in a target, before it is compared with advisories. */
interface TargetContents {
  readonly distribution: Distribution | null;
  readonly packages: readonly Package[];
  readonly problems: readonly Problem[];
  readonly layers: readonly Layer[];
}

/**
 * The main job: opens a target, takes stock of it, compares the packages with the advisories and judges.
 *
 * Errors: those of {@link openTarget}, and `sbom-malformed`, `database-not-found`, `database-malformed`, `cancelled`. What could not
 * be examined within a target is in the report's `problems`.
 */
export async function scanTarget(text: string, options: ScanOptions): Promise<Report> {
  checkSignal(options);
  const index = openAdvisories(options.database);
  try {
    options.progress?.({ stage: "opening", done: 0, total: 0 });
    using target = await openTarget(text, options);
    const contents = target.form === "sbom" ? readListed(target, options) : await readTree(target, options);
    options.progress?.({ stage: "matching", done: 0, total: 0 });
    checkSignal(options);
    const { distribution } = contents;
    const matched = findVulnerabilities(contents.packages, { distribution, index, signal: options.signal });
    const isBuiltIn = index.status.kind === "built-in";
    const problems = [
      ...contents.problems,
      ...matched.problems.filter(({ code }) => !(isBuiltIn && code === "no-advisories")),
    ];
    const limits = limitsOf(index.status, options.now);
    const empty =
      contents.packages.length === 0 ? ["no package that Plimsoll knows was found, so nothing was compared"] : [];
    return {
      schemaVersion: 1,
      tool: { name: "plimsoll", version: toolVersion },
      createdAt: options.now.toISOString(),
      target: target.target,
      distro: contents.distribution,
      layers: contents.layers,
      packages: contents.packages,
      findings: matched.findings,
      problems,
      database: { ...index.status, limits: [...limits.all, ...empty] },
      verdict: judge({ findings: matched.findings, problems, limits: [...limits.open, ...empty] }, options.failOn),
    };
  } finally {
    index.close();
  }
}

function checkSignal({ signal }: ScanOptions): void {
  if (signal.aborted) throw new PlimsollError("cancelled", "the scan was cancelled", { cause: signal.reason });
}

function readListed(target: OpenSbom, { signal }: ScanOptions): TargetContents {
  const problems: Problem[] = [];
  const sbom = readSbom(target.bytes, { signal, problem: (problem) => void problems.push(problem) });
  return { distribution: sbom.distribution, packages: sbom.packages, problems, layers: [] };
}

async function readTree(target: OpenTree, options: ScanOptions): Promise<TargetContents> {
  const total = target.layers.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const taken = await inventory(target.trees, {
    extractors,
    cache: new InventoryCache(options.cache, extractors),
    signal: options.signal,
    progress(bytes) {
      done += bytes;
      options.progress?.({ stage: "reading", done, total });
    },
  });
  const isFolder = target.layers.length === 0;
  return {
    distribution: taken.distribution,
    packages: isFolder ? taken.packages.map((found) => ({ ...found, layer: null })) : taken.packages,
    problems: [...unexaminedImages(target), ...taken.problems],
    layers: target.layers.map((layer, index) => ({ ...layer, verified: taken.verified[index] ?? false })),
  };
}

function unexaminedImages({ unexamined, target }: OpenTree): Problem[] {
  if (unexamined.length === 0) return [];
  const names = unexamined.slice(0, 5).join(", ");
  return [
    {
      code: "not-examined",
      message: `${target.name} holds ${unexamined.length} more images that were not examined: ${names}; name one as ${target.kind}:${target.name}:NAME`,
    },
  ];
}
