import type { Tree } from "../../model/images/tree.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";

/** A layer of an opened image. */
export interface ImageLayer {
  /** The digest that the manifest gives for the stored bytes, when it gives one. */
  readonly digest?: string;
  /** The digest of the uncompressed tar, from the config. */
  readonly diffId?: string;
  /** Bytes as stored; 0 for a layer that is missing. */
  readonly size: number;
  /** The instruction that made the layer. */
  readonly createdBy?: string;
  /** True when the layer came with the base image, as far as the history shows. */
  readonly base: boolean;
  /**
   * What names the layer's bytes for a cache: `sha256:…` when a walk proves that digest or a trusted engine vouches for
   * it, `table:sha256:…` when a walk proves all that it shows by the table of contents of that digest, `file:…` when
   * only the identity of a file on disk is known.
   */
  readonly cacheKey: string;
  /**
   * The same for an inventory by a walk that told that it was in part, see `WalkOptions.inPart`; absent when there are
   * none.
   */
  readonly inPartKey?: string;
  /** True when a walk compares the bytes with the digest and fails on a difference. */
  readonly verifies: boolean;
  readonly tree: Tree;
}

/** An opened image; its layers can be walked until it is disposed. */
export interface Image extends Disposable {
  /** The digest of the config, `sha256:…`. */
  readonly id: string;
  readonly manifestDigest?: string;
  readonly tags: readonly string[];
  readonly platform?: string;
  /** The user that the image runs as; `root` when its config names none. */
  readonly user: string;
  /** Its config as parsed. Source: OCI image-spec, "Image Configuration". */
  readonly config: JsonObject;
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
  /** What the archive holds besides this image that was not examined; empty when nothing. */
  readonly unexamined: readonly string[];
}

/** What an image is opened with. */
export interface ImageOptions {
  /** A tag, or a digest of a manifest, that picks one of several images. */
  readonly reference?: string;
  /** `os/architecture[/variant]` that picks from an index; without it the image for this machine's architecture. */
  readonly platform?: string;
  /** The digest of the manifest that is taken from an index which leads to it, whatever its platform. */
  readonly manifestDigest?: string;
  /** Compare with its digest every layer, and in an OCI layout every manifest and config. */
  readonly verifyDigests: boolean;
  /**
   * True when who gives the bytes also vouches for the digests, as an engine does for its own images: then a layer's
   * digest names it in the cache. Else only the identity of the file on disk does, because an archive may lie about its
   * digests.
   */
  readonly digestsAreTrusted?: boolean;
  /** The most bytes that a layer may have uncompressed; without it a default and a check of the ratio. */
  readonly largestLayer?: number;
  readonly signal: AbortSignal;
}
