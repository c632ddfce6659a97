import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe } from "vitest";

/** Debian's parser of AppArmor policy, or another that a developer names. */
const program = process.env["APPARMOR_PARSER"] ?? "apparmor_parser";

/** What a kernel mediates, of the oldest ABI that all tests need; automata are then as kernels before 5.19 read them. */
const features = "/etc/apparmor.d/abi/3.0";

const version = spawnSync(program, ["--version"], { encoding: "utf8" });
const isThere = version.status === 0 && existsSync(features);
const [, major = "0"] = /version (\d{1,3})\./.exec(version.stdout ?? "") ?? [];

/** Tests that compare with AppArmor's own compiler; skipped, by name, where it is not installed. */
export const describeWithParser: typeof describe.skip = isThere ? describe : (describe.skip as typeof describe.skip);

/** Tests of statements that AppArmor 4 added. Version 3 does not end on some of them. */
export const describeWithParser4: typeof describe.skip = isThere && Number(major) >= 4 ? describe : describe.skip;

/**
 * A policy as AppArmor's own compiler makes it, which needs neither rights nor a kernel with AppArmor; undefined if it
 * refuses the policy.
 */
export function compilePolicy(text: string, base: string): Buffer | undefined {
  const { status, stdout } = spawnSync(program, ["-QTKSq", "-M", features, "--base", base], {
    input: text,
    maxBuffer: 256 * 1024 * 1024,
    timeout: 10_000,
    killSignal: "SIGKILL",
  });
  return status === 0 && stdout.length > 0 ? stdout : undefined;
}
