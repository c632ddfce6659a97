import type { Action, Condition } from "../profile.ts";

/** A rule that is written to a profile. */
export interface WrittenRule {
  readonly names: readonly string[];
  readonly action: Action;
  readonly conditions: readonly Condition[];
  readonly comment?: string;
}

/** A profile before it has a format. */
export interface WrittenProfile {
  readonly defaultAction: Action;
  readonly architectures: readonly string[];
  readonly rules: readonly WrittenRule[];
}

/** The profile as JSON, which Docker, Podman, containerd and the kubelet read. */
export function profileJson(profile: WrittenProfile): string {
  return `${JSON.stringify(documentOf(profile), null, 2).replace(/"\\u0000(\d+)"/g, "$1")}\n`;
}

/** The profile as a resource of the Security Profiles Operator; the name must be one of Kubernetes. */
export function profileResource(profile: WrittenProfile, name: string): string {
  const { defaultAction, architectures, rules } = profile;
  const lines = [
    "apiVersion: security-profiles-operator.x-k8s.io/v1beta1",
    "kind: SeccompProfile",
    "metadata:",
    `  name: ${name}`,
    "spec:",
    `  defaultAction: SCMP_ACT_${defaultAction.kind}`,
    "  architectures:",
    ...architectures.map((architecture) => `    - ${architecture}`),
    "  syscalls:",
  ];
  for (const { names, action, conditions, comment } of rules) {
    if (comment !== undefined) lines.push(`    # ${comment}`);
    lines.push(`    - action: SCMP_ACT_${action.kind}`);
    if (action.kind === "ERRNO") lines.push(`      errnoRet: ${action.data}`);
    lines.push("      names:", ...names.map((call) => `        - ${call}`));
    if (conditions.length > 0) lines.push("      args:");
    for (const { index, operator, value, masked } of conditions) {
      lines.push(`        - index: ${index}`, `          value: ${value}`);
      if (masked !== 0n) lines.push(`          valueTwo: ${masked}`);
      lines.push(`          op: SCMP_CMP_${operator}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function documentOf({ defaultAction, architectures, rules }: WrittenProfile): object {
  return {
    defaultAction: `SCMP_ACT_${defaultAction.kind}`,
    ...(defaultAction.kind === "ERRNO" && { defaultErrnoRet: defaultAction.data }),
    architectures,
    syscalls: rules.map(({ names, action, conditions, comment }) => ({
      ...(comment !== undefined && { comment }),
      names,
      action: `SCMP_ACT_${action.kind}`,
      ...(action.kind === "ERRNO" && { errnoRet: action.data }),
      ...(conditions.length > 0 && {
        args: conditions.map(({ index, operator, value, masked }) => ({
          ...{ index, value: numeral(value), valueTwo: numeral(masked), op: `SCMP_CMP_${operator}` },
        })),
      }),
    })),
  };
}

/** Digits behind a zero character, which becomes a number of any size in the text. */
function numeral(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : `\u0000${value}`;
}
