import type { ErrorCode } from "../../model/error.ts";
import type { RegistryFailure } from "../../model/registry-report.ts";
import type { FinishedScan } from "./finished-scans.ts";
import { isWhole } from "./judged-images.ts";

/**
 * How many images of a scan another repository may have more of, those that could not be scanned among them. Of what is
 * too large or out of support every repository has the same.
 */
export function gapsIn({ images, failures }: FinishedScan): number {
  const damaged = images.filter((image) => !isWhole(image) && image.problems.some(({ code }) => code === "unreadable"));
  return damaged.length + failures.filter((failure) => !isOfDigest(failure)).length;
}

/** True when a later run would find the same. */
export function isLasting({ images, failures }: FinishedScan): boolean {
  return failures.length === 0 && images.every(isWhole);
}

/** True for a failure that is one wherever the digest lies. */
export function isOfDigest({ code }: Pick<RegistryFailure, "code">): boolean {
  return codesOfDigests.has(code);
}

const codesOfDigests: ReadonlySet<ErrorCode> = new Set([
  "layout-malformed",
  "limit-exceeded",
  "manifest-malformed",
  "platform-not-found",
]);
