import { PlimsollError } from "../../model/error.ts";
import { type AuthConfig, parseAuthConfig } from "./auth-config.ts";
import { readAuthEntry } from "./auth-entry.ts";
import type { Credential, CredentialSource } from "./credential.ts";
import { malformedFile } from "./credential-failure.ts";
import { type CredentialFile, pathOf } from "./credential-files.ts";
import { askHelper, type HelperAnswer, type RunHelper } from "./credential-helper.ts";
import { readCredentialFile } from "./read-credential-file.ts";
import { entriesFor, parseRegistryKey, serverOf } from "./registry-key.ts";

/** Where credentials are looked for; the first that has one for a registry is believed. */
export interface CredentialOptions {
  /** What the user gave for one registry. */
  readonly explicit?: { readonly registry: string; readonly credential: Credential };
  /** The value of `DOCKER_AUTH_CONFIG`: the content of a file of Docker's. */
  readonly dockerAuthConfig?: string;
  /** In the order in which they are asked; those that do not exist are passed over. */
  readonly files: readonly CredentialFile[];
  readonly runHelper: RunHelper;
}

const rememberedFor = 5 * 60_000;

/**
 * Credentials as Docker and Podman find them. In each file come first the helper of the registry, then the entry for
 * the longest path that the repository is below, then the helper for all registries. Nothing is read before something
 * is asked.
 */
export function openCredentials({ explicit, dockerAuthConfig, files, runHelper }: CredentialOptions): CredentialSource {
  const answers = new Memory<HelperAnswer | undefined>();
  const run: RunHelper = (call) => answers.recall(`${call.helper} ${call.input.reveal()}`, () => runHelper(call));
  const documents = new Memory<AuthConfig | undefined>();
  const configs: readonly (() => Promise<AuthConfig | undefined>)[] = [
    async () => (dockerAuthConfig ? parseAuthConfig(dockerAuthConfig, "DOCKER_AUTH_CONFIG") : undefined),
    ...files.map((file) => () => documents.recall(file.path, () => readConfig(file))),
  ];
  return {
    async find(registry, repository) {
      if (explicit && isSameRegistry(explicit.registry, registry)) return explicit.credential;
      for (const read of configs) {
        const config = await read();
        const credential = config && (await findIn(config, { registry, repository, run }));
        if (credential) return credential;
      }
      return undefined;
    },
  };
}

async function readConfig(file: CredentialFile): Promise<AuthConfig | undefined> {
  const { kind, mayBeClosed } = file;
  const path = pathOf(file);
  const text = await readCredentialFile(path).catch((cause: unknown) => {
    if (mayBeClosed && cause instanceof PlimsollError && cause.code === "target-unreadable") return undefined;
    throw cause;
  });
  if (text === undefined) return undefined;
  const config = parseAuthConfig(text, path);
  return kind === "docker" ? config : { ...config, store: undefined };
}

interface Question {
  readonly registry: string;
  readonly repository: string | undefined;
  readonly run: RunHelper;
}

async function findIn(config: AuthConfig, { registry, repository, run }: Question): Promise<Credential | undefined> {
  const { origin } = config;
  for (const [key, helper] of entriesFor(config.helpers, { registry, repository })) {
    const credential = await askHelper(run, { helper, origin, server: serverOf(registry, key) });
    if (credential) return credential;
  }
  for (const [, value] of entriesFor(config.auths, { registry, repository })) {
    const entry = readAuthEntry(value);
    if ("malformed" in entry) throw malformedFile(origin, `in the entry for ${registry} ${entry.malformed}`);
    if (entry.credential) return entry.credential;
  }
  if (config.store === undefined) return undefined;
  return askHelper(run, { helper: config.store, origin, server: serverOf(registry, "") });
}

function isSameRegistry(one: string, other: string): boolean {
  return parseRegistryKey(one)?.registry === parseRegistryKey(other)?.registry;
}

/** Answers that stay true for a while. One that failed is not kept. */
class Memory<T> {
  readonly #answers = new Map<string, { readonly answer: Promise<T>; readonly until: number }>();

  recall(question: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(question);
    if (known && performance.now() < known.until) return known.answer;
    const answer = ask();
    this.#answers.set(question, { answer, until: performance.now() + rememberedFor });
    answer.catch(() => this.#answers.delete(question));
    return answer;
  }
}
