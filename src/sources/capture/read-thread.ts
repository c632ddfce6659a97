import type { ByteString } from "../../model/events/kernel-event.ts";
import type { CaptureThread } from "./capture-thread.ts";
import { type EntryReader, joinedTexts } from "./entry-reader.ts";

// An entry of the process list: the fields in this order, each since the version of the block in which it came. From
// version 9 on an entry begins with its length, and ends with as many fields of the tail as it has room for.

/**
 * Bytes of the tail without the two fields that came into the middle of it later: a tail of at most so many lacks them.
 */
const shortTail = 29;

/** Number of texts shared by many threads that are kept once; the second limit is the longest such text. */
const mostShared = 20_000;
const longestShared = 4096;

/** Texts that many threads have in common. */
export class SharedTexts {
  readonly #known = new Map<ByteString, ByteString>();

  /** The text, as the same object each time. */
  share(text: ByteString): ByteString {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size < mostShared && text.length <= longestShared) this.#known.set(text, text);
    return text;
  }
}

/**
 * Reads one entry into `thread`. The reader is left at the end of what was understood; returns the length that the
 * entry states, from its first byte, `undefined` before version 9.
 */
export function readThread(
  reader: EntryReader,
  version: number,
  { thread, shared }: { readonly thread: CaptureThread; readonly shared?: SharedTexts },
): number | undefined {
  const share = (found: ByteString): ByteString => (shared === undefined ? found : shared.share(found));
  const text = (): ByteString => share(reader.text());
  const texts = (): ByteString => share(joinedTexts(reader.raw(reader.u16())));
  const start = reader.at;
  const size = version >= 9 ? reader.u32() : 0;
  thread.tid = reader.i64();
  thread.pid = reader.i64();
  thread.ptid = reader.i64();
  if (version >= 6) thread.sid = reader.i64();
  if (version >= 8) thread.vpgid = reader.i64();
  thread.comm = text();
  thread.exe = text();
  if (version >= 7) thread.exepath = text();
  thread.argsText = texts();
  thread.cwd = text();
  thread.fdLimit = reader.i64();
  thread.flags = reader.u32();
  thread.uid = reader.u32();
  thread.gid = reader.u32();
  if (version >= 2) {
    thread.vmSizeKb = reader.u32();
    thread.vmRssKb = reader.u32();
    thread.vmSwapKb = reader.u32();
    thread.majorFaults = reader.i64();
    thread.minorFaults = reader.i64();
  }
  if (version >= 3) thread.envText = texts();
  if (version >= 4) {
    thread.vtid = reader.i64();
    thread.vpid = reader.i64();
    thread.cgroupsText = texts();
  }
  if (version >= 5) thread.root = text();
  if (size > 0) readTail(reader, start + size, thread);
  return size > 0 ? size : undefined;
}

function readTail(reader: EntryReader, end: number, thread: CaptureThread): void {
  const has = (size: number) => reader.at + size <= end;
  const isShort = end - reader.at <= shortTail;
  if (!isShort && has(8)) thread.pidNamespaceStart = reader.u64();
  if (!isShort && has(4)) thread.tty = reader.u32();
  if (has(4)) thread.loginUid = reader.u32();
  if (has(1)) thread.exeWritable = reader.u8() !== 0;
  if (has(8)) thread.capInheritable = reader.u64();
  if (has(8)) thread.capPermitted = reader.u64();
  if (has(8)) thread.capEffective = reader.u64();
  if (has(1)) thread.exeUpperLayer = reader.u8() !== 0;
  if (has(8)) thread.exeInode = reader.u64();
  if (has(8)) thread.exeInodeChangeTime = reader.u64();
  if (has(8)) thread.exeInodeModifyTime = reader.u64();
  if (has(1)) thread.exeFromMemfd = reader.u8() !== 0;
  if (has(1)) thread.exeLowerLayer = reader.u8() !== 0;
  if (has(8)) thread.pgid = reader.i64();
}
