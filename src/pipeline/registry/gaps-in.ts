import type { ErrorCode } from "../../model/error.ts";
import type { RegistryFailure } from "../../model/reports/registry-report.ts";
import type { FinishedScan } from "./finished-scans.ts";
import { isWhole } from "./judged-images.ts";

/** An image that was not read whole, and may be elsewhere. */
export interface Gap {
  /** Digests of the layers that are needed for it; none where the image itself could not be had. */
  readonly lostLayers: readonly string[];
}

/**
 * The images of a scan of which another repository may have more, those that could not be scanned among them. An image
 * that is too large, out of support or malformed has that fault in every repository, because one digest means the same
 * bytes.
 */
export function gapsIn({ images, failures }: FinishedScan): readonly Gap[] {
  const damaged = images.flatMap(({ lostLayers }): Gap[] => (lostLayers ? [{ lostLayers }] : []));
  const missing = failures.filter((failure) => !isDigestFailure(failure)).map((): Gap => ({ lostLayers: [] }));
  return [...damaged, ...missing];
}

/**
 * True when a scan of a digest with these gaps tells more than another one of it: fewer images could not be had at all;
 * of as many, fewer have gaps; of as many again, fewer layers are lost.
 */
export function areFewer(gaps: readonly Gap[], others: readonly Gap[]): boolean {
  const failed = (all: readonly Gap[]): number => all.filter(({ lostLayers }) => lostLayers.length === 0).length;
  const lost = (all: readonly Gap[]): number => all.reduce((sum, { lostLayers }) => sum + lostLayers.length, 0);
  const less = failed(gaps) - failed(others) || gaps.length - others.length || lost(gaps) - lost(others);
  return less < 0;
}

/** True when a later run would find the same. */
export function isLasting({ images, failures }: FinishedScan): boolean {
  return failures.length === 0 && images.every(isWhole);
}

/** True for a failure that is one wherever the digest lies. */
export function isDigestFailure({ code }: Pick<RegistryFailure, "code">): boolean {
  return codesOfDigests.has(code);
}

const codesOfDigests: ReadonlySet<ErrorCode> = new Set([
  "layout-malformed",
  "limit-exceeded",
  "manifest-malformed",
  "platform-not-found",
]);
