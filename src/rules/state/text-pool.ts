import type { ByteString } from "../../model/kernel-event.ts";
import type { KernelEvent } from "./kernel-event.ts";

const slots = 1 << 13;
const longest = 64;
/** `PATH_MAX` of Linux. */
const longestKept = 4096;

/**
 * Short texts that come again and again (names of commands, paths of executables): each is made into a string once. A new text
 * takes the slot of the one that was there, so that the pool does not grow.
 */
export class TextPool {
  readonly #texts: (ByteString | undefined)[] = new Array<ByteString | undefined>(slots).fill(undefined);

  /** Like {@link KernelEvent.text}. */
  text(event: KernelEvent, parameter: number): ByteString | undefined {
    const length = event.length(parameter);
    if (length <= 0) return undefined;
    if (length > longest) return event.text(parameter)?.slice(0, longestKept);
    const at = event.offset(parameter);
    const { bytes } = event;
    let hash = 0x811c9dc5;
    let end = at;
    for (const limit = at + length; end < limit; end++) {
      const byte = bytes[end] as number;
      if (byte === 0) break;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    const slot = (hash ^ (hash >>> 15)) & (slots - 1);
    const known = this.#texts[slot];
    if (known !== undefined && known.length === end - at && isAt(bytes, at, known)) return known;
    const text = bytes.toString("latin1", at, end);
    this.#texts[slot] = text;
    return text;
  }
}

function isAt(bytes: Buffer, at: number, text: ByteString): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
