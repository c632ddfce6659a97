import { expect } from "vitest";
import { PlimsollError } from "../../src/model/error.ts";
import type { OpenFile } from "../../src/model/images/file.ts";
import type { TreeEntry, TreeVisitor } from "../../src/model/images/tree.ts";
import { ChunkedLayerTree } from "../../src/sources/image/chunked/chunked-layer-tree.ts";
import { locateTable } from "../../src/sources/image/chunked/locate-table.ts";
import { StreamLayerTree } from "../../src/sources/image/stream-layer-tree.ts";
import { type ChunkedLayer, type ChunkedLayerOptions, estargzLayer, zstdChunkedLayer } from "./chunked-layer.ts";
import type { TarMember } from "./tar.ts";
import { recorder } from "./walk-tar.ts";

const notCancelled: AbortSignal = new AbortController().signal;

/** Makes a layer of these. */
export type WriteLayer = (members: readonly TarMember[], options?: ChunkedLayerOptions) => ChunkedLayer;

/** The forms of layers with a table of contents, and what writes one. */
export const formats: readonly (readonly [string, WriteLayer])[] = [
  ["eStargz", estargzLayer],
  ["zstd:chunked", zstdChunkedLayer],
];

/** What a walk told, and what it cost. */
export interface Walk {
  readonly events: unknown[];
  readonly inPart: boolean;
  readonly wholeReads: number;
  readonly fetched: number;
  readonly requests: number;
  readonly error: string | undefined;
}

/** How a test layer is walked. */
export interface WalkSettings {
  readonly wants?: (path: string) => boolean;
  /** Foreseen by its first bytes. */
  readonly byHead?: (entry: TreeEntry) => boolean;
  /** Wants the large files that begin with this instead, as they do who look for programs. */
  readonly magic?: string;
  readonly foresees?: boolean;
  /** Reads bodies as `rehearse` and `file` do. */
  readonly examine?: (file: OpenFile) => void;
  readonly readRange?: (from: number, to: number) => Promise<Buffer>;
  readonly largestLayer?: number;
  readonly signal?: AbortSignal;
}

/** Walks a layer by its table, as long as it can be. */
export async function walk({ bytes, annotations }: ChunkedLayer, settings: WalkSettings = {}): Promise<Walk> {
  const { wants = (path) => path.startsWith("wanted/"), byHead = () => false, foresees = true, examine } = settings;
  const { magic } = settings;
  const record = recorder(wants);
  const visitor: TreeVisitor = {
    ...record,
    entry(entry, head) {
      const isWanted = record.entry(entry, head);
      return magic === undefined ? isWanted : begins(head, magic);
    },
    ...(foresees && {
      foresee: (entry, head) => {
        if (magic !== undefined && !head) return entry.size < smallestByMagic ? "nothing" : "head";
        if (magic !== undefined && head) return begins(head, magic) ? "parts" : "nothing";
        if (byHead(entry)) return head ? (wants(entry.path) ? "parts" : "nothing") : "head";
        return wants(entry.path) ? "body" : "nothing";
      },
    }),
    ...(examine && {
      rehearse: (_, file) => {
        try {
          examine(file);
        } catch {
          // What extractors throw is a problem of the file, and they may catch it themselves.
        }
      },
      file: (_, file) => examine(file),
    }),
  };
  const location = locateTable(annotations, bytes.length);
  if (!location) throw new Error("the layer should have a table");
  const seen = { wholeReads: 0, fetched: 0, requests: 0, inPart: false };
  const whole = new StreamLayerTree({
    async *read() {
      seen.wholeReads++;
      for (let at = 0; at < bytes.length; at += 500_000) yield Buffer.from(bytes.subarray(at, at + 500_000));
    },
  });
  const slice = (from: number, to: number): Promise<Buffer> => Promise.resolve(Buffer.from(bytes.subarray(from, to)));
  const readRange = async (from: number, to: number): Promise<Buffer> => {
    expect([from >= 0, to > from, to <= bytes.length]).toEqual([true, true, true]);
    seen.requests++;
    seen.fetched += to - from;
    return (settings.readRange ?? slice)(from, to);
  };
  const { largestLayer, signal = notCancelled } = settings;
  const tree = new ChunkedLayerTree({ location, size: bytes.length, whole, readRange, largestLayer });
  const inPart = (): void => {
    seen.inPart = true;
  };
  const error = await tree.walk(visitor, { signal, inPart }).then(
    () => undefined,
    (cause: unknown) => {
      if (!(cause instanceof PlimsollError)) throw cause;
      return cause.code;
    },
  );
  return { events: record.events, ...seen, error };
}

/** As that of the program, see `FileMatcher`. */
const smallestByMagic: number = 128 * 1024;

function begins(head: Uint8Array, magic: string): boolean {
  return Buffer.from(head).toString("latin1").startsWith(magic);
}

/** What the stream of the whole layer tells; first bytes only of what is wanted. */
export async function streamed(layer: ChunkedLayer, settings: WalkSettings = {}): Promise<unknown[]> {
  const { events, wholeReads } = await walk(layer, { ...settings, foresees: false });
  expect(wholeReads).toBe(1);
  return withoutHeads(events);
}

/** First bytes are shown only where they decide. */
export function withoutHeads(events: readonly unknown[]): unknown[] {
  return events.map((event) => ({ ...(event as object), head: undefined }));
}
