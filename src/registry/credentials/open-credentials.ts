import { ChildProcessFailure } from "../../io/processes/child-process.ts";
import { PlimsollError } from "../../model/error.ts";
import { type AuthConfig, parseAuthConfig } from "./auth-config.ts";
import { readAuthEntry } from "./auth-entry.ts";
import type { Credential, CredentialSource } from "./credential.ts";
import { malformedFile } from "./credential-failure.ts";
import type { CredentialFile } from "./credential-files.ts";
import { askHelper, type HelperPlace, type RunHelper } from "./credential-helper.ts";
import { readAuthConfig } from "./read-auth-config.ts";
import { helpersFor } from "./registry-helpers.ts";
import { entriesFor, parseRegistryKey } from "./registry-key.ts";
import type { ProgramAnswer } from "./run-program.ts";

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
/** Repositories of which is known what could not be asked for them. */
const mostUnasked = 1000;

/**
 * Credentials as Docker and Podman find them. In each file come first the helper of the registry, then the entry for
 * the longest path that the repository is below, then the helper for all registries, and last the entry for the whole
 * registry, which may be an old one from before there was a helper. A helper that fails counts as having nothing, and
 * is the error when the rest of its file has nothing either. Nothing is read before something is asked.
 */
export function openCredentials({ explicit, dockerAuthConfig, files, runHelper }: CredentialOptions): CredentialSource {
  const answers = new Memory<ProgramAnswer | ChildProcessFailure | undefined>();
  const run: RunHelper = async (call) => {
    const ask = () => runHelper(call).catch(failureOf);
    const answer = await answers.recall(`${call.helper} ${call.input.reveal()}`, ask);
    if (answer instanceof ChildProcessFailure) throw answer;
    return answer;
  };
  const documents = new Memory<Document>();
  const fromVariable = async (text: string): Promise<Document> => {
    return { config: parseAuthConfig(text, { origin: "DOCKER_AUTH_CONFIG", kind: "docker" }) };
  };
  const sources: readonly (() => Promise<Document>)[] = [
    ...(dockerAuthConfig ? [() => fromVariable(dockerAuthConfig)] : []),
    ...files.map((file) => () => documents.recall(file.path, () => readDocument(file))),
  ];
  const unasked = new Unasked();
  return {
    async find(registry, repository) {
      if (explicit && isSameRegistry(explicit.registry, registry)) return explicit.credential;
      const failures: PlimsollError[] = [];
      const found = await findFirst(sources, { registry, repository, run, failures });
      unasked.keep(placeOf(registry, repository), failures[0]);
      return found;
    },
    unasked: (registry, repository) => unasked.of(placeOf(registry, repository)),
  };
}

/** A program's own failure is an answer too: it is not run again for each request. */
function failureOf(cause: unknown): ChildProcessFailure {
  if (cause instanceof ChildProcessFailure) return cause;
  throw cause;
}

/** The content of a file, or the reason why an expected file was not read. */
interface Document {
  readonly config?: AuthConfig;
  readonly failure?: PlimsollError;
}

async function readDocument(file: CredentialFile): Promise<Document> {
  try {
    const { config, missing } = await readAuthConfig(file);
    return { config, ...(missing && { failure: missing }) };
  } catch (cause) {
    if (file.mayBeClosed && isUnreadable(cause)) return { failure: cause };
    throw cause;
  }
}

interface Question {
  readonly registry: string;
  readonly repository: string | undefined;
  readonly run: RunHelper;
  /** What was passed over is added here. */
  readonly failures: PlimsollError[];
}

async function findFirst(
  sources: readonly (() => Promise<Document>)[],
  question: Question,
): Promise<Credential | undefined> {
  for (const read of sources) {
    const { config, failure } = await read();
    if (failure) question.failures.push(failure);
    const credential = config && (await findIn(config, question));
    if (credential) return credential;
  }
  return undefined;
}

async function findIn(config: AuthConfig, question: Question): Promise<Credential | undefined> {
  const { registry, run } = question;
  const { own, store } = helpersFor(config, question);
  const entries = entriesFor(config.auths, question);
  const isNarrow = ([key]: (typeof entries)[number]): boolean => parseRegistryKey(key)?.path !== "";
  const narrow = entries.filter(isNarrow);
  const wide = entries.filter((entry) => !isNarrow(entry));
  const failures: PlimsollError[] = [];
  const found =
    (await askInTurn(own, { run, failures })) ??
    firstOf(narrow, { registry, config }) ??
    (await askInTurn(store ? [store] : [], { run, failures })) ??
    firstOf(wide, { registry, config });
  const [failure] = failures;
  if (!found && failure) throw failure;
  question.failures.push(...failures);
  return found;
}

async function askInTurn(
  places: readonly HelperPlace[],
  { run, failures }: Pick<Question, "run" | "failures">,
): Promise<Credential | undefined> {
  for (const place of places) {
    const credential = await askHelper(run, place).catch((cause: unknown) => {
      if (!isUnreadable(cause)) throw cause;
      failures.push(cause);
      return undefined;
    });
    if (credential) return credential;
  }
  return undefined;
}

function firstOf(
  entries: readonly (readonly [key: string, value: unknown])[],
  { registry, config }: { readonly registry: string; readonly config: AuthConfig },
): Credential | undefined {
  for (const [, value] of entries) {
    const entry = readAuthEntry(value);
    if ("malformed" in entry) throw malformedFile(config.origin, `in the entry for ${registry}, ${entry.malformed}`);
    if (entry.credential) return entry.credential;
  }
  return undefined;
}

function isUnreadable(cause: unknown): cause is PlimsollError {
  return cause instanceof PlimsollError && cause.code === "target-unreadable";
}

function isSameRegistry(one: string, other: string): boolean {
  return parseRegistryKey(one)?.registry === parseRegistryKey(other)?.registry;
}

function placeOf(registry: string, repository = ""): string {
  return `${registry.toLowerCase()}/${repository}`;
}

/** What could not be asked, by the place for which it should have been; the oldest goes first. */
class Unasked {
  readonly #failures = new Map<string, PlimsollError>();

  of(place: string): PlimsollError | undefined {
    return this.#failures.get(place);
  }

  keep(place: string, failure: PlimsollError | undefined): void {
    this.#failures.delete(place);
    if (!failure) return;
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= mostUnasked && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(place, failure);
  }
}

/** Answers that stay true for a while. A failed answer is not kept. */
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
