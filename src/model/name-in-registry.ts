import { parseReference } from "./reference.ts";
import type { Workload } from "./workload.ts";

/**
 * By which name a registry has what a workload of a cluster runs: the name that was asked for with its digest, else
 * {@link Workload.pulledFrom}. Undefined when neither is known.
 */
export function nameInRegistry({ image, pinned, pulledFrom }: Workload): string | undefined {
  return pinned ?? (parseReference(image)?.digest === undefined ? pulledFrom : image);
}
