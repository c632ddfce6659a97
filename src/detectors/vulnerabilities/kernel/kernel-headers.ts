import type { Package } from "../../../model/packages/package.ts";

const headers =
  /^(?:linux-libc-dev(?:-.+)?|linux-(?:[a-z0-9.]+-)*headers(?:-.+)?|linux-kbuild-.+|linux-buildinfo-.+|kernel[\d.]*(?:-[a-z0-9]+)*-(?:headers|devel)(?:-.+)?)$/;
const kernels = /^(?:linux|kernel)(?:$|[-_.0-9])/;

/**
 * Whether a package holds only header and build files made from the source of the kernel. The kernel's advisories stand
 * under that source, and none of them is about these files: what runs a container is the host's kernel. A package with
 * a kernel in it (`linux-image-…`, `kernel-core`) is not meant: a tree that has one is the disk of a machine or an
 * image to boot from.
 */
export function isKernelHeaders({ type, name, source }: Pick<Package, "type" | "name" | "source">): boolean {
  if (type !== "deb" && type !== "rpm" && type !== "apk") return false;
  return headers.test(name) && kernels.test(source?.name ?? name);
}
