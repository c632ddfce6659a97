import { hash } from "node:crypto";

// The state of an ecosystem is kept as text between two updates: for each record eight bytes, 40 bits of the SHA-1 of
// its id and 24 bits of that of its time, sorted as numbers, all in base64. So a record that comes late, with a time
// before those that are here, is seen as well as one that is no longer listed; a list that is only read down to the
// newest known time would show neither.

/** What a list says of a record. */
export interface RecordState {
  readonly id: string;
  /** RFC 3339; zeros at the end of the fraction do not count. */
  readonly modified: string;
}

const idBytes = 5;
const timeBytes = 3;
const entryBytes: number = idBytes + timeBytes;

/** The states of an ecosystem's records as one text, the same in whatever order they come. */
export function recordStates(records: Iterable<RecordState>): string {
  const entries = BigUint64Array.from(Array.from(records, entryOf)).sort();
  const bytes = Buffer.alloc(entries.length * entryBytes);
  for (const [index, entry] of entries.entries()) bytes.writeBigUInt64BE(entry, index * entryBytes);
  return bytes.toString("base64");
}

/** What happened since then. */
export interface RecordChanges {
  /** The ids of new and changed records, in the order of the list. */
  readonly changed: readonly string[];
  /** How many records are no longer listed; their ids are not known. */
  readonly gone: number;
}

/** Compares a list with the states of an earlier one; undefined when those are not readable. */
export function changesSince(states: string, records: Iterable<RecordState>): RecordChanges | undefined {
  const before = readStates(states);
  if (!before) return undefined;
  const changed: string[] = [];
  const seen = new Set<number>();
  for (const record of records) {
    const entry = entryOf(record);
    const id = Number(entry >> BigInt(8 * timeBytes));
    if (before.get(id) !== Number(entry & timeMask)) changed.push(record.id);
    if (before.has(id)) seen.add(id);
  }
  return { changed, gone: before.size - seen.size };
}

const timeMask: bigint = (1n << BigInt(8 * timeBytes)) - 1n;

function readStates(text: string): Map<number, number> | undefined {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0 || bytes.length % entryBytes !== 0) return undefined;
  const states = new Map<number, number>();
  for (let at = 0; at < bytes.length; at += entryBytes) {
    states.set(bytes.readUIntBE(at, idBytes), bytes.readUIntBE(at + idBytes, timeBytes));
  }
  return states;
}

function entryOf({ id, modified }: RecordState): bigint {
  // GCS lists and records differ in the zeros.
  const time = modified.replace(/(\.\d*?)0*Z$/, "$1Z").replace(".Z", "Z");
  const bytes = Buffer.alloc(entryBytes);
  hash("sha1", id, "buffer").copy(bytes, 0, 0, idBytes);
  hash("sha1", time, "buffer").copy(bytes, idBytes, 0, timeBytes);
  return bytes.readBigUInt64BE();
}
