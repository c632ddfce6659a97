import type { TarEntry } from "../../../io/tar/entry-builder.ts";

/** A piece of a file that was compressed by itself, so that it can be read without what lies before it. */
export interface Chunk {
  /** Where its compressed bytes begin in the layer. */
  readonly from: number;
  /** The byte after the last that may belong to it; what follows the chunk may be among them. */
  readonly to: number;
  /** How many inflated bytes come before it. */
  readonly skip: number;
  /** Inflated bytes. */
  readonly size: number;
  /** `sha256:…` of the inflated bytes; undefined for a run of zeros, which is not read at all. */
  readonly digest: string | undefined;
}

/** One entry of a layer, and what its body is made of. */
export interface TableEntry {
  /** As the walk over the tar would give it. */
  readonly entry: TarEntry;
  /** In order and without gaps; empty for what has no body. */
  readonly chunks: readonly Chunk[];
}

/** What a layer says of itself: its entries, in the order of the tar. */
export interface TableOfContents {
  readonly compression: "gzip" | "zstd";
  readonly entries: readonly TableEntry[];
  /** The table's own file, the last of the tar, where it is one. */
  readonly own?: TableEntry;
}

/** Reads a part of a layer, exactly `to - from` bytes. */
export type ReadRange = (from: number, to: number) => Promise<Buffer>;
