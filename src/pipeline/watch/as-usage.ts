import { PlimsollError } from "../../model/error.ts";
import { ConditionError } from "../../rules/language/condition.ts";

/** Runs something that reads what the user typed, so that a mistake in it is wrong usage. Error: `usage`. */
export function asUsage<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    const at = error.place === undefined ? "" : ` at character ${error.place.index + 1}`;
    throw new PlimsollError("usage", `${what} cannot be read${at}: ${error.message}`, {
      hint: "`plimsoll rules fields` lists all fields.",
      cause: error,
    });
  }
}
