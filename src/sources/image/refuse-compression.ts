import { PlimsollError } from "../../model/error.ts";

/**
 * bzip2: `BZh`, a digit, and the mark of a block or of the end. Source: the bzip2 format; The .xz File Format 1.2.1,
 * 2.1.1.
 */
const unread: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["bzip2", /^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/],
  ["xz", /^\xfd7zXZ\0/],
];

/** How many first bytes {@link unreadCompression} looks at. */
const mostBytes = 10;

/** The name of a compression that Plimsoll does not read and bytes begin with; undefined when they do not. */
export function unreadCompression(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.subarray(0, mostBytes)).toString("latin1");
  return unread.find(([, pattern]) => pattern.test(text))?.[0];
}

/** Error: `archive-malformed` for the first bytes of a layer in a compression that Plimsoll does not read. */
export function refuseCompression(head: Uint8Array): void {
  const name = unreadCompression(head);
  if (name === undefined) return;
  throw new PlimsollError("archive-malformed", `the layer is compressed with ${name}, which is not supported`);
}
