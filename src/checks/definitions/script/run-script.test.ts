import { describe, expect, test } from "vitest";
import type { HostFileStatus, HostView } from "../../../model/checks/host-view.ts";
import { nativeAuditRunner } from "./run-script.ts";

const files: Readonly<Record<string, string>> = {
  "/etc/a.conf": "one=1\ntwo = 2\nThree\n",
  "/etc/pki/x.crt": "c",
  "/etc/pki/x.key": "k",
  "/etc/pki/sub/y.key": "k",
  "/proc/sys/kernel/kptr_restrict": "2\n",
  "/proc/modules": "vfat 20480 1 - Live 0x0\n",
  "/proc/self/mounts": "tmpfs /tmp tmpfs rw,nosuid 0 0\n",
};
const folders = ["/etc", "/etc/pki", "/etc/pki/sub"];

const host: HostView = {
  processes: async () => [
    { pid: 1, parent: 0, user: "root", name: "init", argv: ["/sbin/init"] },
    { pid: 812, parent: 1, user: "root", name: "kubelet", argv: ["/usr/bin/kubelet", "--config=/etc/a.conf", "--x y"] },
    { pid: 9, parent: 1, user: "etcd", name: "etcd", argv: ["etcd", "--data-dir", "/etc/pki"] },
    { pid: 10, parent: 2, user: "root", name: "kworker", argv: [] },
  ],
  environment: async () => ["A=1", "B=2"],
  status: async (path) => statusOf(path),
  read: async (path) =>
    path === "/etc/secret" ? { unavailable: "/etc/secret cannot be read by this user" } : files[path],
  list: async (given) => {
    const path = given.replace(/(?<=.)\/$/, "");
    if (!folders.includes(path)) return undefined;
    const below = [...Object.keys(files), ...folders].filter((one) => one.startsWith(`${path}/`));
    return [...new Set(below.map((one) => one.slice(path.length + 1).split("/")[0] ?? ""))].sort();
  },
};

function statusOf(path: string): HostFileStatus | undefined {
  const owner = { uid: 0, gid: 0, user: "root", group: "root" };
  const clean = path.replace(/(?<=.)\/$/, "");
  if (folders.includes(clean)) return { kind: "directory", mode: 0o755, ...owner };
  return Object.hasOwn(files, clean)
    ? { kind: "file", mode: clean.endsWith(".key") ? 0o600 : 0o644, ...owner }
    : undefined;
}

const run = nativeAuditRunner(host);

describe("scripts that are answered", () => {
  const cases: readonly (readonly [script: string, output: string, error?: string])[] = [
    ["/bin/sh -c 'if test -e /etc/a.conf; then stat -c permissions=%a /etc/a.conf; fi'", "permissions=644\n"],
    ["/bin/sh -c 'if test -e /no; then stat -c permissions=%a /no; fi'", ""],
    ['/bin/sh -c "if test -e /no; then stat -c %U:%G /no; else echo \\"File not found\\"; fi"', "File not found\n"],
    ["stat -c %U:%G /no", "stat: cannot statx '/no': No such file or directory\n", "exit status 1"],
    ["/bin/cat /no", "cat: /no: No such file or directory\n", "exit status 1"],
    ["ps -ef | grep nothing | grep -v grep", "", "exit status 1"],
    ["/bin/ps -C kubelet -o cmd --no-headers", "/usr/bin/kubelet --config=/etc/a.conf --x y\n"],
    [
      "ps -ef | grep etcd | grep -- --data-dir | sed 's%.*data-dir[= ]\\([^ ]*\\).*%\\1%' | xargs -I{} find {} -mindepth 1 | xargs --no-run-if-empty stat -c permissions=%a",
      "permissions=755\npermissions=600\npermissions=644\npermissions=600\n",
    ],
    ["find /etc/pki/ -name '*.key' | xargs stat -c '%n %a'", "/etc/pki/sub/y.key 600\n/etc/pki/x.key 600\n"],
    ["find /etc/pki -type f -maxdepth 1", "/etc/pki/x.crt\n/etc/pki/x.key\n"],
    ["find /no -type f 2> /dev/null | xargs --no-run-if-empty stat -c permissions=%a", ""],
    ["find /no -type f 2> /dev/null | xargs stat -c permissions=%a", "stat: missing operand\n", "exit status 123"],
    [
      'for f in /etc/a.conf /no; do if test -e $f; then stat -c "permissions=%a %n" $f; fi; done',
      "permissions=644 /etc/a.conf\n",
    ],
    ['D=\'\'\nfor d in $(echo /etc /no); do\n  if test -d "$d"; then D="$d"; fi\ndone\necho "[$D]"', "[/etc]\n"],
    [
      "F=$(ps -ef | grep kubelet | awk -F '--config=' '{print $2}' | awk '{print $1}' | uniq)\nif test -z $F; then F=/x; fi\necho $F",
      "/etc/a.conf\n",
    ],
    ["grep -i THREE /etc/a.conf && echo yes || echo no", "Three\nyes\n"],
    ["grep nothing /etc/a.conf && echo yes || echo no", "no\n"],
    ["grep -E '^(one|two) ?=' /etc/a.conf | cut -d= -f1 | tr -d ' '", "one\ntwo\n"],
    ["grep -c = /etc/a.conf; grep -o '[0-9]' /etc/a.conf | tail -n1", "2\n2\n"],
    ["grep -A1 'one' /etc/a.conf | tail -n1", "two = 2\n"],
    ["cat /proc/9/environ | tr '\\0' '\\n'", "A=1\nB=2\n"],
    ["cat \"/proc/$(/bin/ps -C etcd -o pid= | tr -d ' ')/environ\" | tr '\\0' '\\n'", "A=1\nB=2\n"],
    ["sysctl kernel.kptr_restrict", "kernel.kptr_restrict = 2\n"],
    ["lsmod | grep vfat", "vfat 20480 1 -\n"],
    ["mount | grep -E '\\s/tmp\\s' | grep -v nosuid", "", "exit status 1"],
    ["stat -c %a /etc/pki/*.crt", "644\n"],
    ["stat -c %a `echo /etc/a.conf`", "644\n"],
    ["[ -f /etc/pki ] || [ 2 -gt 1 ] && echo yes # a comment", "yes\n"],
    ["! false && echo yes", "yes\n"],
    ["echo 'a'\"b\"c\\ d \\\n  e", "abc d e\n"],
  ];
  for (const [script, output, error] of cases) {
    test(script.replaceAll("\n", " "), async () => {
      expect(await run(script)).toEqual({ output, ...(error !== undefined && { error }) });
    });
  }
});

describe("scripts that need a shell are refused with what they use", () => {
  const cases: readonly (readonly [script: string, reason: string])[] = [
    ["kubectl get pods", "it runs kubectl"],
    ["curl http://x | sh", "it runs curl"],
    ["cat /etc/a.conf > /etc/b.conf", "> is not supported"],
    ["while true; do echo; done", "while is not supported"],
    ["echo $HOME", "the variable HOME is not set in the script"],
    ["echo $((1 + 1))", "it calculates"],
    ["f() { echo; }", "( is not supported"],
    ["cat a.conf", "the path a.conf is not absolute"],
    ["echo $1", "the script uses an unsupported expansion"],
    ["find / -exec rm {} +", "find -exec rm is not supported"],
    ["sed -i s/a/b/ /etc/a.conf", "sed -i is not supported"],
    ["grep '\\(a\\)\\1' /etc/a.conf", "back-references in patterns are not supported"],
    ["echo 'open", "a quote is not closed"],
    ["if true; then echo; ", "fi is missing"],
    ["echo x & echo y", 'unexpected "&"'],
  ];
  for (const [script, reason] of cases) {
    test(script, async () => {
      expect(await run(script)).toEqual({ unavailable: `this audit needs a shell: ${reason}` });
    });
  }

  test("what the host does not show has no answer", async () => {
    expect(await run("cat /etc/secret | grep x")).toEqual({ unavailable: "/etc/secret cannot be read by this user" });
  });
});

describe("scripts that were written to do harm", () => {
  test("end soon", async () => {
    const many = "$(echo a a a a a a a a a a)";
    const loops = (depth: number): string =>
      depth === 0 ? "echo x" : `for v${depth} in ${many}; do ${loops(depth - 1)}; done`;
    expect(await run(loops(6))).toEqual({ unavailable: "the audit runs too many commands" });
    expect(await run(`${"$(".repeat(5000)}`)).toEqual({ unavailable: expect.stringContaining("nested too deeply") });
    expect(await run(`${"if ".repeat(5000)}`)).toEqual({ unavailable: expect.stringContaining("nested too deeply") });
    expect(await run("a".repeat(100_000))).toEqual({ unavailable: expect.stringContaining("longer than") });
    expect(await run(`grep '${"(a*)*".repeat(20)}b' /etc/a.conf`)).toHaveProperty("output");
    const doubling = `A=xxxxxxxxxxxxxxxxxxxx\n${"A=$A$A$A$A$A$A$A$A\n".repeat(12)}echo $A`;
    expect(await run(doubling)).toHaveProperty("unavailable");
  });
});
