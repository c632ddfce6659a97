import type { CheckResult } from "../../../model/checks/check.ts";
import type { CheckDescription } from "../../check.ts";
import type { JsonPath } from "../kustomize/json-path.ts";
import { is } from "./flag-values.ts";
import type { ControlPlaneProgram } from "./static-pod.ts";

/** What a flag of a program of the control plane should be. */
export interface FlagRule {
  /** The second half of the id of the check. */
  readonly name: string;
  readonly program: ControlPlaneProgram;
  /** Without dashes; several where all are needed. */
  readonly flags: readonly string[];
  readonly title: CheckDescription["title"];
  readonly why: string;
  readonly severity: CheckResult["severity"];
  /** What the flags should be. */
  readonly expected: string;
  /** How to make it pass; without it, a sentence is made from the flags and `expected`. */
  readonly remediation?: string;
  /** Ids of the CIS Kubernetes Benchmark 1.12. */
  readonly cis: readonly string[];
  /** Where the settings stand in a KubeletConfiguration. */
  readonly configuration?: {
    readonly paths: readonly JsonPath[];
    /** Whether the default of a field that is missing is right. */
    readonly isRightWithout: boolean;
  };
  /** Another setting that makes this one right, whatever it is. */
  readonly settledBy?: { readonly flag: string; readonly path: JsonPath; readonly value: string };
  /** The etcd connections that the rule is about. The rule does not apply if only the pod itself can reach them. */
  readonly connectionsOf?: "clients" | "peers";
  /** Whether a value is right; undefined when the flag is not given. */
  isRight(value: string | undefined): boolean;
}

/** A rule without what it is about. */
export type FlagText = Omit<FlagRule, "program" | "flags">;

/** A rule about flags of a program. */
export function rule(program: ControlPlaneProgram, flags: string | readonly string[], text: FlagText): FlagRule {
  const prefix = program === "kube-apiserver" ? "api-server" : program.replace("kube-", "");
  return {
    ...text,
    name: `${prefix}-${text.name}`,
    program,
    flags: typeof flags === "string" ? [flags] : flags,
  };
}

/** The rule that the profiling of a program is disabled. */
export function profiling(program: ControlPlaneProgram, who: string, id: string): FlagRule {
  return rule(program, "profiling", {
    name: "profiling",
    title: { pass: `${who} profiling is disabled`, fail: `${who} profiling is enabled` },
    why: "Profiles reveal internals of the program, and creating them costs CPU time.",
    cis: [id],
    severity: "low",
    expected: "false",
    isRight: is("false"),
  });
}
