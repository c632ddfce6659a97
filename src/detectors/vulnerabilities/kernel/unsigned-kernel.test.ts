import { expect, test } from "vitest";
import { unsignedKernel } from "./unsigned-kernel.ts";

test.each([
  ["linux-signed-amd64", "6.1.192+2", "linux", "6.1.192-2"],
  ["linux-signed-arm64", "4.19.37+5+deb10u2", "linux", "4.19.37-5+deb10u2"],
  ["linux-signed-i386", "6.12~rc6+1~exp1", "linux", "6.12~rc6-1~exp1"],
  ["linux-signed", "5.15.0-91.101", "linux", "5.15.0-91.101"],
  ["linux-signed-hwe-6.5", "6.5.0-14.14~22.04.1", "linux-hwe-6.5", "6.5.0-14.14~22.04.1"],
  ["linux", "6.1.192-2", "linux", "6.1.192-2"],
  ["linux-signedness", "1-1", "linux-signedness", "1-1"],
])("the source %s %s is that of %s %s", (name, version, unsigned, its) => {
  expect(unsignedKernel({ name, version })).toEqual({ name: unsigned, version: its });
});
