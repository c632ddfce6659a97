import { readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { cachePath } from "../../io/files/cache-file.ts";
import type { Workload } from "../../model/images/workload.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import { parsePlatform } from "../../model/packages/platform.ts";
import { isDigest, parseReference, referenceText } from "../../model/packages/reference.ts";
import { packRecord, RecordStore, unpackRecord } from "../../store/record-store.ts";
import type { ContainerdContainer } from "./containers-of.ts";

/** The image that a container was made from, as far as it is known. */
export type MadeFrom = Pick<Workload, "imageId" | "digest" | "manifestDigest" | "pinned" | "platform">;

/** Raise it when {@link MadeFrom} changes its meaning. */
const format = 1;
/** Largest file, and its largest unpacked content, in bytes. */
const largest = 4096;
/** Those used least recently go first. */
const mostRemembered = 10_000;
const day = 24 * 60 * 60 * 1000;

/**
 * What containers of containerd were made from, as it was certain once: containerd itself forgets it when the name of
 * the image moves, except of containers that Kubernetes made. A record holds for this very container, which is known by
 * the time at which it was made. A cache that cannot be read or written is not a reason to fail.
 */
export class ContainerMemory {
  readonly #folder: string | undefined;
  readonly #store: RecordStore | undefined;
  readonly #most: number;
  #isNew = false;

  /** `cache` is the cache folder; without it nothing is remembered. */
  constructor(cache: string | undefined, most: number = mostRemembered) {
    this.#folder = cache === undefined ? undefined : join(cache, "containers");
    this.#store = this.#folder === undefined ? undefined : new RecordStore(this.#folder);
    this.#most = most;
  }

  get(container: ContainerdContainer): MadeFrom | undefined {
    const key = keyOf(container);
    const packed = key === undefined ? undefined : this.#store?.get(key, largest);
    if (key === undefined || packed === undefined) return undefined;
    const known = madeFromIn(unpackRecord<object>(key, packed, largest), container);
    if (known) this.#keep(key);
    return known;
  }

  /** Writes nothing that is remembered already, and nothing that is too large. */
  set(container: ContainerdContainer, { imageId, digest, manifestDigest, pinned, platform }: MadeFrom): void {
    const key = keyOf(container);
    if (key === undefined) return;
    const value = { imageId, digest, manifestDigest, pinned, platform };
    if (Buffer.byteLength(JSON.stringify({ key, value })) > largest) return;
    const packed = packRecord(key, value);
    if (this.#store?.get(key, largest)?.equals(packed) === true) this.#keep(key);
    else {
      this.#store?.set(key, packed);
      this.#isNew = true;
    }
  }

  /** Forgets what was not used for longest where there is too much. */
  trim(): void {
    if (this.#folder === undefined || !this.#isNew) return;
    try {
      const names = readdirSync(this.#folder);
      if (names.length <= this.#most) return;
      const files = names.map((name) => join(this.#folder ?? "", name));
      const used = files.map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
      for (const { path } of used.sort((a, b) => b.at - a.at).slice(this.#most)) rmSync(path, { force: true });
    } catch {
      // Another run may trim it at the same time, and a cache that cannot be written is none.
    }
  }

  /** Notes by the time of its file that an entry is used. */
  #keep(key: string): void {
    const now = new Date();
    try {
      const path = cachePath(this.#folder ?? "", key);
      if (now.getTime() - statSync(path).mtimeMs > day) utimesSync(path, now, now);
    } catch {
      // It then counts as used when it was written.
    }
  }
}

/** Undefined when nothing tells the container from another one of its id, and where nothing need be remembered. */
function keyOf({ namespace, id, madeAt, chainId, imageId }: ContainerdContainer): string | undefined {
  if (madeAt === undefined || chainId === undefined || imageId !== undefined) return undefined;
  return JSON.stringify([format, namespace, id, String(madeAt), chainId]);
}

/** Any user may have written the file: a malformed one is ignored as a whole. */
function madeFromIn(known: object | undefined, { image }: ContainerdContainer): MadeFrom | undefined {
  if (!isJsonObject(known)) return undefined;
  const { imageId, digest, manifestDigest, pinned, platform } = known;
  if (!isText(digest) || !isDigest(digest)) return undefined;
  for (const one of [imageId, manifestDigest])
    if (one !== undefined && !(isText(one) && isDigest(one))) return undefined;
  const asked = parseReference(image);
  const pin = asked && referenceText({ ...asked, digest }, { familiar: true });
  if (pinned !== undefined && pinned !== pin) return undefined;
  if (platform !== undefined && !(isText(platform) && parsePlatform(platform))) return undefined;
  return {
    digest,
    ...(isText(imageId) && { imageId }),
    ...(isText(manifestDigest) && { manifestDigest }),
    ...(pinned !== undefined && pin !== undefined && { pinned: pin }),
    ...(isText(platform) && { platform }),
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
