import { PlimsollError } from "../../model/error.ts";
import type { Finding } from "../../model/findings/finding.ts";
import { type ImageReference, parseReference, referenceText } from "../../model/packages/reference.ts";
import type { Report } from "../../model/reports/report.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { rebuildFixes } from "../../updates/candidates/rebuild-fixes.ts";
import { type ScanOptions, scanTarget } from "../scan/scan.ts";
import { type RegistryFacts, registryFacts, registryTarget } from "./registry-facts.ts";

/** How a rebuild is checked. */
export interface RebuildOptions extends ScanOptions {
  readonly registry: RegistryClient;
  /** The base image; the one that the label of the image names unless given. */
  readonly base: string | undefined;
  /** A client that reaches this registry, which a label names, on the public internet only. */
  readonly clientFromOutside: (registry: string) => RegistryClient;
}

/** Whether a rebuild of an image on its base would change it. */
export interface RebuildCheck {
  readonly image: string;
  readonly base: { readonly name: string; readonly digest: string; readonly builtOn?: string };
  /** The image has the layers of the base as it is now. */
  readonly isCurrent: boolean;
  /** Findings that a rebuild would fix. */
  readonly fixed: readonly Finding[];
  readonly kept: number;
}

const nameLabel = "org.opencontainers.image.base.name";
const digestLabel = "org.opencontainers.image.base.digest";

/**
 * Compares the base of an image with the one that it was built on: by the labels of the OCI image specification, or by
 * the layers. Where the base is newer, both images are scanned. Errors: `usage`, those of a registry and of a scan.
 */
export async function checkRebuild(image: string, options: RebuildOptions): Promise<RebuildCheck> {
  const { registry, platform } = options;
  const reference = referenceOf(image);
  const facts = await registryFacts(registry, reference, platform);
  const name = options.base ?? facts.labels[nameLabel];
  if (name === undefined) {
    throw new PlimsollError("usage", `the base image of ${image} is not known: it has no label ${nameLabel}`, {
      hint: "Name the base image with --base, for example --base debian:12.",
    });
  }
  const { digest: _, ...baseReference } = referenceOf(name);
  const isFromOutside = options.base === undefined && baseReference.registry !== reference.registry;
  const baseClient = isFromOutside ? options.clientFromOutside(baseReference.registry) : registry;
  const base = await registryFacts(baseClient, baseReference, platform);
  const builtOn = options.base === undefined ? facts.labels[digestLabel] : undefined;
  const isCurrent = builtOn === base.digest || hasLayersOf(facts, base);
  const answer = {
    image: referenceText(reference),
    base: { name: referenceText(baseReference), digest: base.digest, ...(builtOn !== undefined && { builtOn }) },
    isCurrent,
  };
  if (isCurrent) return { ...answer, fixed: [], kept: 0 };
  const own = await scanOf(reference, facts, options);
  const fixed = rebuildFixes(own, await scanOf(baseReference, base, { ...options, registry: baseClient }));
  return { ...answer, fixed, kept: own.findings.length - fixed.length };
}

function referenceOf(text: string): ImageReference {
  const reference = parseReference(text);
  if (reference) return reference;
  throw new PlimsollError("usage", `${text} is not the name of an image in a registry`, {
    hint: "Give a name such as ghcr.io/team/app:1.0.",
  });
}

function scanOf(reference: ImageReference, { digest }: RegistryFacts, options: RebuildOptions): Promise<Report> {
  return scanTarget(registryTarget(reference, digest), { ...options, imageName: referenceText(reference) });
}

function hasLayersOf({ diffIds }: RegistryFacts, base: RegistryFacts): boolean {
  return base.diffIds.length > 0 && base.diffIds.every((diffId, index) => diffIds[index] === diffId);
}
