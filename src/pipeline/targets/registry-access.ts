import { namedPath } from "../../io/files/named-path.ts";
import { registryHost } from "../../model/packages/reference.ts";
import {
  certificateFolders,
  certificatesFor,
  readAuthorities,
} from "../../registry/authorization/certificate-folders.ts";
import { RegistryClient } from "../../registry/connection/registry-client.ts";
import { RegistryHost } from "../../registry/connection/registry-host.ts";
import { defaultLimits, type RegistrySettings } from "../../registry/connection/registry-settings.ts";
import type { Credential } from "../../registry/credentials/credential.ts";
import { credentialFiles } from "../../registry/credentials/credential-files.ts";
import { helperRunner } from "../../registry/credentials/credential-helper.ts";
import { openCredentials } from "../../registry/credentials/open-credentials.ts";
import { programRunner } from "../../registry/credentials/run-program.ts";
import { Secret } from "../../registry/credentials/secret.ts";
import type { CloudAccounts } from "../../registry/vendors/cloud-accounts.ts";
import { withVendorCredentials } from "../../registry/vendors/vendor-credentials.ts";

export type { RegistryClient } from "../../registry/connection/registry-client.ts";

/** How registries are reached, and where the credentials for them are. */
export interface RegistryAccess {
  /**
   * The variables that say where credentials and proxies are: `DOCKER_AUTH_CONFIG`, `DOCKER_CONFIG`,
   * `REGISTRY_AUTH_FILE`, `XDG_RUNTIME_DIR`, `XDG_CONFIG_HOME`, `HTTPS_PROXY` and their kin, `PATH` for credential
   * helpers; and those in which accounts at clouds stand: `AWS_…`, `GOOGLE_APPLICATION_CREDENTIALS`, `CLOUDSDK_CONFIG`,
   * `AZURE_…`.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** What was given for one registry; it goes before all files. */
  readonly credential?: { readonly registry: string; readonly username: string; readonly password: string };
  /** Registries whose certificate is not verified and that may speak plain HTTP. */
  readonly insecure?: readonly string[];
  /** A PEM file with authorities for all registries, beside those of the system. */
  readonly caFile?: string;
  /** `HOST[:PORT][/PREFIX]` by the registry whose images are looked for there first. */
  readonly mirrors?: ReadonlyMap<string, readonly string[]>;
  /** Hosts on private networks to which a registry may lead, as {@link RegistrySettings.trustedHosts}. */
  readonly trustedHosts?: readonly string[];
  /**
   * Registries that an outside source named, such as a notification: they are reached on the public internet alone,
   * unless they are given above too.
   */
  readonly fromOutside?: readonly string[];
  /** Told once for each registry, in a sentence, that it is being waited for. */
  readonly waiting?: (sentence: string) => void;
}

/**
 * A client for any number of registries, with the credentials that the user has, and with the certificates that Docker,
 * Podman and containerd would use. Nothing is read before a registry is asked.
 */
export function openRegistryClient(access: RegistryAccess, signal: AbortSignal): RegistryClient {
  const { environment, home, credential, waiting } = access;
  const dockerAuthConfig = environment["DOCKER_AUTH_CONFIG"];
  const accounts = cloudAccounts(access, signal);
  const known = new Map<string, RegistrySettings>();
  const own = openCredentials({
    files: credentialFiles(environment, { home, uid: process.getuid?.() }),
    runHelper: helperRunner({ searchPath: environment["PATH"] ?? "", environment, signal }),
    ...(credential && { explicit: explicitCredential(credential) }),
    ...(dockerAuthConfig !== undefined && { dockerAuthConfig }),
  });
  return new RegistryClient({
    signal,
    proxies: environment,
    settings: { get: (registry) => known.get(registry) ?? remembered(known, registry, settingsFor(registry, access)) },
    credentials: withVendorCredentials(own, accounts),
    accounts,
    ...(waiting && { waiting }),
  });
}

function explicitCredential({ registry, username, password }: NonNullable<RegistryAccess["credential"]>): {
  readonly registry: string;
  readonly credential: Credential;
} {
  return { registry, credential: { kind: "basic", username, password: new Secret(password) } };
}

/**
 * The servers of clouds are reached as registries are; none is shown a credential that is not given with the request.
 */
function cloudAccounts(access: RegistryAccess, signal: AbortSignal): CloudAccounts {
  const { environment, home } = access;
  const known = new Map<string, RegistryHost>();
  const made = (host: string, proxies: RegistryAccess["environment"] | undefined): RegistryHost =>
    new RegistryHost(host, {
      credentials: { find: () => Promise.resolve(undefined) },
      settings: settingsFor(host, access),
      proxies,
      limits: defaultLimits,
      signal,
    });
  return {
    environment,
    home,
    connect: (host) => known.get(host) ?? remembered(known, host, made(host, environment)),
    connectDirectly: (host) => made(host, undefined),
    runProgram: programRunner({ searchPath: environment["PATH"] ?? "", environment, signal }),
    signal,
  };
}

function remembered<T>(known: Map<string, T>, name: string, value: T): T {
  known.set(name, value);
  return value;
}

function settingsFor(registry: string, access: RegistryAccess): RegistrySettings {
  const { environment, home, insecure = [], caFile, mirrors, trustedHosts } = access;
  const found = certificatesFor(registry, certificateFolders(environment, home));
  const copies = mirrors?.get(registry);
  return {
    ...found,
    ...insecurityOf(registry, insecure),
    ...(caFile !== undefined && {
      sharedCa: readAuthorities(namedPath(caFile, { setting: "--registry-ca or PLIMSOLL_REGISTRY_CA" })),
    }),
    ...(copies && { mirrors: copies }),
    ...(trustedHosts && { trustedHosts }),
    ...(isFromOutside(registry, access) && { named: false }),
  };
}

function insecurityOf(
  registry: string,
  insecure: readonly string[],
): Pick<RegistrySettings, "insecure" | "otherInsecure"> {
  if (insecure.includes(registry)) return { insecure: true };
  const host = hostNameOf(registry);
  const otherInsecure = insecure.find((name) => hostNameOf(name) === host);
  return otherInsecure === undefined ? {} : { otherInsecure };
}

function hostNameOf(registry: string): string | undefined {
  return URL.parse(`https://${registryHost(registry)}`)?.hostname;
}

function isFromOutside(registry: string, access: RegistryAccess): boolean {
  const { fromOutside = [], insecure = [], credential, mirrors } = access;
  const copies = [...(mirrors?.values() ?? [])].flat().map((mirror) => mirror.split("/", 1)[0]);
  return fromOutside.includes(registry) && ![...insecure, credential?.registry, ...copies].includes(registry);
}
