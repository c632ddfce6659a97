import { expect, test } from "vitest";
import type { PolicyFiles } from "../policy/load-policy.ts";
import { lintPolicy } from "./lint-policy.ts";

const noFiles: PolicyFiles = { read: () => undefined };

function codes(body: string): readonly string[] {
  const findings = lintPolicy(`abi <abi/4.0>,\nprofile t {\n${body}\n}\n`, noFiles);
  return findings.map(({ code, line }) => `${code} ${line}`);
}

test.each<readonly [rules: string, findings: readonly string[]]>([
  ["  /etc/hosts r,", []],
  ["  all,", ["everything-allowed 3", "sensitive-file 3", "writable-program 3"]],
  ["  capability,", ["all-capabilities 3"]],
  ["  capability chown sys_admin,", ["dangerous-capability 3"]],
  ["  deny capability sys_admin,", []],
  ["  mount,", ["any-mount 3"]],
  ["  mount fstype=tmpfs -> /run/,", []],
  ["  change_profile,", ["escape-by-profile 3"]],
  ["  change_profile -> web//worker,", []],
  ["  ptrace,", ["any-peer 3"]],
  ["  ptrace peer=@{profile_name},", []],
  ["  network,", ["any-network 3"]],
  ["  network inet raw,", ["raw-network 3"]],
  ["  network netlink raw,", []],
  ["  userns,", ["user-namespaces 3"]],
  ["  /usr/bin/sudo ux,", ["unconfined-program 3", "environment-passed 3"]],
  ["  /usr/bin/sudo Px,", []],
  ["  /data/** rwix,", ["writable-program 3"]],
  ["  /proc/** rw,", ["sensitive-file 3"]],
  ["  /etc/passwd r,\n  deny /etc/** rwklx,", ["denied-anyway 3"]],
  ["  /etc/passwd r,\n  /etc/passwd r,", ["duplicate 4"]],
  ["  /etc/** ix,\n  /etc/a* px,", ["invalid 4", "environment-passed 4"]],
  ["  @{UNKNOWN}/x r,", ["invalid 3"]],
  ["  /a{b r,", ["invalid 3"]],
  ["  capability foo,", ["invalid 3"]],
  ["  include <missing>", ["missing-include 3"]],
  ["  /etc/hosts r", ["syntax 4"]],
])("%s", (rules, findings) => {
  expect(codes(rules)).toEqual(findings);
});

test("rules that the declared ABI does not enforce", () => {
  const findings = lintPolicy("abi <abi/3.0>,\nprofile t {\n  deny userns,\n}\n", noFiles);
  expect(findings.map(({ code }) => code)).toEqual(["abi-too-old"]);
});

test("a file that includes itself is read once", () => {
  const files: PolicyFiles = { read: () => "include <loop>\n/a r,\n" };
  expect(lintPolicy("abi <abi/4.0>,\nprofile t {\n  include <loop>\n}\n", files)).toEqual([]);
});

test("blocks within blocks end at a limit, not with the stack", () => {
  const [finding] = lintPolicy(`profile t {${"{".repeat(100_000)}`, noFiles);
  expect(finding?.message).toMatch(/nested/);
});
