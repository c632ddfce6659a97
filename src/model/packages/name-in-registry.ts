import type { Workload } from "../images/workload.ts";
import { parseReference } from "./reference.ts";

/**
 * By which name a registry has what a workload of a cluster runs: the name that was asked for with its digest, where
 * that is what runs (a pod whose image was changed may still run the one before), else {@link Workload.pulledFrom}.
 * Undefined when neither is known.
 */
export function nameInRegistry({ image, pinned, pulledFrom, digest, manifestDigest }: Workload): string | undefined {
  if (pinned !== undefined) return pinned;
  const asked = parseReference(image)?.digest;
  const runs = asked !== undefined && (digest === undefined || asked === digest || asked === manifestDigest);
  return runs ? image : pulledFrom;
}
