import { expect } from "vitest";
import type { RandomAccess } from "../../src/io/bytes/random-access.ts";
import { walkSeekableTar } from "../../src/io/tar/seek-walker.ts";
import { TarStreamWalker } from "../../src/io/tar/stream-walker.ts";
import { PlimsollError } from "../../src/model/error.ts";
import type { TreeVisitor } from "../../src/model/images/tree.ts";

/** What a walk told, in order. */
interface Seen {
  readonly events: unknown[];
  readonly error?: string;
}

const signal: AbortSignal = new AbortController().signal;

/** A visitor that notes all it is told and wants the bodies of these files. */
export function recorder(wants: (path: string) => boolean): TreeVisitor & { readonly events: unknown[] } {
  const events: unknown[] = [];
  return {
    events,
    entry(entry, head) {
      const { path, type, size, mode, link } = entry;
      events.push({ path, type, size, mode, link, head: Buffer.from(head).toString("hex") });
      return wants(path);
    },
    file: ({ path }, file) => {
      const middle = file.size >> 1;
      events.push({
        path,
        mode: file.mode,
        body: Buffer.from(file.read(0, file.size)).toString("latin1"),
        tail: Buffer.from(file.read(middle, file.size)).toString("latin1"),
        none: file.read(file.size, 10).length,
      });
    },
    refused: ({ path, reason }) => events.push({ path, reason }),
  };
}

/** Bytes in memory that can be read at any place. */
export function memory(bytes: Buffer): RandomAccess {
  return {
    size: bytes.length,
    read: (offset, length) => Buffer.from(bytes.subarray(offset, offset + length)),
    readInto: (target, offset) => bytes.copy(target, 0, Math.min(offset, bytes.length)),
  };
}

function errorOf(error: unknown): string {
  if (!(error instanceof PlimsollError)) throw error;
  return error.code;
}

/** What the walk over a tar that can be read at any place tells. */
export async function seek(bytes: Buffer, wants: (path: string) => boolean = () => true): Promise<Seen> {
  const visitor = recorder(wants);
  try {
    await walkSeekableTar(memory(bytes), visitor, { signal });
    return { events: visitor.events };
  } catch (error) {
    return { events: visitor.events, error: errorOf(error) };
  }
}

/** What the walk over a tar that comes in pieces of these sizes, in turn, tells. */
export function stream(bytes: Buffer, sizes: readonly number[], wants: (path: string) => boolean = () => true): Seen {
  const visitor = recorder(wants);
  const walker = new TarStreamWalker(visitor);
  try {
    let turn = 0;
    for (let at = 0; at < bytes.length; ) {
      const size = sizes[turn++ % sizes.length] ?? 1;
      walker.push(Buffer.from(bytes.subarray(at, at + size)));
      at += size;
    }
    walker.end();
    return { events: visitor.events };
  } catch (error) {
    walker.release();
    return { events: visitor.events, error: errorOf(error) };
  }
}

/** Both ways of walking, which must tell the same. */
export async function walk(bytes: Buffer, wants: (path: string) => boolean = () => true): Promise<Seen> {
  const sought = await seek(bytes, wants);
  for (const sizes of [[bytes.length || 1], [512], [1000], [17, 600]])
    expect(stream(bytes, sizes, wants)).toEqual(sought);
  return sought;
}
