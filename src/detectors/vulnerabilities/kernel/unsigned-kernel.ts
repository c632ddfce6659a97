import type { SourcePackage } from "../../../model/packages/package.ts";

/**
 * The source of the kernel for the source of its signed build, any other source as it is. Debian and Ubuntu sign a
 * kernel in a separate source package, which advisories do not name: `linux-signed-amd64 6.1.192+2` holds `linux
 * 6.1.192-2`, and `linux-signed-aws 5.15.0-1050.55` holds `linux-aws` of the same version.
 *
 * Source: the field `Source` of the two distributions' kernel packages.
 */
export function unsignedKernel(source: SourcePackage): SourcePackage {
  if (source.name !== signed && !source.name.startsWith(`${signed}-`)) return source;
  const flavour = source.name.slice(signed.length + 1);
  if (!debianArchitectures.has(flavour)) return { ...source, name: flavour === "" ? "linux" : `linux-${flavour}` };
  return { name: "linux", version: source.version.replace(/^([\d.]+(?:~rc\d+)?)\+/, "$1-") };
}

const signed = "linux-signed";

/** For which Debian signs its kernel. */
const debianArchitectures: ReadonlySet<string> = new Set(["amd64", "arm64", "armhf", "i386"]);
