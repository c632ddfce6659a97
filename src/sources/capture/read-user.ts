import type { KernelGroup, KernelUser } from "../../model/events/kernel-event.ts";
import type { EntryReader } from "./entry-reader.ts";

// An entry of the list of users and groups: u32 length (since version 2), u8 kind, then of a user (0) u32 uid, u32 gid,
// name, home, shell, else of a group u32 gid, name.

/** Reads one entry. `size` is the length that the entry states, from its first byte, absent in version 1. */
export function readUser(
  reader: EntryReader,
  version: number,
): { user?: KernelUser; group?: KernelGroup; size?: number } {
  const size = version >= 2 ? { size: reader.u32() } : {};
  if (reader.u8() !== 0) return { ...size, group: { gid: reader.u32(), name: reader.text() } };
  const ids = { uid: reader.u32(), gid: reader.u32() };
  return { ...size, user: { ...ids, name: reader.text(), home: reader.text(), shell: reader.text() } };
}
