import type { Fact } from "./check.ts";

/** The value of a fact that a check needs; a check is not evaluated without it. */
export function known<T>(fact: Fact<T>): T {
  if ("unavailable" in fact)
    throw new TypeError(`a check was evaluated without a fact that it needs: ${fact.unavailable}`);
  return fact.value;
}
