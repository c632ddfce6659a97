import { beforeAll } from "vitest";
import type { RegistryClient } from "../../../src/registry/connection/registry-client.ts";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";
import { type Certificates, makeCertificates, pem } from "./certificates.ts";
import { type FakeInternet, fakeInternet, type InternetHost } from "./fake-internet.ts";
import { listOf, testClient } from "./registry-client.ts";

/** Hosts of an internet, and the credentials that a client of it has. */
export interface Setting {
  readonly hosts: Readonly<Record<string, InternetHost>>;
  readonly credentials?: Readonly<Record<string, Credential>>;
}

/** A {@link FakeInternet} and a client in it. */
export type InternetWithClient = FakeInternet & { readonly client: RegistryClient };

/** Makes certificates for hosts before the tests of a file; gives what starts an internet of such hosts. Call it at the top of the file. */
export function internetOf(names: readonly string[]): (setting: Setting) => Promise<InternetWithClient> {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates(temporaryFolder(), names);
  });
  return async ({ hosts, credentials = {} }) => {
    const internet = await fakeInternet(hosts, certificates.server);
    const ca = pem(certificates.authority.certificate);
    const client = testClient({ credentials, proxies: internet.proxies, settings: { get: () => ({ ca }) } });
    return { ...internet, client };
  };
}

/** The names of the repositories below a prefix, sorted. */
export async function sortedRepositories(client: RegistryClient, registry: string, prefix: string): Promise<string[]> {
  return (await listOf(repositoriesBelow(client, registry, prefix))).sort();
}

/** A registry with a token server, that knows the tags of some repositories. */
export function tokenRegistry(
  host: string,
  { realm, tags = {} }: { realm: string; tags?: Record<string, string[]> },
): InternetHost {
  return ({ url, headers }) => {
    if (headers.authorization === undefined)
      return {
        status: 401,
        json: {},
        headers: { "www-authenticate": `Bearer realm="${realm}",service="${host}"` },
      };
    const name = /^\/v2\/(.+)\/tags\/list$/.exec(url.pathname)?.[1] ?? "";
    return tags[name] ? { json: { name, tags: tags[name] } } : undefined;
  };
}
