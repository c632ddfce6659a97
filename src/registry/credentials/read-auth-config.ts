import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import { type AuthConfig, parseAuthConfig } from "./auth-config.ts";
import { missingFile } from "./credential-failure.ts";
import { type CredentialFile, pathOf } from "./credential-files.ts";
import { readCredentialFile } from "./read-credential-file.ts";

/** What a file with credentials says; nothing when there is none. */
export interface FoundAuthConfig {
  readonly config: AuthConfig;
  /** Empty when there is no file. */
  readonly text: string;
  /** The reason why a named file is missing: `target-unreadable`, or `usage` for a file in place of its folder. */
  readonly missing?: PlimsollError;
}

/**
 * Reads a file with credentials. Errors: `target-unreadable`, `file-malformed`; `usage` when a variable holds something
 * else than a path.
 */
export async function readAuthConfig(file: CredentialFile): Promise<FoundAuthConfig> {
  const { kind, given } = file;
  const path = pathOf(file);
  const text = await readCredentialFile(path);
  const config = parseAuthConfig(text ?? "", { origin: path, kind });
  if (text !== undefined || !given) return { config, text: text ?? "" };
  return { config, text: "", missing: (await fileAsFolder(given)) ?? missingFile(path, given.setting) };
}

/**
 * As {@link readAuthConfig}, for a file in which credentials are stored: one that is not there can be made. Error:
 * `usage` too for a file in place of its folder.
 */
export async function readStoredConfig(file: CredentialFile): Promise<FoundAuthConfig> {
  const found = await readAuthConfig(file);
  if (found.missing?.code === "usage") throw found.missing;
  return found;
}

async function fileAsFolder({
  text,
  setting,
  kind,
}: NonNullable<CredentialFile["given"]>): Promise<PlimsollError | undefined> {
  if (kind !== "folder" || !(await isFile(text))) return undefined;
  const hint =
    basename(text) === "config.json"
      ? `Set ${setting} to ${dirname(text)}, the folder that contains config.json.`
      : `Move the file to a folder as config.json, and set ${setting} to that folder.`;
  return new PlimsollError("usage", `${setting} must be a folder, but ${text} is a file`, { hint });
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}
