import { credentialFiles } from "../../registry/credentials/credential-files.ts";
import { helperRunner } from "../../registry/credentials/credential-helper.ts";
import { rivalsOf } from "../../registry/credentials/rival-credentials.ts";
import { Secret } from "../../registry/credentials/secret.ts";
import {
  type CredentialStore,
  removeCredential,
  type StoredPlace,
  storeCredential,
} from "../../registry/credentials/store-credential.ts";
import { openRegistryClient, type RegistryAccess } from "../targets/registry-access.ts";

/** A user's credentials for a registry. */
export interface Login {
  readonly registry: string;
  readonly username: string;
  /** A password, or an access token in its place. */
  readonly password: string;
}

/** What came of a log-in. */
export interface LoggedIn {
  readonly place: StoredPlace;
  /** True when the registry asked for the credential and took it; false for one that lets anybody in. */
  readonly proved: boolean;
  /** Sources that override the credential, for all or some repositories: each as the subject of a sentence. */
  readonly rivals: readonly string[];
}

/**
 * Shows a credential to a registry and, when it is accepted, stores it where `docker login` would.
 *
 * Errors: `registry-refused` for a credential that is not accepted, then nothing is stored; those of a request;
 * `file-malformed`, `target-unreadable`, `output-not-written` of the file that stores it.
 */
export async function logIn(
  login: Login,
  { access, signal }: { readonly access: RegistryAccess; readonly signal: AbortSignal },
): Promise<LoggedIn> {
  const { registry, username, password } = login;
  const client = openRegistryClient({ ...access, credential: login }, signal);
  const proved = (await client.checkLogin(registry)) === "accepted";
  const credential = { kind: "basic", username, password: new Secret(password) } as const;
  const store = storeOf(access, signal);
  const place = await storeCredential(registry, { ...store, credential });
  const explicit = access.credential?.registry;
  const dockerAuthConfig = access.environment["DOCKER_AUTH_CONFIG"];
  const rivals = await rivalsOf(registry, {
    file: store.file,
    ...(explicit !== undefined && { explicit }),
    ...(dockerAuthConfig && { dockerAuthConfig }),
  });
  return { proved, place, rivals };
}

/** Forgets what was stored for a registry; gives the file. False when nothing was. Errors: as of {@link logIn}. */
export async function logOut(
  registry: string,
  { access, signal }: { readonly access: RegistryAccess; readonly signal: AbortSignal },
): Promise<{ readonly removed: boolean; readonly path: string }> {
  const store = storeOf(access, signal);
  return { removed: await removeCredential(registry, store), path: store.file.path };
}

function storeOf({ environment, home }: RegistryAccess, signal: AbortSignal): CredentialStore {
  const [first] = credentialFiles(environment, { home });
  if (!first) throw new Error("there is always a file of Docker's");
  return { file: first, runHelper: helperRunner({ searchPath: environment["PATH"] ?? "", environment, signal }) };
}
