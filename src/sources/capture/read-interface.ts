import type { KernelInterface } from "../../model/events/kernel-event.ts";
import { CaptureDamage } from "./capture-damage.ts";
import { type EntryReader, upToNul } from "./entry-reader.ts";

// An entry of the list of interfaces: u32 length of the rest (since version 2), u16 type, u16 length of the name,
// address, netmask, broadcast address, u64 speed (types 1 and 2), name.

const addressSizes: readonly (number | undefined)[] = [undefined, 4, 16, 4, 16];

/**
 * Reads one entry. `size` is the length that the entry states, from its first byte, absent in version 1. `interface` is
 * absent for a type that is not known. Error: {@link CaptureDamage} for such a type where no length is given.
 */
export function readInterface(reader: EntryReader, version: number): { interface?: KernelInterface; size?: number } {
  const size = version >= 2 ? { size: reader.u32() + 4 } : {};
  const type = reader.u16();
  const nameLength = reader.u16();
  const addressSize = addressSizes[type];
  if (addressSize === undefined) {
    if (version >= 2) return size;
    throw new CaptureDamage(`unknown interface type ${type}`);
  }
  const address = reader.raw(addressSize);
  const netmask = reader.raw(addressSize);
  const broadcast = reader.raw(addressSize);
  if (type <= 2) reader.take(8);
  const name = upToNul(reader.raw(nameLength));
  return { ...size, interface: { name, address, netmask, broadcast } };
}
