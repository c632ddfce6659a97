import { describe, expect, test } from "vitest";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import type { InternetHost } from "../setup/fake-internet.ts";
import { basic, listOf } from "../setup/registry-client.ts";
import { internetOf, sortedRepositories, tokenRegistry } from "../setup/vendor-internet.ts";

// Shapes as the vendors' documentation has them; see the pages in docs/registries.
const clientIn = internetOf([
  "europe-docker.pkg.dev",
  "contoso.azurecr.io",
  "*.apps.example.com",
  "api.example.com",
  "*.apps.rosa.demo.ab12.p3.openshiftapps.com",
  "api.demo.ab12.p3.openshiftapps.com",
  "image-registry.openshift-image-registry.svc.cluster.local",
  "kubernetes.default.svc",
]);

describe("Google Artifact Registry", () => {
  const folders: Readonly<Record<string, object>> = {
    "project/images": { child: ["app", "team"], manifest: {}, tags: [] },
    "project/images/app": { child: [], manifest: { "sha256:1": { tag: ["v1"] } }, tags: ["v1"] },
    "project/images/team": { child: ["tool"], manifest: {}, tags: [] },
    "project/images/team/tool": { child: [], manifest: { "sha256:2": {} }, tags: [] },
  };
  const google: InternetHost = ({ url }) => {
    const name = /^\/v2\/(.+)\/tags\/list$/.exec(url.pathname)?.[1] ?? "";
    return folders[name]
      ? { json: { name, ...folders[name] } }
      : { status: 404, json: { errors: [{ code: "NAME_UNKNOWN" }] } };
  };

  test("reads all pages, and tells of names that no repository can have", async () => {
    const paged: InternetHost = (request) => {
      if (request.url.pathname !== "/v2/project/images/tags/list") return google(request);
      const second = request.url.searchParams.has("last");
      const json = { child: second ? ["team", "UPPER"] : ["app"], manifest: {}, tags: [] };
      return { json, headers: second ? {} : { link: '</v2/project/images/tags/list?last=app>; rel="next"' } };
    };
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": paged } });
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    const list = await listOf(repositoriesBelow(client, "europe-docker.pkg.dev", "project/images", options));
    expect(list.sort()).toEqual(["project/images/app", "project/images/team/tool"]);
    expect(gaps).toEqual([expect.stringContaining("project/images/UPPER")]);
  });

  // As google/go-containerregistry#1643 saw it: so many entries as are asked for, and no word of the rest.
  const silent =
    (most: number): InternetHost =>
    ({ url }) => {
      const name = /^\/v2\/(.+)\/tags\/list$/.exec(url.pathname)?.[1] ?? "";
      const asked = Math.min(Number(url.searchParams.get("n") ?? 1000), 10_000);
      const all = Array.from({ length: most }, (_, index) => `app-${index}`).slice(0, asked);
      if (name === "project/images") return { json: { name, child: all, manifest: {}, tags: [] } };
      return {
        json: { name, child: [], manifest: { "sha256:1": {} }, tags: name === "project/images/app-0" ? all : [] },
      };
    };

  test("asks for as many entries as Google gives in one answer", async () => {
    const { client, requests } = await clientIn({ hosts: { "europe-docker.pkg.dev": silent(1500) } });
    const names = repositoriesBelow(client, "europe-docker.pkg.dev", "project/images");
    const folder = await names.next();
    await names.return(undefined);
    expect(folder.value).toBe("project/images/app-0");
    const tags = client.tags({ registry: "europe-docker.pkg.dev", repository: "project/images/app-0" });
    expect(await listOf(tags)).toHaveLength(1500);
    const asked = requests.filter(({ url }) => url.pathname.endsWith("/tags/list"));
    expect(new Set(asked.map(({ url }) => url.searchParams.get("n")))).toEqual(new Set(["10000"]));
  });

  test("tells that a list of 10,000 entries may lack some", async () => {
    const full: InternetHost = (request) => {
      const json = { child: Array.from({ length: 10_000 }, () => "app"), manifest: {}, tags: [] };
      return request.url.pathname === "/v2/project/images/tags/list" ? { json } : google(request);
    };
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": full } });
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    const list = await listOf(repositoriesBelow(client, "europe-docker.pkg.dev", "project/images", options));
    expect(list).toEqual(["project/images/app"]);
    expect(gaps).toEqual([expect.stringMatching(/10,000 entries of \S+\/project\/images,/)]);
  });

  test("gives the tags of a list that ends at 10,000, and then the error", async () => {
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": silent(12_000) } });
    const tags: string[] = [];
    const read = async (): Promise<void> => {
      const all = client.tags({ registry: "europe-docker.pkg.dev", repository: "project/images/app-0" });
      for await (const tag of all) tags.push(tag);
    };
    await expect(read()).rejects.toMatchObject({ code: "limit-exceeded" });
    expect(tags).toHaveLength(10_000);
  });

  test("goes past what is refused below, and tells of it", async () => {
    const closed: InternetHost = (request) =>
      request.url.pathname === "/v2/project/images/team/tags/list" ? { status: 403, json: {} } : google(request);
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": closed } });
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    const list = await listOf(repositoriesBelow(client, "europe-docker.pkg.dev", "project/images", options));
    expect(list).toEqual(["project/images/app"]);
    expect(gaps).toEqual([
      expect.stringMatching(/^the repositories at and below \S+\/project\/images\/team cannot be listed: .*403/),
    ]);
    await expect(sortedRepositories(client, "europe-docker.pkg.dev", "project/images/team")).rejects.toMatchObject({
      code: "registry-refused",
    });
  });

  test("walks through a repository", async () => {
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": google } });
    expect(await sortedRepositories(client, "europe-docker.pkg.dev", "project/images")).toEqual([
      "project/images/app",
      "project/images/team/tool",
    ]);
    expect(await sortedRepositories(client, "europe-docker.pkg.dev", "project/images/app")).toEqual([
      "project/images/app",
    ]);
    await expect(sortedRepositories(client, "europe-docker.pkg.dev", "project")).rejects.toMatchObject({
      code: "usage",
    });
    await expect(sortedRepositories(client, "europe-docker.pkg.dev", "project/none")).rejects.toMatchObject({
      code: "image-not-found",
    });
  });
});

test("Azure: an identity token is exchanged for the right to the catalogue", async () => {
  const azure: InternetHost = ({ url, headers, body, method }) => {
    if (url.pathname === "/oauth2/token") {
      const form = new URLSearchParams(body);
      const good =
        method === "POST" && form.get("refresh_token") === "refresh" && form.get("service") === "contoso.azurecr.io";
      return good
        ? { json: { access_token: `for ${form.get("scope")}`.replaceAll(" ", "-") } }
        : { status: 401, json: {} };
    }
    if (headers.authorization === "Bearer for-registry:catalog:*")
      return { json: { repositories: ["hello", "team/app"] } };
    const challenge = 'Bearer realm="https://contoso.azurecr.io/oauth2/token",service="contoso.azurecr.io"';
    return { status: 401, json: {}, headers: { "www-authenticate": challenge } };
  };
  const token: Credential = {
    kind: "identity-token",
    token: new Secret("refresh"),
    username: "00000000-0000-0000-0000-000000000000",
  };
  const { client } = await clientIn({
    hosts: { "contoso.azurecr.io": azure },
    credentials: { "contoso.azurecr.io": token },
  });
  expect(await sortedRepositories(client, "contoso.azurecr.io", "")).toEqual(["hello", "team/app"]);
});

describe("OpenShift", () => {
  const cluster: InternetHost = ({ url, headers }) => {
    if (headers.authorization !== "Bearer sha256~token") return { status: 401, json: { message: "Unauthorized" } };
    if (url.pathname !== "/apis/image.openshift.io/v1/namespaces/shop/imagestreams") return { status: 403, json: {} };
    const second = url.searchParams.get("continue") === "a b";
    const items = [{ metadata: { namespace: "shop", name: second ? "web" : "app" } }];
    return { json: { kind: "ImageStreamList", metadata: { continue: second ? "" : "a b" }, items } };
  };
  const realm = (registry: string): { realm: string } => ({ realm: `https://${registry}/openshift/token` });

  test.each([
    ["default-route-openshift-image-registry.apps.example.com", "api.example.com:6443"],
    [
      "default-route-openshift-image-registry.apps.rosa.demo.ab12.p3.openshiftapps.com",
      "api.demo.ab12.p3.openshiftapps.com:443",
    ],
    ["image-registry.openshift-image-registry.svc.cluster.local:5000", "kubernetes.default.svc:443"],
  ])("where %s does not give the catalogue, %s lists the image streams of a project", async (registry, api) => {
    const [[host = ""], [apiHost = ""]] = [registry.split(":"), api.split(":")];
    const hosts = { [apiHost]: cluster, [host]: tokenRegistry(registry, realm(registry)) };
    const { client, connections } = await clientIn({
      hosts,
      credentials: { [registry]: basic("any", "sha256~token") },
    });
    expect(await sortedRepositories(client, registry, "shop")).toEqual(["shop/app", "shop/web"]);
    expect(connections).toContain(api);
  });

  test("where the cluster cannot be reached, the catalogue's refusal is told, and that too", async () => {
    const registry = "default-route-openshift-image-registry.apps.example.com";
    const refusing: InternetHost = ({ url }) =>
      url.pathname === "/openshift/token"
        ? { json: { token: "t" } }
        : {
            status: 401,
            json: { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] },
            headers: { "www-authenticate": `Bearer realm="${realm(registry).realm}"` },
          };
    const { client } = await clientIn({
      hosts: { [registry]: refusing },
      credentials: { [registry]: basic("any", "sha256~token") },
    });
    await expect(sortedRepositories(client, registry, "shop")).rejects.toMatchObject({
      code: "registry-refused",
      message: expect.stringContaining("authentication required") as string,
      hint: expect.stringContaining("api.example.com:6443 failed") as string,
    });
  });
});
