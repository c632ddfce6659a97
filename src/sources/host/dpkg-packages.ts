import { debPackage, statusRecords } from "../../io/documents/dpkg-status.ts";
import type { HostPackageFact } from "../../model/checks/host-facts.ts";
import type { HostRoot } from "./host-root.ts";

const statusFile = "/var/lib/dpkg/status";
const largestStatus = 64 * 1024 * 1024;

/** The installed deb packages of these names, from dpkg's status file; none when the file cannot be read. */
export async function installedDebPackages(
  root: HostRoot,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, HostPackageFact>> {
  const status = await root.readText(statusFile, { limit: largestStatus });
  const installed = new Map<string, HostPackageFact>();
  if (!("value" in status) || status.value === null) return installed;
  for (const record of statusRecords(status.value, ignore)) {
    if (!names.has(record.fields.get("package") ?? "")) continue;
    const found = debPackage(record, { single: false, note: ignore });
    if (found) installed.set(found.name, found);
  }
  return installed;
}

function ignore(): void {
  // A damaged record only leaves its package unknown.
}
