import { type Command, InvalidArgumentError, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { isRegistry, parseReference } from "../../../model/packages/reference.ts";
import { trimEnd } from "../../../model/text/trim-end.ts";
import type { RegistryAccess, RegistryClient } from "../../../pipeline/targets/registry-access.ts";
import { collectValues } from "../options/collect-values.ts";
import { writeNote } from "../terminal/output.ts";
import { homeFolder } from "../user-folders.ts";

/** The options of every command that asks registries, as commander gives them. */
export interface RegistryFlags {
  readonly insecure?: readonly string[];
  readonly registryCa?: string;
  readonly registryMirror?: readonly Mirror[];
  readonly registryTrust?: readonly string[];
}

interface Mirror {
  readonly registry: string;
  readonly mirror: string;
}

/** Adds the options of every command that asks registries. */
export function addRegistryOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--insecure <registry>", "allow HTTP and unverified certificates for this registry")
        .hideHelp()
        .argParser(collectValues(registryName)),
    )
    .addOption(new Option("--registry-ca <file>", "CA certificates for registries, PEM").hideHelp())
    .addOption(
      new Option("--registry-mirror <registry=mirror>", "try this mirror, HOST[/PREFIX], first")
        .hideHelp()
        .argParser(collectValues(readMirror)),
    )
    .addOption(
      new Option("--registry-trust <host>", "private-network host to which a registry may redirect")
        .hideHelp()
        .argParser(collectValues(readTrusted)),
    );
}

/**
 * A client for registries as the flags and the environment have it: `PLIMSOLL_INSECURE`, `PLIMSOLL_REGISTRY_CA`, and
 * `PLIMSOLL_REGISTRY_USER` with `PLIMSOLL_REGISTRY_PASSWORD` for the registry `PLIMSOLL_REGISTRY`.
 */
export async function registryClient(flags: RegistryFlags, signal: AbortSignal): Promise<RegistryClient> {
  const { openRegistryClient } = await import("../../../pipeline/targets/registry-access.ts");
  return openRegistryClient(registryAccess(flags), signal);
}

/** How registries are reached, as {@link registryClient} has it. */
export function registryAccess(flags: RegistryFlags): RegistryAccess {
  const { env } = process;
  const insecure = [...(flags.insecure ?? []), ...listOf(env["PLIMSOLL_INSECURE"]).map(registryName)];
  const ca = flags.registryCa ?? env["PLIMSOLL_REGISTRY_CA"];
  const credential = givenCredential();
  return {
    environment: env,
    home: homeFolder(),
    insecure,
    waiting: (sentence) => writeNote(sentence),
    ...(ca && { caFile: ca }),
    ...(credential && { credential }),
    ...(flags.registryTrust && { trustedHosts: flags.registryTrust }),
    ...(flags.registryMirror && { mirrors: mirrorsOf(flags.registryMirror) }),
  };
}

function givenCredential(): RegistryAccess["credential"] {
  const { env } = process;
  const registry = env["PLIMSOLL_REGISTRY"];
  const username = env["PLIMSOLL_REGISTRY_USER"];
  const password = env["PLIMSOLL_REGISTRY_PASSWORD"];
  if (!registry && !username && !password) return undefined;
  if (!registry || !username || !password) {
    throw new PlimsollError("usage", "credentials in the environment need a registry, a user and a password", {
      hint: "Set PLIMSOLL_REGISTRY, PLIMSOLL_REGISTRY_USER and PLIMSOLL_REGISTRY_PASSWORD, or none of them.",
    });
  }
  return { registry: registryName(registry), username, password };
}

/** A registry as references name it. Error: `InvalidArgumentError`, without what may be a password. */
export function registryName(text: string): string {
  refuseUserInfo(text);
  const host = trimEnd(text.replace(/^https?:\/\//i, ""), "/");
  const registry = isRegistry(host) ? (parseReference(`${host}/name`)?.registry ?? host) : undefined;
  if (registry !== undefined && (/[.:]/.test(host) || host === "localhost")) return registry;
  throw new InvalidArgumentError(
    `${JSON.stringify(text.slice(0, 100))} is not a registry; expected HOST or HOST:PORT.`,
  );
}

/** Refuses a registry that is named with a user or a password, without repeating any of it. */
export function refuseUserInfo(text: string): void {
  if (!text.includes("@")) return;
  throw new InvalidArgumentError(
    "Give the registry without user name and password, as HOST or HOST:PORT; plimsoll login HOST prompts for them.",
  );
}

function readMirror(text: string): Mirror {
  const equals = text.indexOf("=");
  const mirror = trimEnd(text.slice(equals + 1), "/");
  if (equals < 1 || !isRegistry(mirror.split("/")[0] ?? "")) {
    throw new InvalidArgumentError("Expected REGISTRY=MIRROR, for example docker.io=mirror.example.com/hub.");
  }
  return { registry: registryName(text.slice(0, equals)), mirror };
}

function readTrusted(text: string): string {
  const host = trimEnd(text.replace(/^https?:\/\//i, ""), "/");
  if (isRegistry(host.replace(/^\*\./, ""))) return host;
  throw new InvalidArgumentError("Expected HOST, HOST:PORT or *.DOMAIN.");
}

function mirrorsOf(mirrors: readonly Mirror[]): Map<string, readonly string[]> {
  const byRegistry = Map.groupBy(mirrors, ({ registry }) => registry);
  return new Map([...byRegistry].map(([registry, own]) => [registry, own.map(({ mirror }) => mirror)]));
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? "").split(/[\s,]+/).filter((name) => name !== "");
}
