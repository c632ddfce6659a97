import type { ProblemCode } from "../../model/reports/problem.ts";

/** Bytes of a capture that cannot be read on: one clause, without the name of the capture and the place in it. */
export class CaptureDamage extends Error {
  override readonly name = "CaptureDamage";
  readonly code: ProblemCode;

  constructor(message: string, code: ProblemCode = "unreadable") {
    super(message);
    this.code = code;
  }
}

/** The message for bytes that do not begin as a capture does: a predicate of the file. */
export const notCapture = "is not a .scap capture";
