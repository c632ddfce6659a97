/** Bytes of the longest footer. */
export const estargzFooterSize = 51;

/** Where a footer says that the table begins, and its own size. */
export interface EstargzFooter {
  readonly tableFrom: number;
  readonly size: number;
}

/**
 * Reads the footer at the end of `bytes`; undefined when there is none.
 *
 * ```
 * eStargz, 51 bytes: an empty gzip member, stored, with an extra field
 *    0  1f 8b 08 04 | time (4) | flags | system | length of the extra field, 26 (2)
 *   12  "SG" | length, 22 (2) | offset of the table's gzip member, 16 hexadecimal digits | "STARGZ"
 *   38  01 00 00 ff ff | checksum (4) | size (4)
 * stargz, 47 bytes: the same without "SG" and the second length
 * ```
 *
 * Source: stargz-snapshotter, "eStargz: Standard-Compatible Extension to Container Image Layers", "Footer".
 */
export function readEstargzFooter(bytes: Buffer): EstargzFooter | undefined {
  for (const { size, extra } of forms) {
    const footer = bytes.subarray(bytes.length - size).toString("latin1");
    if (footer.length < size || !footer.startsWith("\x1f\x8b\x08\x04") || !footer.startsWith(extra, 10)) continue;
    const digits = footer.slice(10 + extra.length, 26 + extra.length);
    const ends = footer.startsWith("STARGZ\x01\0\0\xff\xff", 26 + extra.length);
    const tableFrom = Number.parseInt(digits, 16);
    if (!ends || !/^[0-9a-f]{16}$/.test(digits) || !Number.isSafeInteger(tableFrom)) continue;
    return { tableFrom, size };
  }
  return undefined;
}

const forms = [
  { size: estargzFooterSize, extra: "\x1a\0SG\x16\0" },
  { size: 47, extra: "\x16\0" },
] as const;
