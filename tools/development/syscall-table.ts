/*
 * Writes data/seccomp/syscalls.json from the headers of Linux: node tools/development/syscall-table.ts FOLDER, with the
 * content of Debian's packages linux-libc-dev and linux-libc-dev-ARCHITECTURE-cross below FOLDER. Needs gcc.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The order of the numbers in the table. */
const abis = [
  { name: "x86_64", folder: "x86_64-linux-gnu", header: "asm/unistd_64.h" },
  { name: "x86", folder: "x86_64-linux-gnu", header: "asm/unistd_32.h" },
  { name: "x32", folder: "x86_64-linux-gnu", header: "asm/unistd_x32.h", defines: ["__X32_SYSCALL_BIT=0"] },
  { name: "aarch64", folder: "aarch64-linux-gnu", header: "asm/unistd.h" },
  {
    name: "arm",
    folder: "arm-linux-gnueabihf",
    header: "asm/unistd.h",
    defines: ["__ARM_EABI__=1"],
    flags: ["-m32"],
  },
];

/** System calls that are newer than the headers; from 424 on a number is the same on all architectures. */
const newer: Readonly<Record<string, readonly [number: number, since: string]>> = {
  cachestat: [451, "6.5"],
  fchmodat2: [452, "6.6"],
  map_shadow_stack: [453, "6.6"],
  futex_wake: [454, "6.7"],
  futex_wait: [455, "6.7"],
  futex_requeue: [456, "6.7"],
  statmount: [457, "6.8"],
  listmount: [458, "6.8"],
  lsm_get_self_attr: [459, "6.8"],
  lsm_set_self_attr: [460, "6.8"],
  lsm_list_modules: [461, "6.8"],
  mseal: [462, "6.10"],
  setxattrat: [463, "6.13"],
  getxattrat: [464, "6.13"],
  listxattrat: [465, "6.13"],
  removexattrat: [466, "6.13"],
  open_tree_attr: [467, "6.15"],
  file_getattr: [468, "6.17"],
  file_setattr: [469, "6.17"],
  listns: [470, "6.19"],
  rseq_slice_yield: [471, "7.0"],
};

/** First kernel of older system calls that profiles and sandboxes speak about. */
const since: Readonly<Record<string, string>> = {
  ...{ getrandom: "3.17", memfd_create: "3.17", seccomp: "3.17", kexec_file_load: "3.17", bpf: "3.18" },
  ...{ execveat: "3.19", userfaultfd: "4.3", membarrier: "4.3", copy_file_range: "4.5", statx: "4.11" },
  ...{ io_pgetevents: "4.18", rseq: "4.18", pidfd_send_signal: "5.1", io_uring_setup: "5.1" },
  ...{ io_uring_enter: "5.1", io_uring_register: "5.1", open_tree: "5.2", move_mount: "5.2", fsopen: "5.2" },
  ...{ fsconfig: "5.2", fsmount: "5.2", fspick: "5.2", pidfd_open: "5.3", clone3: "5.3", openat2: "5.6" },
  ...{ pidfd_getfd: "5.6", faccessat2: "5.8", close_range: "5.9", process_madvise: "5.10", epoll_pwait2: "5.11" },
  ...{ mount_setattr: "5.12", landlock_create_ruleset: "5.13", landlock_add_rule: "5.13" },
  ...{ landlock_restrict_self: "5.13", quotactl_fd: "5.14", memfd_secret: "5.14", process_mrelease: "5.15" },
  ...{ futex_waitv: "5.16", set_mempolicy_home_node: "5.17", uretprobe: "6.11", uprobe: "6.18" },
};

const root = process.argv[2] ?? "";
if (!existsSync(join(root, "usr"))) throw new Error("usage: node tools/development/syscall-table.ts FOLDER");

const numbers: Record<string, (number | null)[]> = {};
abis.forEach((abi, index) => {
  for (const [name, number] of numbersOf(abi)) {
    numbers[name] ??= abis.map(() => null);
    numbers[name][index] = number;
  }
});
for (const [name, [number]] of Object.entries(newer)) numbers[name] = abis.map(() => number);
numbers["uretprobe"] = [335, null, 335, null, null];
numbers["uprobe"] = [336, null, 336, null, null];
// The header of arm has a second name for arm_sync_file_range, which no runtime resolves there.
delete numbers["sync_file_range2"];

const elsewhere = new Set(["cachectl", "riscv_hwprobe", "sync_file_range2", "sysmips"]);
for (const folder of readdirSync(join(root, "usr"))) {
  if (!folder.includes("-linux-")) continue;
  for (const [name] of numbersOf({ folder, header: "asm/unistd.h" })) {
    if (!numbers[name] && !name.startsWith("osf_")) elsewhere.add(name);
  }
}

const sorted = Object.entries(numbers).sort(([a], [b]) => (a < b ? -1 : 1));
const firstKernels = { ...since, ...Object.fromEntries(Object.entries(newer).map(([name, [, from]]) => [name, from])) };
const lines = [
  "{",
  `  "abis": ${JSON.stringify(abis.map(({ name }) => name))},`,
  '  "numbers": {',
  sorted.map(([name, list]) => `    ${JSON.stringify(name)}: ${JSON.stringify(list)}`).join(",\n"),
  "  },",
  `  "elsewhere": ${JSON.stringify([...elsewhere].sort())},`,
  `  "since": ${JSON.stringify(firstKernels)}`,
  "}",
];
writeFileSync("data/seccomp/syscalls.json", `${lines.join("\n")}\n`);

interface Header {
  readonly folder: string;
  readonly header: string;
  readonly defines?: readonly string[];
  readonly flags?: readonly string[];
}

/** What the preprocessor makes of the macros that name numbers. */
function* numbersOf({ folder, header, defines = [], flags = [] }: Header): Generator<[string, number]> {
  const own = ["usr", folder, "include"];
  const base = existsSync(join(root, ...own, "asm")) ? join(root, ...own) : `/usr/include/${folder}`;
  if (!existsSync(join(base, header))) return;
  const args = [...flags, "-undef", "-nostdinc", ...defines.map((define) => `-D${define}`)];
  const includes = ["-I", base, ...(base.startsWith("/usr/include/") ? ["-I", "/usr/include"] : [])];
  const run = (more: readonly string[], input: string): string =>
    execFileSync("gcc", ["-E", ...args, ...includes, ...more, "-"], { input, encoding: "utf8" });
  const include = `#include <${header}>\n`;
  const macros = run(["-dM"], include);
  const names = [
    ...Array.from(macros.matchAll(/^#define __NR_(\w+) /gm), ([, name = ""]) => [name, `__NR_${name}`] as const),
    ...Array.from(
      macros.matchAll(/^#define __ARM_NR_(\w+) *\(/gm),
      ([, name = ""]) => [name, `__ARM_NR_${name}`] as const,
    ),
  ].filter(
    ([name]) =>
      !/^(?:syscalls|arch_specific_syscall|(?:OABI_)?SYSCALL_(?:BASE|MASK)|BASE|Linux.*|.*_syscalls)$/.test(name),
  );
  const asked = names.map(([name, macro]) => `@${name}@ ${macro}`).join("\n");
  for (const [, name = "", value = ""] of run(["-P"], include + asked).matchAll(/^@ ?(\w+) ?@ (.+)$/gm)) {
    const terms = value
      .replace(/[()\s]/g, "")
      .split("+")
      .map(Number);
    if (terms.every(Number.isInteger)) yield [name, terms.reduce((sum, term) => sum + term, 0)];
  }
}
