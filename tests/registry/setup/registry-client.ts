import { onTestFinished } from "vitest";
import type { ImageReference } from "../../../src/model/packages/reference.ts";
import { parseReference } from "../../../src/model/packages/reference.ts";
import { RegistryClient, type RegistryClientOptions } from "../../../src/registry/connection/registry-client.ts";
import type { Credential, CredentialSource } from "../../../src/registry/credentials/credential.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";

/** A user name and a password, or a token. */
export function basic(username: string, password: string): Credential {
  return { kind: "basic", username, password: new Secret(password) };
}

/** What {@link testClient} takes beside what a client takes: credentials by registry. */
export interface TestClientOptions extends Partial<Omit<RegistryClientOptions, "credentials">> {
  readonly credentials?: Readonly<Record<string, Credential>>;
}

/** A client that tries again at once and not for long; it ends with the test. */
export function testClient({ credentials = {}, limits, ...options }: TestClientOptions = {}): RegistryClient {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const source: CredentialSource = { find: (registry) => Promise.resolve(credentials[registry]) };
  return new RegistryClient({
    signal: controller.signal,
    ...options,
    credentials: source,
    limits: { retryDelay: 1, idleTimeout: 5_000, longestWait: 3_000, ...limits },
  });
}

/** A reference that a test writes. */
export function reference(text: string): ImageReference {
  const parsed = parseReference(text);
  if (!parsed) throw new Error(`${text} is no reference`);
  return parsed;
}

/** All that comes, as one piece. */
export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** All that comes, as a list. */
export async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
