import { arch, release } from "node:os";
import { type Command, Option } from "commander";
import type { TargetWish } from "../../../pipeline/profiles/profile-target.ts";
import { collectValues } from "../options/collect-values.ts";

/** The values of {@link addTargetOptions}. */
export interface TargetFlags {
  readonly arch?: string;
  readonly kernel?: string;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly runtime: "runc" | "crun";
}

/** Adds the options for the container and machine on which a profile is to work. */
export function addTargetOptions(command: Command): Command {
  const text = collectValues((value) => value);
  return command
    .option("--arch <name>", "architecture: amd64, arm64, 386, arm… (default: of this machine)")
    .option("--kernel <version>", "kernel version (default: of this machine)")
    .addOption(new Option("--cap-add <name>", "add to Docker's default capabilities; repeatable").argParser(text))
    .addOption(new Option("--cap-drop <name>", "drop a capability, or ALL; repeatable").argParser(text))
    .addOption(new Option("--runtime <name>", "container runtime").choices(["runc", "crun"]).default("runc"));
}

/** The target that the options state, by default a container of this machine. */
export function targetWish({
  arch: architecture,
  kernel,
  capAdd = [],
  capDrop = [],
  runtime,
}: TargetFlags): TargetWish {
  const own = process.platform === "linux" ? release() : undefined;
  return { architecture: architecture ?? arch(), kernel: kernel ?? own, added: capAdd, dropped: capDrop, runtime };
}

/** `--base`, the folder of the files that AppArmor policy includes. */
export function baseOption(): Option {
  return new Option("--base <folder>", "folder of included AppArmor policy (default: /etc/apparmor.d)");
}

/** A value of {@link forOption}. */
export type ProfileUserFlag = "docker" | "podman" | "containerd" | "kubernetes" | "operator";

/** `--for`, the program that is to use a written profile. */
export function forOption(): Option {
  const users: readonly ProfileUserFlag[] = ["docker", "podman", "containerd", "kubernetes", "operator"];
  return new Option("--for <program>", "the program that uses the profile").choices(users).default("docker");
}
