import type { CheckState } from "../model/checks/check.ts";

/** The names of a result, by its state: clauses in sentence case, without a full stop. */
export interface CheckTitle {
  /** What holds when the check passes: `Container does not run as root`. */
  readonly pass: string;
  /** The fault when the check fails: `Container runs as root`. */
  readonly fail: string;
}

/** The title of a result: a failure, waived or not, says what is wrong; every other state names what should hold. */
export function titleFor(title: CheckTitle, state: CheckState): string {
  return state === "fail" || state === "waived" ? title.fail : title.pass;
}
