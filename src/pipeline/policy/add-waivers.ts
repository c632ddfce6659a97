import { existsSync, writeFileSync } from "node:fs";
import { appendToYamlList } from "../../io/documents/append-to-yaml-list.ts";
import { readNamedText } from "../../io/files/read-small-file.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Waiver } from "../../model/findings/waiver.ts";
import { readPolicy } from "../../policy/file/read-policy.ts";
import { loadPolicy } from "./load-policy.ts";

const largestPolicy = 1024 * 1024;

/**
 * Adds waivers to the policy in `file`, which is created when missing; comments and layout stay. Errors: those of
 * {@link loadPolicy}, `limit-exceeded`, `output-not-written`. Nothing is written unless the policy is valid after it.
 */
export function addWaivers(file: string, waivers: readonly Waiver[]): { readonly isNew: boolean } {
  const isNew = !existsSync(file);
  if (!isNew) loadPolicy(file);
  const before = isNew ? "" : readNamedText(file, { largest: largestPolicy });
  const after = appendToYamlList(before, "waivers", waivers.map(asWritten));
  if (Buffer.byteLength(after) > largestPolicy) {
    throw new PlimsollError("limit-exceeded", `${file} would have more than ${largestPolicy} bytes`, {
      hint: "Remove waivers that are no longer needed.",
    });
  }
  readPolicy(after, file, { compile: () => alwaysTrue, inherit: () => ({}) });
  try {
    writeFileSync(file, after);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PlimsollError("output-not-written", `${file} could not be written: ${why}`, { cause });
  }
  return { isNew };
}

/** The rules were compiled when the policy was loaded. */
const alwaysTrue = { source: "true", evaluate: () => true };

/** In the order in which people read them, with a text in place of a list of one. */
function asWritten({ id, package: found, path, image, resource, reason, owner, until }: Waiver): object {
  const scopes = Object.entries({ package: found, path, image, resource }).flatMap(([key, patterns]) => {
    return patterns ? [[key, patterns.length === 1 ? patterns[0] : patterns]] : [];
  });
  return {
    id,
    ...Object.fromEntries(scopes),
    reason,
    ...(owner !== undefined && { owner }),
    ...(until !== undefined && { until }),
  };
}
