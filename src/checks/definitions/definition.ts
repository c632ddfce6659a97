import type { CheckLocation } from "../../model/checks/check.ts";
import type { CompareOperator } from "./compare-values.ts";

/** One thing that a check of a definition file looks for in what its audits wrote. */
export interface TestItem {
  /** Looked up in the output of `audit`; empty for none. */
  readonly flag: string;
  /** A JSONPath template of Kubernetes over the output of `audit_config`; empty for none. */
  readonly path: string;
  /** A variable in the output of `audit_env`; empty for none. */
  readonly env: string;
  /** False: it passes when nothing is found, and `compare` is not looked at. */
  readonly set: boolean;
  readonly compare: { readonly op: CompareOperator; readonly value: string } | undefined;
}

/** What one audit must show. */
export interface DefinitionTests {
  readonly binOp: "and" | "or";
  readonly items: readonly TestItem[];
}

/** A script and what it must show, as a check or a sub-check has them. */
export interface AuditDefinition {
  readonly audit: string;
  readonly auditConfig: string;
  readonly auditEnv: string;
  /** `manual`, `skip` or empty. */
  readonly type: string;
  readonly tests: DefinitionTests | undefined;
  readonly remediation: string;
  /** By key, the values of which one must be declared. */
  readonly constraints: Readonly<Record<string, readonly string[]>>;
}

/** One check of a definition file. */
export interface CheckDefinition extends AuditDefinition {
  readonly id: string;
  readonly text: string;
  readonly scored: boolean;
  /** Every line of the output must pass. */
  readonly useMultipleValues: boolean;
  /** True: no script is made up for the variables that its tests look for. */
  readonly disableEnvTesting: boolean;
  /** The first whose constraints hold takes the place of the check's own audit; undefined when there are none. */
  readonly subChecks: readonly AuditDefinition[] | undefined;
  /** Why this check cannot be used: a clause with the place. */
  readonly refused: string | undefined;
  readonly location: CheckLocation;
}

/** A group of checks. */
export interface DefinitionGroup {
  readonly id: string;
  readonly text: string;
  readonly type: string;
  readonly constraints: Readonly<Record<string, readonly string[]>>;
  readonly checks: readonly CheckDefinition[];
}

/**
 * One definition file. Two engines read this format, and they differ in how they look up a flag and in what a failed
 * audit means: `kube-bench`, and `bench-common`, which drives docker-bench and linux-bench and whose files say
 * `description` for `text`.
 */
export interface Controls {
  readonly dialect: "kube-bench" | "bench-common";
  readonly path: string;
  readonly id: string;
  readonly version: string;
  readonly text: string;
  /** `master`, `node`, `etcd`, `controlplane`, `policies`, `managedservices`, or what the file says. */
  readonly type: string;
  readonly groups: readonly DefinitionGroup[];
  /** Why nothing that it is about runs here: a clause; undefined when it does. */
  readonly absent: string | undefined;
}
