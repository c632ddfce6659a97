import { describe, expect, test } from "vitest";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { cloudHosts } from "../../registry/setup/cloud-hosts.ts";
import type { InternetHost, InternetRequest } from "../../registry/setup/fake-internet.ts";
import { listOf } from "../../registry/setup/registry-client.ts";
import { describeWithCorpus } from "../../setup/corpus.ts";
import { catalogOf, hostOf, logIn, refusal, registryKind, registryKinds } from "./kinds.ts";

const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const ecrApi = "api.ecr.eu-west-1.amazonaws.com";
const azure = "contoso.azurecr.io";
const openshift = "default-route-openshift-image-registry.apps.example.com";
const [plain, harbor] = ["registry.example.test", "harbor.example.test"];
const { open } = cloudHosts([
  ...["registry-1.docker.io", "hub.docker.com", ecr, ecrApi, "gcr.io", azure, "ghcr.io", "api.github.com"],
  ...["quay.io", harbor, "registry.gitlab.com", "gitlab.com", openshift, "api.example.com", plain],
]);

describeWithCorpus("how the kinds of registries are asked for lists", () => {
  const kinds = registryKinds();

  describe("the list of repositories", () => {
    interface Listing {
      /** The request for it, as the corpus has it but for what is said in `differs`. */
      readonly asks: RegExp;
      readonly hosts: Readonly<Record<string, InternetHost>>;
      readonly registry: string;
      readonly prefix?: string;
      readonly environment?: Record<string, string>;
      readonly differs?: string;
    }
    const catalog = catalogOf("team/app");
    const listings: Readonly<Record<string, Listing>> = {
      "Docker Hub": {
        asks: /^GET hub\.docker\.com\/v2\/namespaces\/team\/repositories\?/,
        registry: "docker.io",
        prefix: "team",
        hosts: {
          "registry-1.docker.io": () => undefined,
          "hub.docker.com": hostOf({
            "/v2/namespaces/team/repositories": { json: { results: [{ name: "app" }], next: null } },
          }),
        },
        differs: "/v2/repositories/{namespace}/ is the older address of the same list",
      },
      distribution: {
        asks: /^GET registry\.example\.test\/v2\/_catalog\?/,
        registry: plain,
        hosts: {
          [plain]: ({ url, headers }) => {
            if (url.pathname === "/token") return { json: { token: url.searchParams.get("scope") } };
            if (headers.authorization === "Bearer registry:catalog:*") return catalog;
            return refusal(`Bearer realm="https://${plain}/token",service="x"`);
          },
        },
      },
      "AWS ECR": {
        asks: /^POST api\.ecr\.eu-west-1\.amazonaws\.com\/ .*\.DescribeRepositories$/,
        registry: ecr,
        environment: { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "marker-of-aws" },
        hosts: {
          [ecr]: () => undefined,
          [ecrApi]: () => ({ json: { repositories: [{ repositoryName: "team/app" }] } }),
        },
      },
      "Google Artifact Registry / GCR": {
        asks: /^GET gcr\.io\/v2\/team\/tags\/list\?/,
        registry: "gcr.io",
        prefix: "team",
        hosts: {
          "gcr.io": hostOf({
            "/v2/team/tags/list": { json: { child: ["app"], manifest: {}, tags: [] } },
            "/v2/team/app/tags/list": { json: { child: [], manifest: { "sha256:1": {} }, tags: ["v1"] } },
          }),
        },
        differs: "the catalogue has all projects of a user; the lists of tags lead from one name to those below it",
      },
      "Azure ACR": {
        asks: /^GET contoso\.azurecr\.io\/v2\/_catalog\?/,
        registry: azure,
        hosts: { [azure]: hostOf({ "/v2/_catalog": catalog }) },
      },
      GHCR: {
        asks: /^GET api\.github\.com\/orgs\/team\/packages\?package_type=container&/,
        registry: "ghcr.io",
        prefix: "team",
        environment: logIn("ghcr.io"),
        hosts: {
          "ghcr.io": () => undefined,
          "api.github.com": hostOf({ "/orgs/team/packages": { json: [{ name: "app" }] } }),
        },
      },
      Quay: {
        asks: /^GET quay\.io\/api\/v1\/repository\?namespace=team&/,
        registry: "quay.io",
        prefix: "team",
        hosts: { "quay.io": hostOf({ "/api/v1/repository": { json: { repositories: [{ name: "app" }] } } }) },
      },
      Harbor: {
        asks: /^GET harbor\.example\.test\/api\/v2\.0\/projects\/team\/repositories\?/,
        registry: harbor,
        hosts: {
          [harbor]: (request) =>
            hostOf({
              "/v2/": refusal(registryKind("Harbor").challenge ?? ""),
              "/api/v2.0/projects": { json: [{ name: "team" }] },
              "/api/v2.0/projects/team/repositories": { json: [{ name: "team/app" }] },
            })(request),
        },
      },
      "OpenShift internal": {
        asks: /^GET api\.example\.com:6443\/apis\/image\.openshift\.io\/v1\/imagestreams\?/,
        registry: openshift,
        hosts: {
          [openshift]: () => undefined,
          "api.example.com": hostOf({
            "/apis/image.openshift.io/v1/imagestreams": {
              json: { items: [{ metadata: { namespace: "team", name: "app" } }], metadata: {} },
            },
          }),
        },
      },
      GitLab: {
        asks: /^GET gitlab\.com\/api\/v4\/projects\/team%2Fapp\/registry\/repositories\?/,
        registry: "registry.gitlab.com",
        prefix: "team/app",
        hosts: {
          "registry.gitlab.com": () => undefined,
          "gitlab.com": hostOf({
            "/api/v4/projects/team%2Fapp/registry/repositories": { json: [{ path: "team/app" }] },
          }),
        },
      },
    };

    test.each(Object.entries(listings))("of %s", async (_, { asks, hosts, registry, prefix = "", environment }) => {
      const { client, requests } = await open(hosts, environment ? { environment } : {});
      expect(await listOf(repositoriesBelow(client, registry, prefix))).toEqual(["team/app"]);
      expect(requests.map(requestLine).filter((line) => asks.test(line))).not.toEqual([]);
    });

    test("is played for each that has one", () => {
      const told = kinds.filter((kind) => kind.list_repositories !== undefined).map(({ registry }) => registry);
      expect(told).toEqual(Object.keys(listings));
      expect(told).toHaveLength(10);
    });
  });

  describe("the list of tags", () => {
    const hosts: Readonly<Record<string, string>> = {
      "Docker Hub": "docker.io",
      "AWS ECR": ecr,
      "Google Artifact Registry / GCR": "gcr.io",
      "Azure ACR": azure,
      Quay: "quay.io",
      Harbor: harbor,
      GitLab: "registry.gitlab.com",
    };
    // Their own lists want accounts at their interfaces; that of the specification is at each of them, to who may pull.
    const differs = ["Azure ACR", "Quay", "Harbor", "GitLab"];
    const told = kinds.filter((kind) => kind.list_tags !== undefined);

    test.each(told.map(({ registry }) => registry))("of %s is the specification's", async (kind) => {
      const registry = hosts[kind] ?? "";
      const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
      const { client, requests } = await open({
        [host]: hostOf({ "/v2/team/app/tags/list": { json: { name: "team/app", tags: ["v1"] } } }),
      });
      expect(await listOf(client.tags({ registry, repository: "team/app" }))).toEqual(["v1"]);
      const [asked] = requests.filter(({ url }) => url.pathname !== "/v2/");
      const most = kind.startsWith("Google") ? 10_000 : 1000;
      expect(asked && requestLine(asked)).toBe(`GET ${host}/v2/team/app/tags/list?n=${most}`);
      expect(requests.every(({ url }) => url.pathname.startsWith("/v2/"))).toBe(true);
    });

    test("the corpus says so of each, or of one of its own beside it", () => {
      expect(told.map(({ registry }) => registry)).toEqual(Object.keys(hosts));
      const own = told.filter(({ list_tags: text = "" }) => !text.startsWith("v2"));
      expect(own.map(({ registry }) => registry)).toEqual(differs);
      expect(registryKind("AWS ECR").list_tags).toBe("v2, n at most 1000");
      expect(told).toHaveLength(7);
    });
  });
});

function requestLine({ method, url, headers }: InternetRequest): string {
  const target = headers["x-amz-target"];
  return `${method} ${url.host}${url.pathname}${url.search}${target === undefined ? "" : ` ${String(target)}`}`;
}
