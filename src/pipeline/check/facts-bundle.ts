import { readSmallFile } from "../../io/files/read-small-file.ts";
import { asTargetError } from "../../io/http/as-target-error.ts";
import type { RuntimeFact } from "../../model/checks/host-facts.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import { type FactsBundle, readBundle } from "../../sources/host/bundle.ts";

const largestFile = 256 * 1024 * 1024;

/**
 * Reads a bundle of facts from a file. Advisories in the file are dropped: they come from the user's database.
 *
 * Errors: `target-not-found`, `target-unreadable`, `facts-malformed`, `limit-exceeded`.
 */
export function readFactsFile(path: string): FactsBundle {
  try {
    return withoutAdvisories(readBundle(readSmallFile(path, { largest: largestFile }), path));
  } catch (cause) {
    throw asTargetError(path, cause);
  }
}

function withoutAdvisories(facts: FactsBundle): FactsBundle {
  const runtimes = facts.host?.runtimes;
  if (!facts.host || !runtimes || !("value" in runtimes) || !Array.isArray(runtimes.value)) return facts;
  const value = runtimes.value.map((runtime: unknown) =>
    isJsonObject(runtime) ? { ...runtime, advisories: undefined } : runtime,
  ) as RuntimeFact[];
  return { ...facts, host: { ...facts.host, runtimes: { value } } };
}

/**
 * What `check` makes of facts. Error: `facts-malformed` when they do not have the form of facts, such as those of an
 * edited file; the checks themselves detect malformed single facts.
 */
export function withFacts<Result>(check: () => Result): Result {
  try {
    return check();
  } catch (cause) {
    if (cause instanceof PlimsollError || !(cause instanceof TypeError)) throw cause;
    throw new PlimsollError("facts-malformed", `the facts are not valid: ${cause.message}`, {
      cause,
      hint: "Collect the facts again, with --save FILE.",
    });
  }
}

/** The error for facts without a part that a check is about. */
export function withoutPart(what: string): PlimsollError {
  return new PlimsollError("facts-malformed", `the facts do not contain ${what}`, {
    hint: "Collect them with `plimsoll check docker --save FILE` or `plimsoll check host --save FILE`.",
  });
}
