// The blocks of a capture (pcapng-like, little-endian): u32 type, u32 total length, body, padding to 4, u32 total
// length again.
//   section   u32 magic, u16 major, u16 minor, u64 section length, options as in pcapng
//   machine   u32 processors, u64 memory, u64 largest process id, char[128] host name, u64 boot time, u64 flags, 2 ×
//             u64
//   threads, descriptors, interfaces, users: lists of entries, see the file of each
//   event     u16 processor, u32 flags (in some types), u64 time, i64 thread, u32 length, u16 code, u32 parameters
//             (since version 2), a length for each parameter (u16, or u32 for codes with a large payload), the
//             parameters

/** What a block holds. */
export type BlockKind = "section" | "machine" | "threads" | "descriptors" | "interfaces" | "users" | "event";

/** A type of block; versions count the layouts of the entries of a list. */
export interface BlockType {
  readonly kind: BlockKind;
  readonly version: number;
}

/** The type of the block that begins a section. */
export const sectionBlock = 0x0a0d0d0a;

/** The types of event blocks: all that the loop over them asks for. */
export const eventBlocks = {
  plain: 0x204,
  plainOld: 0x8010abcd,
  withFlags: 0x208,
  plain2: 0x216,
  withFlags2: 0x217,
  large: 0x221,
  largeWithFlags: 0x222,
} as const;

/** All known types by number. The high numbers were in use before the first release of the format. */
export const blockTypes: ReadonlyMap<number, BlockType> = new Map([
  [sectionBlock, { kind: "section", version: 1 }],
  [0x201, { kind: "machine", version: 1 }],
  [0x8002abcd, { kind: "machine", version: 1 }],
  ...versions("threads", [0x202, 0x207, 0x209, 0x210, 0x211, 0x212, 0x213, 0x214, 0x215]),
  ...versions("threads", [0x8000abcd, 0x8013abcd, 0x8014abcd]),
  ...versions("descriptors", [0x203, 0x218]),
  ...versions("descriptors", [0x8001abcd]),
  ...versions("interfaces", [0x205, 0x219]),
  ...versions("interfaces", [0x8011abcd]),
  ...versions("users", [0x206, 0x220]),
  ...versions("users", [0x8012abcd]),
  ...Object.values(eventBlocks).map((type): [number, BlockType] => [type, { kind: "event", version: 1 }]),
]);

function versions(kind: BlockKind, types: readonly number[]): [number, BlockType][] {
  return types.map((type, index) => [type, { kind, version: index + 1 }]);
}
