import { PlimsollError } from "../../model/error.ts";
import type { Package } from "../../model/packages/package.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";
import type { AttachedSbom } from "../../model/reports/report.ts";
import { imagesIn } from "../../registry/content/images-in.ts";
import type { SignatureSource } from "../../registry/signatures/signature-source.ts";
import { describedDigests } from "../../sources/sbom/described-digests.ts";
import { type ReadSbom, readSbom } from "../../sources/sbom/read-sbom.ts";
import { findSboms, type SbomCandidate, type SbomSubject } from "./attached-sbom-search.ts";
import type { SignaturePolicy } from "./signature-trust.ts";

/** The SBOM that can stand for the layers of an image, or why none can, in clauses. */
export type AttachedSbomChoice =
  | { readonly origin: AttachedSbom; readonly bytes: Buffer }
  | { readonly refused: readonly string[] };

interface UsableSbom {
  readonly origin: AttachedSbom;
  readonly bytes: Buffer;
  /** What tells packages apart. */
  readonly packages: ReadonlySet<string>;
}

const mostReasons = 20;

/**
 * Looks for an SBOM that can stand for the layers of an image: a signer trusted by the policy signed it, it is about
 * this image, and it lists packages, some of them of a distribution, and does not say that it is incomplete. An SBOM of
 * programs alone does not show whether its author looked for a distribution's packages. Among several, the one that
 * lists most packages is taken, when it lists those of all others.
 *
 * Errors: `cancelled`, `file-malformed` for a trusted root that cannot be used.
 */
export async function chooseAttachedSbom(
  source: SignatureSource,
  subject: SbomSubject,
  { policy, signal }: { readonly policy: SignaturePolicy; readonly signal: AbortSignal },
): Promise<AttachedSbomChoice> {
  const reasons = new Set<string>();
  const refuse = (reason: string) => void reasons.add(reason);
  const usable: UsableSbom[] = [];
  for await (const candidate of findSboms(source, subject, { policy, refuse })) {
    const sbom = read(candidate, subject, signal);
    if (typeof sbom === "string") refuse(`the SBOM in ${candidate.origin.manifest} was not used: ${sbom}`);
    else usable.push(sbom);
  }
  const [first, ...others] = usable.toSorted((a, b) => b.packages.size - a.packages.size);
  if (first && others.every((other) => includes(first, other))) return first;
  if (first) refuse(`${usable.length} verified SBOMs of the image contradict each other about its packages`);
  if (reasons.size === 0) refuse("no SBOM is attached to the image");
  const all = [...reasons];
  const more = all.length > mostReasons ? [`and ${all.length - mostReasons} more reasons`] : [];
  return { refused: [...all.slice(0, mostReasons), ...more] };
}

/** What a candidate says, or why it cannot be used, as a clause. */
function read(
  { bytes, origin, about }: SbomCandidate,
  { digest, index }: SbomSubject,
  signal: AbortSignal,
): UsableSbom | string {
  const isAboutImage =
    about === "image" || (about === "index" && isOnlyImage(digest, index)) || describedDigests(bytes).has(digest);
  if (!isAboutImage) {
    return about === "index"
      ? "it is attached to an index of several images and does not say that it is about this one"
      : "the signed statement does not name an image";
  }
  let contents: ReadSbom;
  try {
    contents = readSbom(bytes, { signal, problem: () => undefined });
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
    return cause.message;
  }
  const { format, packages } = contents;
  if (contents.inStatement) return "it is inside another attestation, which was not verified";
  if (contents.incomplete) return "it is marked as incomplete";
  if (packages.length === 0) return "it lists no package";
  if (!packages.some(({ type }) => isDistributionType(type))) return "it lists no distribution packages";
  return { origin: { format, ...origin }, bytes, packages: new Set(packages.map(keyOf)) };
}

/** An index in an index is not looked into: it may hold any number of images. */
function isOnlyImage(digest: string, index: SbomSubject["index"]): boolean {
  const [first, ...others] = index ? imagesIn(index) : [];
  return first?.digest === digest && others.length === 0;
}

function includes(all: UsableSbom, other: UsableSbom): boolean {
  return [...other.packages].every((one) => all.packages.has(one));
}

function keyOf({ type, name, version }: Package): string {
  return JSON.stringify([type, name, version]);
}
