import { PlimsollError } from "../../model/error.ts";
import { ConditionError } from "../../rules/language/condition.ts";

const longestExcerpt = 30;

/**
 * Runs something that reads what the user typed, so that a mistake in it is wrong usage. `what` names it, `text` is it.
 * Error: `usage`, with the place and what stands there.
 */
export function asUsage<T>({ what, text }: { readonly what: string; readonly text: string }, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    throw new PlimsollError("usage", `${what} cannot be read${placeOf(error, text)}: ${error.message}`, {
      hint: "`plimsoll rules fields` lists all fields.",
      cause: error,
    });
  }
}

function placeOf({ place }: ConditionError, text: string): string {
  if (place === undefined) return "";
  const rest = text.slice(place.index, place.index + longestExcerpt);
  return ` at character ${place.index + 1}${rest === "" ? ", its end" : ` (${JSON.stringify(rest)})`}`;
}
