import { PlimsollError } from "../../model/error.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import type { RegistryFailure } from "../../model/reports/registry-report.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { forEachInParallel } from "../for-each-in-parallel.ts";
import { compareTags } from "./compare-tags.ts";
import { failureOf, type RegistryListing } from "./list-registry-images.ts";
import type { TaggedImage } from "./newest-images.ts";

const atOnce = 8;

/**
 * What tags stand for in a registry, and what is named by a digest: hands on each image of each repository with all of
 * its tags. A tag under which there is nothing is among the failures.
 *
 * Error: `cancelled`.
 */
export async function listNamedImages(
  client: RegistryClient,
  references: readonly ImageReference[],
  found: (images: readonly TaggedImage[]) => void,
): Promise<RegistryListing> {
  const failures: RegistryFailure[] = [];
  const digests = new Map<ImageReference, string>();
  await forEachInParallel(references, atOnce, async (reference) => {
    const { repository, tag } = reference;
    try {
      digests.set(reference, await digestOf(client, reference));
    } catch (cause) {
      failures.push(failureOf(cause, { repository, tags: tag === undefined ? [] : [tag] }));
    }
  });
  const known = references.filter((reference) => digests.has(reference));
  const groups = Map.groupBy(known, (reference) => `${reference.repository}@${digests.get(reference)}`);
  found(Array.from(groups.values(), (group) => imageOf(group, digests)));
  return {
    repositories: new Set(references.map(({ repository }) => repository)).size,
    tags: references.filter(({ tag }) => tag !== undefined).length,
    attached: 0,
    failures,
    empty: [],
    unknown: [],
  };
}

async function digestOf(client: RegistryClient, reference: ImageReference): Promise<string> {
  const digest = reference.digest ?? (await client.head(reference))?.digest;
  if (digest !== undefined) return digest;
  throw new PlimsollError(
    "image-not-found",
    `the registry ${reference.registry} has no image ${referenceText(reference)}`,
    { hint: "It may have been deleted. Without credentials, registries often report a private image as not found." },
  );
}

/** References of one group name the same thing. */
function imageOf(group: readonly ImageReference[], digests: ReadonlyMap<ImageReference, string>): TaggedImage {
  const [first] = group;
  if (!first) throw new Error("a group of references is empty");
  const tags = group.flatMap(({ tag }) => tag ?? []).sort(compareTags);
  return { registry: first.registry, repository: first.repository, digest: digests.get(first) ?? "", tags };
}
