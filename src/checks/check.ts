import type { CheckMapping, CheckResult, CheckState } from "../model/checks/check.ts";
import type { CheckTitle } from "./check-title.ts";

export type { Fact } from "../model/checks/fact.ts";

/** What a check is about, in our own words. */
export interface CheckDescription {
  /** Folder and name: `docker/daemon-icc`. */
  readonly id: string;
  readonly title: CheckTitle;
  readonly severity: CheckResult["severity"];
  /** Why it matters, one or two sentences. */
  readonly why: string;
  /** How to make it pass, one or two sentences. */
  readonly remediation: string;
  readonly mappings: readonly CheckMapping[];
}

/** What a check saw of one resource. */
export interface Observation extends Pick<CheckResult, "resource" | "location" | "evidence" | "reason" | "commands"> {
  readonly state: Exclude<CheckState, "waived">;
  /** In place of that of the check, where what to do depends on what is there. */
  readonly remediation?: string;
}

/** A check over facts of one kind. Pure: the same facts give the same observations. */
export interface Check<Facts extends object> extends CheckDescription {
  /**
   * The facts without which it cannot tell: when one is unavailable, the check is a `warn` with that reason, and is not
   * evaluated.
   */
  readonly needs: readonly (keyof Facts & string)[];
  /** One observation for each resource it is about; none: not applicable. */
  evaluate(facts: Facts): Iterable<Observation>;
}
