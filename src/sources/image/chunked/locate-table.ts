/** Where a layer's table of contents is, and what proves it. */
export type TableLocation = EstargzLocation | ZstdChunkedLocation;

/** The footer of the layer leads to the table. */
interface EstargzLocation {
  readonly format: "estargz";
  /** `sha256:…` of the table's JSON. */
  readonly digest: string;
}

/** The manifest says where the table is. */
interface ZstdChunkedLocation {
  readonly format: "zstd:chunked";
  /** `sha256:…` of the table as it is stored, compressed. */
  readonly digest: string;
  readonly from: number;
  readonly to: number;
  /** Bytes of the JSON. */
  readonly inflatedSize: number;
}

/** The largest table that is read, inflated. */
export const largestTable: number = 64 * 1024 * 1024;

/**
 * The place of the table of contents of a layer by the annotations of its manifest; undefined when the annotations do
 * not prove a table, or when it is over {@link largestTable}.
 *
 * Source: stargz-snapshotter, "eStargz: Standard-Compatible Extension to Container Image Layers"; containers/storage,
 * `pkg/chunked`, whose fourth number is the type of the table, 1.
 */
export function locateTable(
  annotations: Readonly<Record<string, string>> | undefined,
  size: number,
): TableLocation | undefined {
  for (const prefix of zstdPrefixes) {
    const checksum = annotations?.[`${prefix}.manifest-checksum`];
    const position = annotations?.[`${prefix}.manifest-position`];
    if (checksum !== undefined && position !== undefined) return zstdChunked(checksum, { position, size });
  }
  const digest = annotations?.["containerd.io/snapshot/stargz/toc.digest"];
  return digest !== undefined && isSha256(digest) ? { format: "estargz", digest } : undefined;
}

/** The second is that of older writers: Podman up to 4, and stargz-snapshotter. */
const zstdPrefixes = ["io.github.containers.zstd-chunked", "io.containers.zstd-chunked"] as const;

/** True for `sha256:` and 64 hexadecimal digits. */
export function isSha256(digest: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(digest);
}

function zstdChunked(
  digest: string,
  { position, size }: { readonly position: string; readonly size: number },
): TableLocation | undefined {
  const [, ...numbers] = /^(\d{1,15}):(\d{1,15}):(\d{1,15}):1$/.exec(position) ?? [];
  const [from = 0, length = 0, inflatedSize = 0] = numbers.map(Number);
  const to = from + length;
  const isGood = isSha256(digest) && from > 0 && length > 0 && to <= size && inflatedSize > 0;
  if (!isGood || length > largestTable || inflatedSize > largestTable) return undefined;
  return { format: "zstd:chunked", digest, from, to, inflatedSize };
}
