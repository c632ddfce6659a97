import type { CheckState } from "../model/check.ts";

/** The names of a result, by its state: clauses in sentence case, without a full stop. */
export interface CheckTitle {
  /** What holds when the check passes: `Container does not run as root`. */
  readonly pass: string;
  /** What is wrong when the check fails: `Container runs as root`. */
  readonly fail: string;
}

/** The title of a check that has one for every state, as checks of users may. */
export function sameTitle(title: string): CheckTitle {
  return { pass: title, fail: title };
}

/** The title of a result: a failure, waived or not, says what is wrong; every other state names what should hold. */
export function titleFor(title: CheckTitle | string, state: CheckState): string {
  if (typeof title === "string") return title;
  return state === "fail" || state === "waived" ? title.fail : title.pass;
}
