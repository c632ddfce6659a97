import { readNamedText } from "../../io/files/read-small-file.ts";
import { PlimsollError } from "../../model/error.ts";
import type { SeccompProfile } from "../../profiles/seccomp/profile.ts";
import { looksLikeSeccomp, readSeccompProfile } from "../../profiles/seccomp/read-profile.ts";
import { looksLikeAppArmor } from "./apparmor-policy.ts";

const largestProfile = 4 * 1024 * 1024;

/** The profiles of one file; a file of the Security Profiles Operator may hold several. */
export interface ProfileFile {
  readonly kind: "seccomp";
  readonly file: string;
  readonly profiles: readonly SeccompProfile[];
}

/** The text of a file with profiles of any kind, or of standard input for `-`. Errors: those of `readNamedText`. */
export function readProfileText(file: string): string {
  return readNamedText(file === "-" ? "/dev/stdin" : file, { largest: largestProfile });
}

/** The seccomp profiles in the text of a file. Error: `file-malformed`. */
export async function readProfileFile(file: string, text: string): Promise<ProfileFile> {
  if (looksLikeAppArmor(text)) {
    throw new PlimsollError("file-malformed", `${file} is AppArmor policy, not a seccomp profile`, {
      hint: "AppArmor policy is read by plimsoll profile lint, explain and simulate.",
    });
  }
  const documents = (await documentsOf(text, file)).filter((document) => document !== null);
  const found = documents.filter(looksLikeSeccomp);
  if (found.length === 0) {
    throw new PlimsollError("file-malformed", `${file} has neither a seccomp profile nor AppArmor policy`, {
      hint: "Expected JSON or YAML with defaultAction and syscalls, a SeccompProfile of the operator, or AppArmor policy.",
    });
  }
  return { kind: "seccomp", file, profiles: found.map((document) => readSeccompProfile(document, file)) };
}

/** The profile of a file with one, or the one with this name. Error: `usage` where that leaves a choice. */
export async function readOneProfile(
  file: string,
  name: string | undefined,
  text: string = readProfileText(file),
): Promise<SeccompProfile> {
  const { profiles } = await readProfileFile(file, text);
  const chosen = name === undefined ? profiles : profiles.filter((profile) => profile.name === name);
  const [profile] = chosen;
  if (profile && chosen.length === 1) return profile;
  const names = profiles.map((known) => known.name ?? "(without a name)").join(", ");
  throw new PlimsollError(
    "usage",
    name === undefined ? `${file} has ${profiles.length} profiles` : `${file} has no single profile named ${name}`,
    { hint: `Choose one with --name: ${names}.` },
  );
}

async function documentsOf(text: string, file: string): Promise<readonly unknown[]> {
  const start = text.trimStart();
  if (start.startsWith("{") || start.startsWith("\ufeff{")) return [parseExactJson(text, file)];
  const { readYamlDocuments } = await import("./yaml-documents.ts");
  return readYamlDocuments(text, file);
}

/** JSON in which whole numbers that a double cannot hold are bigints. */
function parseExactJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""), exactNumber as Parameters<typeof JSON.parse>[1]);
  } catch (cause) {
    throw new PlimsollError(
      "file-malformed",
      `${file} is not valid JSON: ${cause instanceof Error ? cause.message : ""}`,
      {
        cause,
      },
    );
  }
}

function exactNumber(_: string, value: unknown, context: { readonly source?: string } | undefined): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d{1,40}$/.test(source) ? BigInt(source) : value;
}
