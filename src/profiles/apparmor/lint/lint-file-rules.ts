import type { CompiledFileRule, CompiledProfile } from "../decisions/compile-profile.ts";
import { decideFile } from "../decisions/decide-file.ts";
import { placeOf, quoteRule, type Remark } from "./lint-finding.ts";

/** Files with which a process in a container reaches the host, and the access that suffices. */
const sensitivePaths: readonly (readonly [path: string, permission: "r" | "w", effect: string])[] = [
  ["/proc/sysrq-trigger", "w", "the machine can be restarted"],
  ["/proc/sys/kernel/core_pattern", "w", "the host runs a program of the container's choice"],
  ["/proc/sys/kernel/modprobe", "w", "the host runs a program of the container's choice"],
  ["/proc/sys/vm/panic_on_oom", "w", "settings of the host can be changed"],
  ["/proc/kcore", "r", "the memory of the host can be read"],
  ["/dev/mem", "r", "the memory of the host can be read"],
  ["/dev/kmsg", "w", "the kernel log of the host can be forged"],
  ["/dev/sda", "w", "disks of the host can be written"],
  ["/sys/kernel/uevent_helper", "w", "the host runs a program of the container's choice"],
  ["/sys/fs/cgroup/memory/release_agent", "w", "the host runs a program of the container's choice"],
  ["/sys/kernel/security/apparmor/.remove", "w", "AppArmor profiles can be removed"],
  ["/sys/firmware/efi/efivars/x", "w", "the firmware can be changed"],
  ["/sys/devices/virtual/powercap/intel-rapl/energy_uj", "r", "secrets can be measured by the processor's power"],
  ["/run/docker.sock", "w", "the Docker engine can be controlled"],
  ["/run/containerd/containerd.sock", "w", "containerd can be controlled"],
  ["/etc/shadow", "r", "password hashes can be read"],
  ["/root/.ssh/id_rsa", "r", "private keys can be read"],
];

/** The rules of a profile about files. */
export function lintFileRules(profile: CompiledProfile): readonly Remark[] {
  return [
    ...sensitiveFiles(profile),
    ...unconfinedPrograms(profile.fileRules),
    ...writablePrograms(profile.fileRules),
    ...ineffectiveRules(profile.fileRules),
  ];
}

function* sensitiveFiles(profile: CompiledProfile): Generator<Remark> {
  const byRule = new Map<CompiledFileRule, string[]>();
  for (const [path, permission, effect] of sensitivePaths) {
    const decision = decideFile(profile, path, "own").find((answer) => answer.permission === permission);
    if (!decision?.allowed || decision.rule === undefined) continue;
    const paths = byRule.get(decision.rule) ?? [];
    byRule.set(decision.rule, [...paths, `${permission === "r" ? "reading" : "writing"} ${path}: ${effect}`]);
  }
  for (const [rule, effects] of byRule) {
    yield {
      severity: "warning",
      code: "sensitive-file",
      message: `${quoteRule(rule.rule)} allows ${effects[0]}${
        effects.length > 1 ? ` (and ${effects.length - 1} more sensitive files)` : ""
      }`,
      hint: "Name the files that the program needs, or add deny rules as docker-default has.",
      at: placeOf(rule),
    };
  }
}

function* unconfinedPrograms(rules: readonly CompiledFileRule[]): Generator<Remark> {
  for (const loaded of rules) {
    const { exec, rule } = loaded;
    if (exec === undefined || rule.prefix.decision === "deny") continue;
    const text = quoteRule(rule);
    if (exec.kind === "unconfined") {
      yield {
        severity: "warning",
        code: "unconfined-program",
        message: `${text} starts programs without a profile`,
        hint: "Use ix for the same profile, Px for the program's own, or Cx for a child profile.",
        at: placeOf(loaded),
      };
    }
    const cleanable = exec.kind === "unconfined" || exec.kind === "profile" || exec.kind === "child";
    if (cleanable && !exec.clean && rule.kind === "file" && rule.environment !== "safe") {
      yield {
        severity: "advice",
        code: "environment-passed",
        message: `${text} passes the environment, for example LD_PRELOAD, to a program with other rights`,
        hint: `Use ${exec.text.charAt(0).toUpperCase()}${exec.text.slice(1)}, which cleans the environment.`,
        at: placeOf(loaded),
      };
    }
  }
}

/** One remark for each rule that allows writing programs. */
function* writablePrograms(rules: readonly CompiledFileRule[]): Generator<Remark> {
  const allowing = rules.filter(({ rule }) => rule.prefix.decision !== "deny");
  const writing = allowing.filter(({ letters }) => letters.has("w"));
  const byWriter = new Map<CompiledFileRule, CompiledFileRule[]>();
  for (const program of allowing) {
    if (program.exec === undefined) continue;
    const writer = writing.find((rule) => rule === program || overlap(rule, program));
    if (writer !== undefined) byWriter.set(writer, [...(byWriter.get(writer) ?? []), program]);
  }
  for (const [writer, [program, ...others]] of byWriter) {
    if (program === undefined) continue;
    const which = program === writer ? "them" : `files of ${quoteRule(program.rule)}`;
    const more = others.length > 0 ? ` (and of ${others.length} more rules)` : "";
    yield {
      severity: "advice",
      code: "writable-program",
      message: `${quoteRule(writer.rule)} allows writing files, and executing ${which}${more}`,
      hint: "Keep the paths of programs apart from the paths of data.",
      at: placeOf(writer),
    };
  }
}

/** Rules that have no effect because of a deny rule, or that deny what nothing allows. */
function* ineffectiveRules(rules: readonly CompiledFileRule[]): Generator<Remark> {
  const denying = rules.filter(({ rule }) => rule.prefix.decision === "deny");
  for (const allowed of rules) {
    if (allowed.rule.prefix.decision === "deny" || allowed.file !== undefined) continue;
    const [glob] = allowed.globs;
    if (allowed.globs.length !== 1 || glob?.literal === undefined) continue;
    const path = glob.literal;
    const priority = allowed.rule.prefix.priority ?? 0;
    const letters = [...allowed.letters, ...(allowed.exec === undefined ? [] : ["x"])];
    const deniers = denying.filter(
      ({ rule, globs }) =>
        (rule.prefix.priority ?? 0) >= priority &&
        (rule.prefix.owner === undefined || rule.prefix.owner === allowed.rule.prefix.owner) &&
        globs.some((other) => other.matches(path)),
    );
    const [first] = deniers;
    if (first === undefined || !letters.every((letter) => deniers.some((rule) => rule.letters.has(letter)))) continue;
    yield {
      severity: "warning",
      code: "denied-anyway",
      message: `${quoteRule(allowed.rule)} has no effect: ${quoteRule(first.rule)} denies it`,
      hint: "Remove one of the rules; a deny rule wins over rules of the same priority.",
      at: placeOf(allowed),
    };
  }
}

function overlap(one: CompiledFileRule, other: CompiledFileRule): boolean {
  return one.globs.some((left) => other.globs.some((right) => left.overlaps(right) === true));
}
