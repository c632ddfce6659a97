import { PlimsollError } from "../../model/error.ts";
import type { Tree } from "../../model/images/tree.ts";
import { isDigest, parseReference, referenceText } from "../../model/packages/reference.ts";

/** An image as containerd knows it. */
interface KnownImage {
  /** Digest of its own manifest: in a registry an index may lead to the image for another platform. */
  readonly manifestDigest: string;
  /** Whole names that it has. */
  readonly names: readonly string[];
  /** How many of its layers are not there as they were pulled. */
  readonly missing: number;
}

/**
 * The error, `layout-malformed`, of an image that containerd has and that cannot be read: with
 * `discard_unpacked_layers` it keeps layers only as files, of which nothing tells what they hide and whether they are
 * what was pulled.
 */
export class DiscardedLayersError extends PlimsollError {
  /** `NAME@sha256:…` of this very image in the registry of its name; undefined when it has no name of a registry. */
  readonly inRegistry: string | undefined;

  constructor({ manifestDigest, names, missing }: KnownImage) {
    const references = names.flatMap((name) => (isDigest(name) ? [] : (parseReference(name) ?? [])));
    const named = references.find(({ registry }) => registry !== "localhost");
    const inRegistry = named && referenceText({ ...named, digest: manifestDigest }, { familiar: true });
    const message = `containerd has only unpacked ${missing} of the image's layers, and kept no copies of them as pulled`;
    const where = `plimsoll scan registry:${inRegistry ?? "NAME@DIGEST"}`;
    super("layout-malformed", message, {
      hint: `Scan it where it was pulled from (${where}), or set discard_unpacked_layers to false and pull again.`,
    });
    this.inRegistry = inRegistry;
  }
}

/**
 * A layer that is missing, and is not needed as long as it is not walked because its inventory is known. Unlike other
 * layers that cannot be read it ends the reading of the whole image, which may be had whole elsewhere.
 */
export function discardedLayer(error: DiscardedLayersError): Tree {
  return { walk: () => Promise.reject(error) };
}
