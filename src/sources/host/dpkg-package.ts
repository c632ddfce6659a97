import type { HostPackageFact } from "../../model/host-facts.ts";
import type { HostRoot } from "./host-root.ts";

const statusFile = "/var/lib/dpkg/status";
const largestStatus = 64 * 1024 * 1024;

/**
 * An installed deb package by its name, from dpkg's status file; undefined when it is not installed or the file cannot
 * be read.
 *
 * Source: deb822(5), dpkg(1) "PACKAGE STATES", deb-control(5) "Source".
 */
export async function installedDebPackage(root: HostRoot, name: string): Promise<HostPackageFact | undefined> {
  const status = await root.readText(statusFile, { limit: largestStatus });
  if (!("value" in status) || status.value === null) return undefined;
  const text = `\n${status.value}`;
  const start = text.indexOf(`\nPackage: ${name}\n`);
  if (start === -1) return undefined;
  const end = text.indexOf("\n\n", start);
  const paragraph = text.slice(start, end === -1 ? undefined : end);
  const field = (key: string): string | undefined => {
    const at = paragraph.indexOf(`\n${key}: `);
    return at === -1
      ? undefined
      : paragraph
          .slice(at + key.length + 3)
          .split("\n", 1)[0]
          ?.trim();
  };
  const version = field("Version");
  if (!version || field("Status")?.split(" ")[2] !== "installed") return undefined;
  const architecture = field("Architecture");
  const source = /^(\S+)(?: \((\S+)\))?$/.exec(field("Source") ?? "");
  return {
    type: "deb",
    name,
    version,
    ...(architecture !== undefined && { architecture }),
    ...(source?.[1] !== undefined && { source: { name: source[1], version: source[2] ?? version } }),
  };
}
