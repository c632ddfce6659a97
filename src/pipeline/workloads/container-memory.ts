import { join } from "node:path";
import { isJsonObject } from "../../model/json-object.ts";
import { isDigest } from "../../model/reference.ts";
import type { Workload } from "../../model/workload.ts";
import { packRecord, RecordStore, unpackRecord } from "../../store/record-store.ts";
import type { ContainerdContainer } from "./containers-of.ts";

/** The image that a container was made from, as far as it is known. */
export type MadeFrom = Pick<Workload, "imageId" | "digest" | "manifestDigest" | "pinned" | "platform">;

/** Raise it when {@link MadeFrom} changes its meaning. */
const format = 1;

/**
 * What containers of containerd were made from, as it was certain once: containerd itself forgets it when the name of
 * the image moves, except of containers that Kubernetes made. A record holds for this very container, which is known by
 * the time at which it was made. A cache that cannot be read or written is no reason to fail.
 */
export class ContainerMemory {
  readonly #store: RecordStore | undefined;

  /** `cache` is the cache folder; without it nothing is remembered. */
  constructor(cache: string | undefined) {
    this.#store = cache === undefined ? undefined : new RecordStore(join(cache, "containers"));
  }

  get(container: ContainerdContainer): MadeFrom | undefined {
    const key = keyOf(container);
    const packed = key === undefined ? undefined : this.#store?.get(key);
    if (key === undefined || packed === undefined) return undefined;
    const known = unpackRecord<object>(key, packed);
    return isMadeFrom(known) ? known : undefined;
  }

  /** Writes nothing that is remembered already. */
  set(container: ContainerdContainer, { imageId, digest, manifestDigest, pinned, platform }: MadeFrom): void {
    const key = keyOf(container);
    if (key === undefined) return;
    const value = { imageId, digest, manifestDigest, pinned, platform };
    const packed = packRecord(key, value);
    if (this.#store?.get(key)?.equals(packed) !== true) this.#store?.set(key, packed);
  }
}

/** Undefined when nothing tells the container from another one of its id, and where nothing need be remembered. */
function keyOf({ namespace, id, madeAt, chainId, imageId }: ContainerdContainer): string | undefined {
  if (madeAt === undefined || chainId === undefined || imageId !== undefined) return undefined;
  return JSON.stringify([format, namespace, id, String(madeAt), chainId]);
}

function isMadeFrom(known: unknown): known is MadeFrom {
  if (!isJsonObject(known)) return false;
  const { imageId, digest, manifestDigest, pinned, platform } = known;
  const isDigestOrNone = (one: unknown): boolean => one === undefined || (typeof one === "string" && isDigest(one));
  return (
    [imageId, digest, manifestDigest].every(isDigestOrNone) &&
    [pinned, platform].every((one) => one === undefined || typeof one === "string")
  );
}
