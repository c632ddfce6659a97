import { PlimsollError } from "../../model/error.ts";
import type { Workload } from "../../model/images/workload.ts";
import { type ImageReference, parseReference } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { imagesIn } from "../../registry/content/images-in.ts";
import { forEachInParallel } from "../for-each-in-parallel.ts";

const atOnce = 8;

/**
 * The workloads of clusters, those marked as `moved` whose tag means another image in its registry by now; a cluster
 * itself does not tell. Only names are looked up of which it is known that the registry has what runs. Where the
 * registry does not answer, nothing is known and nothing is marked; one that cannot be reached is asked once.
 *
 * Error: `cancelled`.
 */
export async function withMovedTags(
  workloads: readonly Workload[],
  client: RegistryClient,
): Promise<readonly Workload[]> {
  const users = Map.groupBy(workloads.filter(isPinnable), ({ image }) => image);
  const unreachable = new Set<string>();
  const moved = new Set<Workload>();
  await forEachInParallel(users, atOnce, async ([image, own]) => {
    const reference = parseReference(image);
    if (!reference || unreachable.has(reference.registry)) return;
    const runs = new Set(own.map(({ digest }) => digest));
    try {
      const today = await digestsOf(client, reference, runs);
      for (const workload of own) if (today && !today.has(workload.digest)) moved.add(workload);
    } catch (cause) {
      if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
      if (cause.code === "registry-unreachable") unreachable.add(reference.registry);
    }
  });
  return workloads.map((workload) => (moved.has(workload) ? { ...workload, moved: true } : workload));
}

function isPinnable({ engine, image, pinned, digest }: Workload): boolean {
  return engine === "kubernetes" && pinned !== undefined && digest !== undefined && !image.includes("@");
}

/**
 * What a name stands for: its own digest and, of an index, those of its images, since some container runtimes tell the
 * one and some the other. The index is fetched only where its digest alone does not say enough.
 */
async function digestsOf(
  client: RegistryClient,
  reference: ImageReference,
  runs: ReadonlySet<string | undefined>,
): Promise<ReadonlySet<string | undefined> | undefined> {
  const head = await client.head(reference);
  if (!head) return undefined;
  if (runs.size === 1 && runs.has(head.digest)) return runs;
  const manifest = await client.manifestOf({ ...reference, digest: head.digest });
  return new Set([head.digest, ...imagesIn(manifest).map(({ digest }) => digest)]);
}
