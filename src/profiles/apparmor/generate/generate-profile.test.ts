import { expect, test } from "vitest";
import { compileProfile } from "../decisions/compile-profile.ts";
import { decideFile } from "../decisions/decide-file.ts";
import type { LoggedAccess } from "../events/access-of-record.ts";
import { LogReader } from "../events/read-log.ts";
import { printPolicy } from "../language/print.ts";
import { loadPolicy } from "../policy/load-policy.ts";
import { generateProfile } from "./generate-profile.ts";

const noFiles = { read: () => undefined };

/** Names that end a word, a rule or a line in a policy, or mean more than themselves in a glob. */
const hostile: readonly string[] = [
  "/tmp/a,",
  "/tmp/a r, capability,",
  "/tmp/a\n  capability sys_admin,\n",
  '/tmp/" rw, file, "',
  '/tmp/\\" rw, file, \\"',
  "/tmp/\\",
  "/tmp/a } profile x { file, }",
  "/tmp/{a,b}",
  "/tmp/**",
  "/tmp/[a-z]?",
  "/tmp/@{HOME}",
  "/tmp/#include <abstractions/base>",
  "/tmp/a -> b",
  "/tmp/\u0000b",
  "/tmp/^",
  "/tmp/a\u2028b",
];

function fileAccess(path: string): LoggedAccess {
  return { kind: "file", path, permissions: "rw", own: true, target: undefined };
}

test.each(hostile)("a path %j gives one rule for this path, or none", (path) => {
  const { statements, leftOut } = generateProfile([fileAccess(path)], { name: "t", complain: false, exact: false });
  const policy = loadPolicy(printPolicy(statements), noFiles);
  expect(policy.problems).toEqual([]);
  const [profile] = policy.profiles;
  if (profile === undefined) throw new Error("no profile");
  expect([policy.profiles.length, profile.rules.length + leftOut.length]).toEqual([1, 1]);
  if (leftOut.length > 0) return;
  const compiled = compileProfile(profile, policy);
  expect(compiled.problems).toEqual([]);
  const allowed = (name: string) =>
    decideFile(compiled, name, "own")
      .filter((decision) => decision.allowed)
      .map(({ permission }) => permission)
      .join("");
  expect(allowed(path)).toBe("rwa");
  for (const other of ["/tmp/x", "/tmp/a", "/tmp/abc/d", "/tmp/"]) {
    if (other !== path) expect([other, allowed(other)]).toEqual([other, ""]);
  }
});

test.each(hostile)("a name %j of another profile, a mount or a bus gives at most one rule", (name) => {
  const accesses: readonly LoggedAccess[] = [
    { kind: "signal", access: "receive", signal: "term", peer: name },
    { kind: "ptrace", access: "read", signal: undefined, peer: name },
    { kind: "mount", source: name, target: name, type: name, options: ["ro"] },
    { kind: "mount", source: undefined, target: "/mnt", type: undefined, options: [name] },
    { kind: "change_profile", target: name },
    { kind: "pivot_root", path: name, oldRoot: name },
    { kind: "mqueue", access: ["create"], type: "posix", name },
    { kind: "mqueue", access: ["create"], type: "sysv", name },
    { kind: "io_uring", access: ["sqpoll"], label: name },
    { kind: "dbus", access: "send", bus: name, conditions: new Map([["path", name]]), label: name },
    { kind: "unix", access: [name], type: "stream" },
  ];
  for (const access of accesses) {
    const { statements, leftOut } = generateProfile([access], { name: "t", complain: false, exact: false });
    const { profiles, problems } = loadPolicy(printPolicy(statements), noFiles);
    expect(problems).toEqual([]);
    expect(profiles.map(({ rules }) => rules.length + leftOut.length)).toEqual([1]);
    expect(profiles[0]?.rules.map(({ rule }) => rule.kind).filter((kind) => kind !== access.kind)).toEqual([]);
  }
});

test("parts of paths that differ in every run become patterns within their segment", () => {
  const paths = [
    "/proc/42/status",
    "/proc/7/task/8/comm",
    "/run/4e5f1a2b-1111-2222-3333-444455556666/x",
    `/var/lib/${"0a".repeat(32)}/y`,
    "/tmp/file1234567.txt",
    "/etc/ssl/1.pem",
  ];
  const { statements } = generateProfile(paths.map(fileAccess), { name: "t", complain: true, exact: false });
  expect(printPolicy(statements)).toBe(`abi <abi/3.0>,
profile t flags=(attach_disconnected,mediate_deleted,complain) {
  owner /etc/ssl/1.pem rw,
  # generalised (process id), from 1 path
  owner /proc/[0-9]*/status rw,
  # generalised (process id), from 1 path
  owner /proc/[0-9]*/task/[0-9]*/comm rw,
  # generalised (UUID), from 1 path
  owner /run/????????-????-????-????-????????????/x rw,
  # generalised (long number), from 1 path
  owner /tmp/file[0-9]*.txt rw,
  # generalised (long hexadecimal number), from 1 path
  owner /var/lib/[0-9a-f]*/y rw,
}
`);
});

test("the name of a profile cannot end the line", () => {
  expect(() => generateProfile([], { name: "a\n}", complain: true, exact: false })).toThrow(/control characters/);
});

test("lines that a program without rights can write are not read", () => {
  const message =
    'audit: type=1400 audit(1.000:2): apparmor="DENIED" operation="capable" profile="web" capname="sys_admin"';
  const read = (line: string) => {
    const reader = new LogReader();
    reader.add(line);
    return reader.finish().events.length;
  };
  expect(read(`Oct  1 12:00:00 host kernel: ${message}`)).toBe(1);
  expect(read(`[   12.5] ${message}`)).toBe(1);
  expect(read(JSON.stringify({ _TRANSPORT: "kernel", MESSAGE: message }))).toBe(1);
  expect(read(`Oct  1 12:00:00 host logger: kernel: ${message}`)).toBe(0);
  expect(read(`Oct  1 12:00:00 host sshd[1]: ${message}`)).toBe(0);
  expect(read(JSON.stringify({ _TRANSPORT: "syslog", SYSLOG_IDENTIFIER: "kernel", MESSAGE: message }))).toBe(0);
});
