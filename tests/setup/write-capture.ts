import { kernelEventCode } from "../../src/model/events/kernel-event-table.ts";

/** A number with its size in bits, a text as it is, or bytes. */
export type CaptureValue = readonly [bits: 8 | 16 | 32 | 64, value: number | bigint] | string | Uint8Array;

/** The values one after the other, little-endian. */
export function packed(...values: readonly CaptureValue[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      if (typeof value === "string") return Buffer.from(value, "latin1");
      if (value instanceof Uint8Array) return value;
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value[1])));
      return bytes.subarray(0, value[0] / 8);
    }),
  );
}

/** A text with its length in 16 bits before it, as the lists of a capture have it. */
export function text(value: string): Buffer {
  return packed([16, value.length], value);
}

/** A block; `size` and `trailer` declare other lengths than the true one. */
export function captureBlock(
  type: number,
  body: Uint8Array,
  { size, trailer }: { readonly size?: number; readonly trailer?: number } = {},
): Buffer {
  const padding = Buffer.alloc((4 - (body.length % 4)) % 4);
  const length = size ?? 12 + body.length + padding.length;
  return packed([32, type], [32, length], body, padding, [32, trailer ?? length]);
}

/** The header of a section; `options` are written behind it. */
export function sectionHeader({
  magic = 0x1a2b3c4d,
  major = 1,
  options = "",
}: {
  readonly magic?: number;
  readonly major?: number;
  readonly options?: string;
} = {}): Buffer {
  return captureBlock(0x0a0d0d0a, packed([32, magic], [16, major], [16, 2], [64, -1n], options));
}

/** What a capture tells of its machine. */
export function machineBlock(hostname = "host", type = 0x201): Buffer {
  const fields = [
    [32, 4],
    [64, 8 * 2 ** 30],
    [64, 32768],
    hostname.padEnd(128, "\0"),
    [64, 1_700_000_000_000_000_000n],
  ];
  return captureBlock(type, packed(...(fields as CaptureValue[]), Buffer.alloc(24)));
}

/** An event; what is not given is plain. */
export interface CaptureEvent {
  /** The id of its type in the event table, or a code. */
  readonly code: string | number;
  readonly parameters?: readonly Uint8Array[];
  readonly tid?: number;
  readonly time?: bigint;
  readonly cpu?: number;
  /** The type of its block, 0x216 unless given; it says whether there are flags, a count, and large lengths. */
  readonly block?: number;
  readonly flags?: number;
  /** The length and the number of parameters to declare. */
  readonly length?: number;
  readonly count?: number;
}

const withFlags: readonly number[] = [0x208, 0x217, 0x222];
const withoutCount: readonly number[] = [0x204, 0x208, 0x8010abcd];
const large: readonly number[] = [0x221, 0x222];

/** An event as a block. Lengths are of 32 bits in large blocks. */
export function eventBlock(event: CaptureEvent): Buffer {
  const { parameters = [], tid = 1, time = 1_700_000_000_000_000_001n, cpu = 0, block = 0x216, flags = 0 } = event;
  const code = typeof event.code === "number" ? event.code : kernelEventCode(event.code);
  const bits = large.includes(block) ? 32 : 16;
  const lengths = packed(...parameters.map(({ length }): CaptureValue => [bits, length]));
  const hasCount = !withoutCount.includes(block);
  const data = packed(lengths, ...parameters);
  const length = event.length ?? (hasCount ? 26 : 22) + data.length;
  const start = packed([16, cpu], ...(withFlags.includes(block) ? ([[32, flags]] as CaptureValue[]) : []));
  const header = packed([64, time], [64, tid], [32, length], [16, code]);
  const count = hasCount ? packed([32, event.count ?? parameters.length]) : "";
  return captureBlock(block, packed(start, header, count, data));
}

/** A capture of one section: its header, what its machine is, and these blocks. */
export function capture(...blocks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([sectionHeader(), machineBlock(), ...blocks]);
}
