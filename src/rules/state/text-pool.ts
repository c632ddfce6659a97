import type { ByteString } from "../../model/events/kernel-event.ts";
import type { KernelEvent } from "./kernel-event.ts";
import { bytesOf } from "./parameter-values.ts";

const slots = 1 << 13;
const longest = 64;
/** Offset basis of the hash FNV-1a with 32 bits. */
const start = 0x811c9dc5;
const factor = 0x01000193;
/** `PATH_MAX` of Linux. */
const longestKept = 4096;

/**
 * Short texts that come again and again (names of commands, paths of executables, arguments): each is made into a
 * string once. A new text takes the slot of the one that was there, so that the pool does not grow.
 */
export class TextPool {
  readonly #texts: (ByteString | undefined)[] = new Array<ByteString | undefined>(slots).fill(undefined);

  /** Like {@link KernelEvent.text}, up to 4096 bytes. */
  text(event: KernelEvent, parameter: number): ByteString | undefined {
    const length = event.length(parameter);
    if (length <= 0) return undefined;
    if (length > longest) return event.text(parameter)?.slice(0, longestKept);
    return this.#at(event, { at: event.offset(parameter), length, endsAtNul: true });
  }

  /** Like {@link bytesOf}. */
  bytes(event: KernelEvent, parameter: number): ByteString {
    const length = event.length(parameter);
    if (length <= 0) return "";
    if (length > longest) return bytesOf(event, parameter);
    return this.#at(event, { at: event.offset(parameter), length, endsAtNul: false });
  }

  /** A text that may be there already, as one without parts. */
  share(text: ByteString): ByteString {
    if (text.length > longest) return text;
    let hash = start;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), factor);
    const slot = slotOf(hash);
    const known = this.#texts[slot];
    if (known === text) return known;
    this.#texts[slot] = text;
    return text;
  }

  #at(
    { bytes }: KernelEvent,
    { at, length, endsAtNul }: { at: number; length: number; endsAtNul: boolean },
  ): ByteString {
    let hash = start;
    let end = at;
    for (const limit = at + length; end < limit; end++) {
      const byte = bytes[end] as number;
      if (byte === 0 && endsAtNul) break;
      hash = Math.imul(hash ^ byte, factor);
    }
    const slot = slotOf(hash);
    const known = this.#texts[slot];
    if (known !== undefined && known.length === end - at && isAt(bytes, at, known)) return known;
    const text = bytes.toString("latin1", at, end);
    this.#texts[slot] = text;
    return text;
  }
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (slots - 1);
}

function isAt(bytes: Buffer, at: number, text: ByteString): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
