import { vendors } from "./builtin.ts";
import type { Vendor } from "./vendor.ts";

/** The kind of a registry that its host alone tells, in any case; undefined for one that has to be asked. */
export function vendorOfHost(registry: string): Vendor | undefined {
  const host = registry.toLowerCase();
  return vendors.find(({ isHost }) => isHost?.(host));
}
