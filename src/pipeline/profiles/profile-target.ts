import { PlimsollError } from "../../model/error.ts";
import { isKnownArchitecture, type Target } from "../../profiles/seccomp/build-filter.ts";
import { allCapabilities, engineCapabilities } from "../../profiles/seccomp/capabilities.ts";
import type { Kernel } from "../../profiles/seccomp/profile.ts";
import { kernelOfRelease } from "../../profiles/seccomp/read-profile.ts";

/** A container and machine as the user states them. */
export interface TargetWish {
  /** As Node or Go names it. */
  readonly architecture: string;
  /** A kernel release, of which the first two numbers count; undefined for the newest. */
  readonly kernel: string | undefined;
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  readonly runtime: "runc" | "crun";
}

const newest: Kernel = { major: 999, minor: 0 };

/** The target of a wish, which begins with the capabilities of Docker. Error: `usage` for names that do not exist. */
export function profileTarget({ architecture, kernel, added, dropped, runtime }: TargetWish): Target {
  const names: Readonly<Record<string, string>> = { x64: "amd64", x86_64: "amd64", aarch64: "arm64", ia32: "386" };
  const native = names[architecture] ?? architecture;
  if (!isKnownArchitecture(native)) {
    throw new PlimsollError("usage", `architecture ${architecture} is unknown`, {
      hint: "Use amd64, arm64, 386, arm, riscv64, s390x, ppc64le, loong64 or mips64le.",
    });
  }
  const release = kernel === undefined ? newest : kernelOfRelease(kernel);
  if (!release) {
    throw new PlimsollError("usage", `${kernel} is not a kernel version`, { hint: "Use a version such as 6.1." });
  }
  const less = dropped.flatMap(capabilities);
  const kept = engineCapabilities.filter((name) => !less.includes(name));
  return {
    architecture: native,
    kernel: release,
    capabilities: new Set([...kept, ...added.flatMap(capabilities)]),
    runtime,
  };
}

function capabilities(name: string): readonly string[] {
  const upper = name.toUpperCase().replace(/^CAP_/, "");
  if (upper === "ALL") return allCapabilities;
  if (allCapabilities.includes(`CAP_${upper}`)) return [`CAP_${upper}`];
  throw new PlimsollError("usage", `capability ${name} is unknown`, {
    hint: "Capabilities are named as in NET_ADMIN and SYS_PTRACE; ALL stands for all of them.",
  });
}
