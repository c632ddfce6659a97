import type { ByteString, KernelThread } from "../../model/kernel-event.ts";
import { CaptureDamage } from "./capture-damage.ts";
import { type EntryReader, splitTexts } from "./entry-reader.ts";

/** A thread whose descriptors are still to come. */
export type ThreadEntry = Omit<KernelThread, "descriptors">;

// An entry of the process list: the fields in this order, each since the version of the block in which it came. From version 9 on
// an entry begins with its length, and ends with as many fields of the tail as it has room for.

/** Bytes of the tail without the two fields that came into the middle of it later: a tail of at most so many lacks them. */
const shortTail = 29;

/** The most lists that are looked for among the earlier ones, and the most texts in all lists. */
const mostShared = 20_000;
const mostTexts = 10_000_000;

/** The lists of texts that many threads share, so that each is kept once. */
export class SharedTexts {
  readonly #known = new Map<ByteString, readonly ByteString[]>();
  #count = 0;

  /** Error: {@link CaptureDamage} when there are too many. */
  list(joined: ByteString): readonly ByteString[] {
    let texts = this.#known.get(joined);
    if (texts === undefined) {
      texts = splitTexts(joined);
      this.#count += texts.length;
      if (this.#count > mostTexts) {
        throw new CaptureDamage(`its threads have more than ${mostTexts} arguments and variables`, "limit-exceeded");
      }
      if (this.#known.size < mostShared) this.#known.set(joined, texts);
    }
    return texts;
  }
}

/**
 * Reads one entry. The reader is left at the end of what was understood; `size` is the length that the entry states, from its
 * first byte, absent before version 9.
 */
export function readThread(
  reader: EntryReader,
  version: number,
  { shared }: { readonly shared: SharedTexts },
): { thread: ThreadEntry; size?: number } {
  const start = reader.at;
  const size = version >= 9 ? reader.u32() : 0;
  const ids = { tid: reader.i64(), pid: reader.i64(), ptid: reader.i64() };
  const session = { ...(version >= 6 && { sid: reader.i64() }), ...(version >= 8 && { vpgid: reader.i64() }) };
  const program = {
    comm: reader.text(),
    exe: reader.text(),
    exepath: version >= 7 ? reader.text() : "",
    args: shared.list(reader.raw(reader.u16())),
    cwd: reader.text(),
  };
  const owner = { fdLimit: reader.i64(), flags: reader.u32(), uid: reader.u32(), gid: reader.u32() };
  const memory = version >= 2 && {
    vmSizeKb: reader.u32(),
    vmRssKb: reader.u32(),
    vmSwapKb: reader.u32(),
    majorFaults: reader.i64(),
    minorFaults: reader.i64(),
  };
  const env = version >= 3 ? shared.list(reader.raw(reader.u16())) : [];
  const inside = version >= 4 && { vtid: reader.i64(), vpid: reader.i64() };
  const cgroups = version >= 4 ? shared.list(reader.raw(reader.u16())) : [];
  const root = version >= 5 ? reader.text() : "";
  const tail = size > 0 ? readTail(reader, start + size) : {};
  const thread = { ...ids, ...session, ...program, ...owner, ...memory, env, ...inside, cgroups, root, ...tail };
  return size > 0 ? { thread, size } : { thread };
}

type Tail = Partial<
  Pick<
    KernelThread,
    | "pidNamespaceStart"
    | "tty"
    | "loginUid"
    | "exeWritable"
    | "capInheritable"
    | "capPermitted"
    | "capEffective"
    | "exeUpperLayer"
    | "exeInode"
    | "exeInodeChangeTime"
    | "exeInodeModifyTime"
    | "exeFromMemfd"
    | "exeLowerLayer"
    | "pgid"
  >
>;

function readTail(reader: EntryReader, end: number): Tail {
  const has = (size: number) => reader.at + size <= end;
  const isShort = end - reader.at <= shortTail;
  return {
    ...(!isShort && has(8) && { pidNamespaceStart: reader.u64() }),
    ...(!isShort && has(4) && { tty: reader.u32() }),
    ...(has(4) && { loginUid: reader.u32() }),
    ...(has(1) && { exeWritable: reader.u8() !== 0 }),
    ...(has(8) && { capInheritable: reader.u64() }),
    ...(has(8) && { capPermitted: reader.u64() }),
    ...(has(8) && { capEffective: reader.u64() }),
    ...(has(1) && { exeUpperLayer: reader.u8() !== 0 }),
    ...(has(8) && { exeInode: reader.u64() }),
    ...(has(8) && { exeInodeChangeTime: reader.u64() }),
    ...(has(8) && { exeInodeModifyTime: reader.u64() }),
    ...(has(1) && { exeFromMemfd: reader.u8() !== 0 }),
    ...(has(1) && { exeLowerLayer: reader.u8() !== 0 }),
    ...(has(8) && { pgid: reader.i64() }),
  };
}
