import { PlimsollError } from "../../model/error.ts";
import { type AuthConfig, parseAuthConfig } from "./auth-config.ts";
import { readAuthEntry } from "./auth-entry.ts";
import type { CredentialFile } from "./credential-files.ts";
import { readStoredConfig } from "./read-auth-config.ts";
import { parseRegistryKey } from "./registry-key.ts";

/** Where something could be that is asked before a stored credential. */
export interface RivalOptions {
  /** The registry for which the user gave a credential in variables. */
  readonly explicit?: string;
  /** The value of `DOCKER_AUTH_CONFIG`. */
  readonly dockerAuthConfig?: string;
  /** The file in which the credential is stored, or that names its helper. */
  readonly file: CredentialFile;
}

/**
 * What `openCredentials` asks before a credential that was stored for a registry, for all of its repositories or for
 * some: each as the subject of a sentence. Errors: those of the file.
 */
export async function rivalsOf(
  registry: string,
  { explicit, dockerAuthConfig, file }: RivalOptions,
): Promise<readonly string[]> {
  const wanted = parseRegistryKey(registry)?.registry;
  const rivals: string[] = [];
  if (explicit !== undefined && parseRegistryKey(explicit)?.registry === wanted) {
    rivals.push("the credential in PLIMSOLL_REGISTRY_USER and PLIMSOLL_REGISTRY_PASSWORD");
  }
  if (dockerAuthConfig) rivals.push(...inVariable(dockerAuthConfig, wanted));
  const { config } = await readStoredConfig(file);
  const narrower = keysFor(config, wanted).filter((key) => parseRegistryKey(key)?.path !== "");
  return [...rivals, ...narrower.map((key) => `the entry ${JSON.stringify(key)} in ${config.origin}`)];
}

function inVariable(text: string, wanted: string | undefined): readonly string[] {
  try {
    const config = parseAuthConfig(text, { origin: "DOCKER_AUTH_CONFIG", kind: "docker" });
    return keysFor(config, wanted).map((key) => `the entry ${JSON.stringify(key)} in DOCKER_AUTH_CONFIG`);
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    return ["DOCKER_AUTH_CONFIG, which cannot be read,"];
  }
}

/** The keys of a registry that name a helper or have a credential. */
function keysFor({ helpers, auths }: AuthConfig, wanted: string | undefined): readonly string[] {
  const filled = auths.filter(([, entry]) => {
    const read = readAuthEntry(entry);
    return "malformed" in read || read.credential !== undefined;
  });
  const keys = [...helpers.filter(([, helper]) => helper !== ""), ...filled].map(([key]) => key);
  return [...new Set(keys)].filter((key) => parseRegistryKey(key)?.registry === wanted);
}
