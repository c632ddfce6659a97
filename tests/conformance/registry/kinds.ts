import type { InternetHost } from "../../registry/setup/fake-internet.ts";
import { corpusJson } from "../../setup/corpus.ts";

/** What the corpus says of one kind of registry. */
export interface RegistryKind {
  readonly registry: string;
  /** With `<account>`, `<region>` or `*` for a part that is whoever's registry it is. */
  readonly hosts?: readonly string[];
  readonly config_key?: string;
  readonly challenge?: string;
  readonly alternative_challenge?: string;
  readonly note?: string;
  readonly token_reply?: Readonly<Record<string, unknown>>;
  readonly token_api?: {
    readonly call: string;
    readonly reply: { readonly authorizationData: readonly Readonly<Record<string, unknown>>[] };
    readonly user: string;
    readonly valid_hours: number;
  };
  readonly flow?: readonly string[];
  readonly identity_token_user?: string;
  readonly users?: readonly string[];
  readonly modes?: readonly string[];
  readonly list_repositories?: string;
  readonly list_tags?: string;
  readonly errors?: readonly {
    readonly status: number;
    readonly body: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  }[];
  readonly traps?: readonly string[];
  readonly push_event?: string;
  readonly referrers?: string;
  readonly verified: string;
}

/** The kinds of registries that the corpus tells of. */
export function registryKinds(): readonly RegistryKind[] {
  return corpusJson<{ registries: RegistryKind[] }>("platform", "registry", "registries.json").registries;
}

/** What a kind is called here. */
export const vendorIds: Readonly<Record<string, string>> = {
  "Docker Hub": "docker-hub",
  distribution: "distribution",
  "AWS ECR": "amazon-ecr",
  "AWS ECR Public": "amazon-ecr",
  "Google Artifact Registry / GCR": "google-artifact-registry",
  "Azure ACR": "azure-container-registry",
  GHCR: "ghcr",
  Quay: "quay",
  Harbor: "harbor",
  "Sonatype Nexus": "nexus",
  "JFrog Artifactory": "artifactory",
  "OpenShift internal": "openshift",
  GitLab: "gitlab",
  zot: "zot",
};

/** The members of the kinds that are there, and how many of each. */
export function membersOf(kinds: readonly RegistryKind[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) {
    for (const [name, value] of Object.entries(kind)) {
      counts[name] = (counts[name] ?? 0) + (Array.isArray(value) ? value.length : 1);
    }
  }
  return counts;
}

/** One of the kinds, by its name. */
export function registryKind(name: string): RegistryKind {
  const kind = registryKinds().find(({ registry }) => registry === name);
  if (!kind) throw new Error(`there is no kind ${name}`);
  return kind;
}

/** The variable with which a user has the name `alice` and the password `wonder` for a registry. */
export function logIn(registry: string): Record<string, string> {
  const auth = Buffer.from("alice:wonder").toString("base64");
  return { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [registry]: { auth } } }) };
}

/** A host that answers for some paths, and for no others. */
export function hostOf(answers: Readonly<Record<string, ReturnType<InternetHost>>>): InternetHost {
  return ({ url }) => answers[url.pathname];
}

/** The answer to a stranger. */
export function refusal(challenge: string): ReturnType<InternetHost> {
  return { status: 401, json: {}, headers: { "www-authenticate": challenge } };
}

/** The answer with a catalogue. */
export function catalogOf(...repositories: readonly string[]): { json: object } {
  return { json: { repositories } };
}
