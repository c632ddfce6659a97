import { ChildProcessFailure } from "../../io/processes/child-process.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import { credentialOf } from "./auth-entry.ts";
import type { Credential } from "./credential.ts";
import { helperFailed } from "./credential-failure.ts";
import { type ProgramAnswer, type ProgramPlace, programRunner } from "./run-program.ts";
import { Secret } from "./secret.ts";

/**
 * Programs named `docker-credential-NAME` that keep credentials. Their standard input receives the request: for `get`
 * and `erase` the name of the server, for `store` an object with `ServerURL`, `Username` and `Secret`, which is also
 * the answer to `get`. A helper that has nothing says `credentials not found…` and exits with 1.
 *
 * Source: docker/docker-credential-helpers, README and `credentials/`.
 */
export interface HelperCall {
  /** What follows `docker-credential-` in its name. */
  readonly helper: string;
  readonly action: "get" | "store" | "erase";
  readonly input: Secret;
}

/** Runs a helper; undefined when there is no such program. Errors: {@link ChildProcessFailure}, `cancelled`. */
export type RunHelper = (call: HelperCall) => Promise<ProgramAnswer | undefined>;

/** Which helper keeps a server's credential. */
export interface HelperPlace {
  readonly helper: string;
  /** The name of the registry as the helper knows it. */
  readonly server: string;
  /** The file that names the helper. */
  readonly origin: string;
}

/** Runs helpers as programs are run. */
export function helperRunner(options: ProgramPlace): RunHelper {
  const run = programRunner(options);
  return ({ helper, action, input }) => run({ name: `docker-credential-${helper}`, args: [action], input });
}

/** The credential that a helper keeps; undefined when it does not keep one. Errors: `target-unreadable`. */
export async function askHelper(run: RunHelper, place: HelperPlace): Promise<Credential | undefined> {
  const output = await call(run, { ...place, action: "get", input: new Secret(place.server) });
  if (output === undefined) return undefined;
  const answer = parseAnswer(output);
  if (!answer) throw helperFailed({ ...place, reason: "its output is not a credential" });
  return credentialOf(answer);
}

/** Has a helper keep a credential. Errors: `target-unreadable`. */
export async function storeWithHelper(
  run: RunHelper,
  { credential, ...place }: HelperPlace & { readonly credential: Exclude<Credential, { kind: "registry-token" }> },
): Promise<void> {
  const [Username, secret] =
    credential.kind === "basic" ? [credential.username, credential.password] : ["<token>", credential.token];
  const input = new Secret(JSON.stringify({ ServerURL: place.server, Username, Secret: secret.reveal() }));
  await call(run, { ...place, action: "store", input });
}

/** Has a helper forget a credential; false when it says that it had none. Errors: `target-unreadable`. */
export async function eraseWithHelper(run: RunHelper, place: HelperPlace): Promise<boolean> {
  return (await call(run, { ...place, action: "erase", input: new Secret(place.server) })) !== undefined;
}

/** What a helper wrote; undefined when it says that it has nothing. */
async function call(
  run: RunHelper,
  { helper, origin, action, input }: HelperPlace & HelperCall,
): Promise<string | undefined> {
  const answer = await run({ helper, action, input }).catch((cause: unknown) => {
    if (cause instanceof ChildProcessFailure) throw helperFailed({ helper, origin, reason: cause.message });
    throw cause;
  });
  if (!answer) throw helperFailed({ helper, origin, reason: "the program was not found in PATH" });
  const output = answer.output.reveal();
  if (answer.exitCode === 0) return output;
  if (/credentials not found/i.test(output)) return undefined;
  const reason = answer.exitCode === undefined ? "a signal ended it" : `it exits with ${answer.exitCode}`;
  throw helperFailed({ helper, origin, reason });
}

/** Some helpers end their answer with a newline, some with a zero byte. */
function parseAnswer(output: string): { username: string; password: string } | undefined {
  try {
    const answer: unknown = JSON.parse(trimEnd(output, "\0 \t\r\n"));
    if (!isJsonObject(answer)) return undefined;
    const { Username: username = "", Secret: password = "" } = answer;
    return typeof username === "string" && typeof password === "string" ? { username, password } : undefined;
  } catch {
    return undefined;
  }
}
