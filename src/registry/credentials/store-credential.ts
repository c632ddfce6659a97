import { PlimsollError } from "../../model/error.ts";
import { dockerHub } from "../../model/packages/reference.ts";
import type { AuthConfig } from "./auth-config.ts";
import type { Credential } from "./credential.ts";
import type { CredentialFile } from "./credential-files.ts";
import { askHelper, eraseWithHelper, type HelperPlace, type RunHelper, storeWithHelper } from "./credential-helper.ts";
import { removeJsonMember, setJsonMember } from "./edit-json.ts";
import { readStoredConfig } from "./read-auth-config.ts";
import { helpersFor } from "./registry-helpers.ts";
import { dockerHubServer, entriesFor, parseRegistryKey } from "./registry-key.ts";
import { replaceFile } from "./replace-file.ts";

/** What can be stored: a token of a registry lives too short to be worth it. */
export type StorableCredential = Exclude<Credential, { kind: "registry-token" }>;

/** Where credentials are stored. */
export interface CredentialStore {
  /** Usually the first of `credentialFiles`. */
  readonly file: CredentialFile;
  readonly runHelper: RunHelper;
}

/** Where a credential is now. */
export interface StoredPlace {
  /** The file that holds it, or that names the helper which does. */
  readonly path: string;
  /**
   * The helper's name after `docker-credential-`; absent when the file itself holds the credential, which anybody can
   * read who can read the file.
   */
  readonly helper?: string;
}

const newFile = "{}\n";

/**
 * Stores the credential of a registry as `docker login` does: with the registry's helper if the file names one, else
 * with the helper for all registries, else in the file. Other forms of the registry's key go, since one of them could
 * come first. The rest of the file stays as it is; the file is then for its owner alone.
 *
 * Errors: `usage`, `file-malformed`, `target-unreadable`, `output-not-written`.
 */
export async function storeCredential(
  registry: string,
  { file, runHelper, credential }: CredentialStore & { readonly credential: StorableCredential },
): Promise<StoredPlace> {
  const { text, config } = await readStore(file);
  const place = helperPlaces(config, registry)[0];
  if (place) await storeWithHelper(runHelper, { ...place, credential });
  // An empty entry says that a helper has the credential: so does docker, which lists what it is logged in to from it.
  const value = place ? {} : entryOf(credential);
  const key = keyFor(registry, file);
  const old = entriesFor(config.auths, { registry }).flatMap(([other]) => (other === key ? [] : [other]));
  const rest = old.reduce((result, other) => removeJsonMember(result, ["auths", other]), text);
  await replaceFile(file.path, setJsonMember(rest, { path: ["auths", key], value }));
  return { path: file.path, ...(place && { helper: place.helper }) };
}

/**
 * Forgets the credential of a registry, as `docker logout` does: in the file, whatever form its key has, and in the
 * helpers that the file names for it. Entries for a path below the registry stay. False when there was none.
 *
 * Errors: `usage`, `file-malformed`, `target-unreadable`, `output-not-written`.
 */
export async function removeCredential(registry: string, { file, runHelper }: CredentialStore): Promise<boolean> {
  const { text, config } = await readStore(file);
  let removed = false;
  for (const place of helperPlaces(config, registry)) {
    // Most helpers silently ignore the erasure of an unknown credential.
    const isKept = await isKeptBy(place, runHelper);
    if ((await eraseWithHelper(runHelper, place)) && isKept) removed = true;
  }
  const keys = entriesFor(config.auths, { registry }).map(([key]) => key);
  if (keys.length === 0) return removed;
  await replaceFile(
    file.path,
    keys.reduce((result, key) => removeJsonMember(result, ["auths", key]), text),
  );
  return true;
}

/**
 * Whether a helper has a credential; true for a helper that cannot say, so that the credential is erased all the same.
 */
async function isKeptBy(place: HelperPlace, runHelper: RunHelper): Promise<boolean> {
  try {
    return (await askHelper(runHelper, place)) !== undefined;
  } catch (cause) {
    if (cause instanceof PlimsollError && cause.code === "target-unreadable") return true;
    throw cause;
  }
}

async function readStore(file: CredentialFile): Promise<{ readonly text: string; readonly config: AuthConfig }> {
  const { text, config } = await readStoredConfig(file);
  return { text: text.trim() === "" ? newFile : text, config };
}

/** The helpers that keep the credential of a registry, the one that is asked first in front. */
function helperPlaces(config: AuthConfig, registry: string): readonly HelperPlace[] {
  const { own, store } = helpersFor(config, { registry });
  return store ? [...own, store] : own;
}

function keyFor(registry: string, { kind }: CredentialFile): string {
  if (parseRegistryKey(registry)?.registry !== dockerHub) return registry;
  return kind === "docker" ? dockerHubServer : dockerHub;
}

function entryOf(credential: StorableCredential): object {
  if (credential.kind === "basic") {
    const pair = `${credential.username}:${credential.password.reveal()}`;
    return { auth: Buffer.from(pair, "utf8").toString("base64") };
  }
  const { token, username } = credential;
  const auth = username === undefined ? {} : { auth: Buffer.from(`${username}:`, "utf8").toString("base64") };
  return { ...auth, identitytoken: token.reveal() };
}
