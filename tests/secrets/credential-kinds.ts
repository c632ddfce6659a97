import { readFileSync } from "node:fs";
import { basicAuthorization } from "../../src/io/http/basic-authorization.ts";
import type { Certificates } from "../registry/setup/certificates.ts";
import { pem } from "../registry/setup/certificates.ts";
import {
  type Guard,
  type GuardedRegistry,
  guardedRegistry,
  type HeardRequest,
  type Spoil,
} from "./guarded-registry.ts";
import { markedProxy } from "./marked-proxy.ts";
import { type MarkedSecret, markedSecret } from "./marked-secret.ts";

/** A registry that knows ada, and what her program knows of itself. */
export interface OpenedKind {
  readonly registry: GuardedRegistry;
  /** By which commands name it. */
  readonly host: string;
  /** All that may not show. */
  readonly secrets: readonly MarkedSecret[];
  /** What the servers must have been shown for all to be well; a part of `secrets`. */
  readonly shown: readonly MarkedSecret[];
  /** What is typed at a log-in. */
  readonly password: MarkedSecret;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** As {@link OwnRun.files}. */
  readonly files: Readonly<Record<string, string>>;
  /** All that the servers were shown. */
  readonly heard: () => readonly string[];
}

/** With what a kind is opened. */
export interface OpenKindOptions {
  /** The registry without credentials that stands behind it. */
  readonly store: string;
  readonly spoil?: Spoil;
  /** As {@link GuardedRegistry.turn}. */
  readonly turn?: number;
  readonly certificates: Certificates;
}

const password = markedSecret("ada's password");
const accessToken = markedSecret("the access token", "token");

/** The ways in which a program proves to a registry who it is, and others by which it has secrets. */
export const credentialKinds: Readonly<Record<string, (options: OpenKindOptions) => Promise<OpenedKind>>> = {
  "a stored password": (options) => stored({ auth: basicPair(password) }, { ...options, guard: byPassword }),
  "a stored password and a token server": (options) =>
    stored({ auth: basicPair(password) }, { ...options, guard: byToken(isAda), more: [accessToken] }),
  "an identity token": (options) => {
    const secret = markedSecret("the identity token");
    const refreshes = ({ method, body }: HeardRequest): boolean =>
      method === "POST" && new URLSearchParams(body).get("refresh_token") === secret.value;
    return stored(
      { identitytoken: secret.value },
      { ...options, guard: byToken(refreshes), secret, more: [accessToken] },
    );
  },
  "an identity token in place of a password": (options) => {
    const secret = markedSecret("the identity token that is shown as a password");
    const shows = ({ method, headers }: HeardRequest): boolean =>
      method === "GET" && headers.authorization === basicAuthorization({ username: "<token>", password: secret.value });
    return stored({ identitytoken: secret.value }, { ...options, guard: byToken(shows), secret, more: [accessToken] });
  },
  "a registry token": async (options) => {
    const secret = markedSecret("the registry token", "token");
    const { letsIn, ...guard } = byToken(isAda);
    const both = { ...guard, letsIn: [...letsIn, `Bearer ${secret.value}`] };
    const opened = await stored({ registrytoken: secret.value }, { ...options, guard: both, secret });
    return { ...opened, secrets: [...opened.secrets, accessToken] };
  },
  "a helper": async (options) => {
    const opened = await open(options, byPassword);
    const answer = JSON.stringify({ ServerURL: opened.host, Username: "ada", Secret: password.value });
    const script = `#!/bin/sh\ncat >&2 <<'END'\ndebug: ${password.value}\nEND\ncat <<'END'\n${answer}\nEND\n`;
    const config = JSON.stringify({ credHelpers: { [opened.host]: "marked" } });
    return { ...opened, files: { ".docker/config.json": config, "bin/docker-credential-marked*": script } };
  },
  "the variables for one registry": async (options) => {
    // The names of hosts can hold it.
    const secret = markedSecret("ada's plain password", "plain");
    const opened = await open(options, { letsIn: [basicOf(secret)], challenge: basicChallenge });
    const env = {
      PLIMSOLL_REGISTRY: opened.host,
      PLIMSOLL_REGISTRY_USER: "ada",
      PLIMSOLL_REGISTRY_PASSWORD: secret.value,
    };
    return { ...opened, env, password: secret, secrets: [secret], shown: [secret] };
  },
  "the variable with a file of Docker's": async (options) => {
    const opened = await open(options, byToken(isAda));
    const auths = { [opened.host]: { username: "ada", password: password.value } };
    const secrets = [password, accessToken];
    return { ...opened, secrets, shown: secrets, env: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) } };
  },
  "a proxy that wants a password": async (options) => {
    const secret = markedSecret("the proxy's password");
    const { registry, ...opened } = await open(options, byPassword);
    // This machine itself is asked directly, whatever the variables say.
    const host = "registry.test";
    const { address, heard } = await markedProxy(secret, { [host]: registry.host });
    const secrets = [password, secret];
    return {
      ...opened,
      registry,
      host,
      secrets,
      shown: secrets,
      env: { http_proxy: address, https_proxy: address },
      args: ["--insecure", host],
      files: configOf({ [host]: { auth: basicPair(password) } }),
      heard: () => [...registry.heard, ...heard],
    };
  },
  "a mirror with a password of its own": async (options) => {
    const secret = markedSecret("the mirror's password");
    const mirror = await guardedRegistry(options.store, {
      guard: { letsIn: [basicOf(secret)], challenge: basicChallenge },
      spoil: options.spoil,
      turn: options.turn,
    });
    const opened = await open(options, byPassword);
    const { host } = opened;
    const auths = { [host]: { auth: basicPair(password) }, [mirror.host]: { auth: basicPair(secret) } };
    return {
      ...opened,
      secrets: [password, secret],
      shown: [secret],
      args: ["--registry-mirror", `${host}=${mirror.host}`],
      files: configOf(auths),
      heard: () => [...opened.registry.heard, ...mirror.heard],
    };
  },
  "addresses that are signed": async (options) => {
    const secret = markedSecret("the signature of an address");
    const storage = await guardedRegistry(options.store, {
      guard: { letsIn: [], challenge: () => "" },
      spoil: options.spoil,
      turn: options.turn,
    });
    const signed = (path: string): string =>
      `${storage.origin}${path}?X-Amz-Expires=300&X-Amz-Signature=${encodeURIComponent(secret.value)}`;
    const opened = await stored({ auth: basicPair(password) }, { ...options, guard: byPassword, storage: signed });
    const { secrets } = opened;
    return { ...opened, secrets: [...secrets, secret], args: ["--registry-trust", storage.host] };
  },
  "a client's key": async (options) => {
    const { certificates } = options;
    const opened = await stored({ auth: basicPair(password) }, { ...options, guard: byPassword, isSecure: true });
    const folder = `.config/containers/certs.d/${opened.host}`;
    const key = readFileSync(certificates.client.key, "utf8");
    const files = {
      ...opened.files,
      [`${folder}/ca.crt`]: pem(certificates.authority.certificate),
      [`${folder}/client.cert`]: pem(certificates.client.certificate),
      [`${folder}/client.key`]: key,
    };
    return { ...opened, secrets: [...opened.secrets, ...linesOf(key)], files };
  },
};

const ada = basicOf(password);
const basicChallenge = (): string => 'Basic realm="a registry"';
const bearerChallenge = (origin: string): string => `Bearer realm="${origin}/token",service="a registry"`;
const byPassword: Guard = { letsIn: [ada], challenge: basicChallenge };

function isAda({ headers }: HeardRequest): boolean {
  return headers.authorization === ada;
}

function byToken(isGiven: (request: HeardRequest) => boolean): Guard {
  return {
    letsIn: [`Bearer ${accessToken.value}`],
    challenge: bearerChallenge,
    // Whoever is ada may log in, whatever her program has stored.
    token: { secret: accessToken, isGiven: (request) => isGiven(request) || isAda(request) },
  };
}

function basicPair({ value }: MarkedSecret): string {
  return Buffer.from(`ada:${value}`).toString("base64");
}

function basicOf({ value }: MarkedSecret): string {
  return basicAuthorization({ username: "ada", password: value });
}

interface FrontOptions extends OpenKindOptions {
  readonly storage?: (path: string) => string;
  readonly isSecure?: true;
}

async function open(
  { store, spoil, turn, storage, isSecure, certificates }: FrontOptions,
  guard: Guard,
): Promise<OpenedKind> {
  const registry = await guardedRegistry(store, {
    guard,
    spoil,
    turn,
    storage,
    certificates: isSecure ? certificates : undefined,
  });
  const secrets = [password];
  return {
    registry,
    host: registry.host,
    secrets,
    shown: secrets,
    password,
    env: {},
    args: [],
    files: {},
    heard: () => [...registry.heard],
  };
}

/** With an entry of `config.json`; `secret` is what it holds, `more` what is secret beside it and shown as well. */
async function stored(
  entry: object,
  {
    guard,
    secret = password,
    more = [],
    ...options
  }: FrontOptions & { readonly guard: Guard; readonly secret?: MarkedSecret; readonly more?: readonly MarkedSecret[] },
): Promise<OpenedKind> {
  const opened = await open(options, guard);
  const shown = [secret, ...more];
  const secrets = [...new Set([password, ...shown])];
  return { ...opened, secrets, shown, files: configOf({ [opened.host]: entry }) };
}

function configOf(auths: object): OpenedKind["files"] {
  return { ".docker/config.json": JSON.stringify({ auths }) };
}

/** The lines of a key in PEM, each a secret. */
function linesOf(key: string): readonly MarkedSecret[] {
  const lines = key.split("\n").filter((line) => line.length > 20 && !line.startsWith("-"));
  return lines.map((line, index) => ({ name: `line ${index} of the client's key`, value: line, mark: line }));
}
