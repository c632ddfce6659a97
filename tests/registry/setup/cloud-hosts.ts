import { beforeAll, onTestFinished } from "vitest";
import { openRegistryClient, type RegistryClient } from "../../../src/pipeline/targets/registry-access.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { type FakeInternet, fakeInternet, type InternetHost } from "./fake-internet.ts";
import { reference } from "./registry-client.ts";

/** An image manifest without layers, which a registry shows to who may pull. */
export const emptyManifest: Readonly<Record<string, unknown>> & { readonly mediaType: string } = {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: { mediaType: "application/vnd.oci.empty.v1+json", digest: `sha256:${"0".repeat(64)}`, size: 2 },
  layers: [],
};

/** The hosts of one test, and the registry client that is behind their proxy. */
export interface CloudHosts extends FakeInternet {
  readonly client: RegistryClient;
  /** Asks for an image. */
  readonly pull: (name: string) => Promise<unknown>;
}

/** What a registry client has of its user. */
export interface CloudUser {
  readonly environment?: Readonly<Record<string, string>>;
  /** The home folder; without it one that is empty. */
  readonly home?: string;
}

/** A folder for the tests of a file, and what opens the hosts of one test; call it where a file begins. */
export function cloudHosts(names: readonly string[]): {
  readonly folder: string;
  readonly open: (hosts: Readonly<Record<string, InternetHost>>, user?: CloudUser) => Promise<CloudHosts>;
} {
  const folder = temporaryFolder();
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates(folder, [...names]);
  });
  const open = async (
    hosts: Readonly<Record<string, InternetHost>>,
    { environment = {}, home = folder }: CloudUser = {},
  ): Promise<CloudHosts> => {
    const internet = await fakeInternet(hosts, certificates.server);
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const access = {
      // The metadata service of the machine that the tests run on is none of theirs.
      environment: { AWS_EC2_METADATA_DISABLED: "true", ...internet.proxies, ...environment },
      home,
      caFile: certificates.authority.certificate,
    };
    const client = openRegistryClient(access, controller.signal);
    return { ...internet, client, pull: (name) => client.manifest(reference(name)) };
  };
  return { folder, open };
}

/** A registry that shows its manifest to who shows this header. */
export function basicRegistry(accepts: (header: string) => boolean): InternetHost {
  return ({ url, headers }) => {
    if (headers.authorization === undefined || !accepts(headers.authorization))
      return {
        status: 401,
        json: {},
        headers: { "www-authenticate": `Basic realm="https://${url.host}/",service="ecr.amazonaws.com"` },
      };
    return { json: emptyManifest, headers: { "content-type": emptyManifest.mediaType } };
  };
}

/** The header of Basic authentication. */
export function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
