import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

// npm run build:probe: builds the helper of `plimsoll watch --live`, with the program for the kernel inside, as
// probe/build/plimsoll-probe. It needs clang, llvm, bpftool, libbpf and libelf: Debian's clang, llvm, bpftool and
// libbpf-dev. The same compilers give the same bytes.

const folder = resolve(import.meta.dirname, "../../probe");
const architectures: Readonly<Record<string, string>> = { x64: "x86", arm64: "arm64" };
const architecture = architectures[process.arch];
if (process.platform !== "linux" || architecture === undefined) {
  throw new Error(`the probe is for Linux on x64 and arm64, not ${process.platform} on ${process.arch}`);
}

mkdirSync(join(folder, "build"), { recursive: true });
const compact = ["-O2", "-g", `-ffile-prefix-map=${folder}=.`, "-Wall", "-Wextra", "-Werror"];
run("clang", [
  ...compact,
  "-Wno-unused-parameter",
  "-target",
  "bpf",
  `-D__TARGET_ARCH_${architecture}`,
  "-c",
  "kernel/plimsoll.bpf.c",
  "-o",
  "build/plimsoll.bpf.o",
]);
run("llvm-strip", ["-g", "build/plimsoll.bpf.o"]);
writeFileSync(
  join(folder, "build/plimsoll.skel.h"),
  run("bpftool", ["gen", "skeleton", "build/plimsoll.bpf.o", "name", "plimsoll_bpf"]),
);
const sources = globSync("helper/*.c", { cwd: folder }).sort();
run("clang", [...compact, "-isystem", "build", ...sources, "-o", "build/plimsoll-probe", "-lbpf", "-lelf", "-lz"]);
run("llvm-strip", ["build/plimsoll-probe"]);

function run(program: string, args: readonly string[]): Buffer {
  // Debian has bpftool where only root looks.
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
  return execFileSync(program, args, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"], maxBuffer: 64 << 20 });
}
