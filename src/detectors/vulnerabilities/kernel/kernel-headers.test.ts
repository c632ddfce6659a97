import { expect, test } from "vitest";
import { isKernelHeaders } from "./kernel-headers.ts";

test.each([
  ["deb", "linux-libc-dev", "linux", true],
  ["deb", "linux-headers-6.1.0-18-amd64", "linux", true],
  ["deb", "linux-headers-generic", "linux-meta", true],
  ["deb", "linux-aws-headers-5.15.0-1050", "linux-aws", true],
  ["deb", "linux-azure-6.8-headers-6.8.0-1008", "linux-azure-6.8", true],
  ["deb", "linux-buildinfo-5.15.0-91-generic", "linux", true],
  ["deb", "linux-tools-5.15.0-91", "linux", false],
  ["rpm", "kernel-headers", "kernel", true],
  ["rpm", "kernel-uek-devel", "kernel-uek", true],
  ["rpm", "kernel6.12-headers", "kernel6.12", true],
  ["rpm", "kernel6.12", "kernel6.12", false],
  ["rpm", "kernel-rt-devel-matched", "kernel-rt", true],
  ["apk", "linux-headers", "linux-headers", true],
  ["deb", "linux-image-6.1.0-18-amd64", "linux", false],
  ["rpm", "kernel-core", "kernel", false],
  ["deb", "linux-libc-dev-arm64-cross", "cross-toolchain-base", false],
  ["deb", "linuxdoc-tools", "linuxdoc-tools", false],
  ["npm", "linux-headers", "linux", false],
] as const)("the %s package %s of the source %s contains kernel headers: %s", (type, name, source, is) => {
  expect(isKernelHeaders({ type, name, source: { name: source, version: "1" } })).toBe(is);
});
