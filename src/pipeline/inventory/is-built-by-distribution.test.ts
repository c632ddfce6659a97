import { expect, test } from "vitest";
import type { FoundPackage } from "../../model/packages/package.ts";
import { isBuiltByDistribution } from "./is-built-by-distribution.ts";

function built(type: "deb" | "rpm", vendor: string | undefined, id: string | undefined): boolean {
  const found: FoundPackage = { type, name: "a", version: "1", ...(vendor === undefined ? {} : { vendor }) };
  return isBuiltByDistribution(found, id === undefined ? null : { id, idLike: [], name: id });
}

test.each([
  ["deb", "Debian Python Team <team+python@tracker.debian.org>", "debian"],
  ["deb", "Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>", "ubuntu"],
  ["deb", "Kali Developers <devel@kali.org>", "kali"],
  ["rpm", "Red Hat, Inc.", "rhel"],
  ["rpm", "Fedora Project", "fedora"],
  ["rpm", "SUSE LLC <https://www.suse.com/>", "opensuse-leap"],
] as const)("a %s of %s belongs to %s", (type, vendor, id) => {
  expect(built(type, vendor, id)).toBe(true);
});

test.each([
  ["deb", "Docker <support@docker.com>", "debian"],
  ["deb", "Kubernetes Authors <kubernetes-dev+release@googlegroups.com>", "debian"],
  ["deb", "NodeSource Support <support@nodesource.com>", "ubuntu"],
  ["rpm", "Fedora Project", "rhel"],
  ["rpm", "Microsoft Corporation", "rhel"],
  ["rpm", "Docker", "constructor"],
] as const)("a %s of %s does not belong to %s", (type, vendor, id) => {
  expect(built(type, vendor, id)).toBe(false);
});

test("without a vendor or a known distribution the package manager is believed", () => {
  expect(built("deb", undefined, "debian")).toBe(true);
  expect(built("rpm", "Docker", undefined)).toBe(true);
});
