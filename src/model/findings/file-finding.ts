import type { MalwareFinding } from "./malware.ts";
import type { SecretFinding } from "./secret.ts";

/** What was found in the contents of a file. */
export type FileFinding = SecretFinding | MalwareFinding;

/** Both lists of a report, each absent when it was not looked for. */
export interface FileFindings {
  readonly secrets?: readonly SecretFinding[] | undefined;
  readonly malware?: readonly MalwareFinding[] | undefined;
}

/** All of them; secrets first. */
export function fileFindings({ secrets = [], malware = [] }: FileFindings): readonly FileFinding[] {
  return [...secrets, ...malware];
}

/** The id in policies, waivers and reports: `secret/github-token`, `malware/eicar-test-file`. */
export function fileFindingId({ kind, rule }: Pick<FileFinding, "kind" | "rule">): string {
  return `${kind}/${rule}`;
}
