import { beforeAll, describe, expect, test } from "vitest";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";
import type { RegistryClient } from "../../../src/registry/registry-client.ts";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";
import { type Certificates, makeCertificates, pem } from "../setup/certificates.ts";
import { type FakeInternet, fakeInternet, type InternetHost } from "../setup/fake-internet.ts";
import { basic, listOf, testClient } from "../setup/registry-client.ts";

// Shapes as the vendors' documentation has them; see the pages in docs/registries.
const names = [
  "registry-1.docker.io",
  "auth.docker.io",
  "hub.docker.com",
  "ghcr.io",
  "api.github.com",
  "registry.gitlab.com",
  "gitlab.com",
  "quay.io",
  "europe-docker.pkg.dev",
  "contoso.azurecr.io",
  "*.apps.example.com",
  "api.example.com",
];
const folder = temporaryFolder();
let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates(folder, names);
});

interface Setting {
  readonly hosts: Readonly<Record<string, InternetHost>>;
  readonly credentials?: Readonly<Record<string, Credential>>;
}

async function clientIn({
  hosts,
  credentials = {},
}: Setting): Promise<FakeInternet & { readonly client: RegistryClient }> {
  const internet = await fakeInternet(hosts, certificates.server);
  const ca = pem(certificates.authority.certificate);
  const client = testClient({ credentials, proxies: internet.proxies, settings: { get: () => ({ ca }) } });
  return { ...internet, client };
}

async function sorted(client: RegistryClient, registry: string, prefix: string): Promise<string[]> {
  return (await listOf(repositoriesBelow(client, registry, prefix))).sort();
}

const unknown: InternetHost = () => ({
  status: 404,
  json: { errors: [{ code: "NAME_UNKNOWN", message: "not known" }] },
});

/** A registry with a token server, that knows the tags of some repositories. */
function tokenRegistry(
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

describe("Docker Hub", () => {
  const repositories = ["app", "web"].map((name) => ({ name, namespace: "team", repository_type: "image" }));
  const hub: InternetHost = ({ url, headers, method, body }) => {
    if (method === "POST" && url.pathname === "/v2/auth/token") {
      const { identifier, secret } = JSON.parse(body) as Record<string, string>;
      return identifier === "alice" && secret === "wonder"
        ? { json: { access_token: "hub-token" } }
        : { status: 401, json: { detail: `Incorrect authentication credentials ${secret}`, message: `no ${secret}` } };
    }
    if (url.pathname !== "/v2/namespaces/team/repositories")
      return { status: 404, json: { message: "object not found" } };
    const hidden = headers.authorization === "Bearer hub-token" ? [{ name: "private" }] : [];
    const all = [...repositories, ...hidden];
    const page = Number(url.searchParams.get("page"));
    const results = page === 1 ? all.slice(0, 1) : all.slice(1);
    return { json: { count: all.length, next: page === 1 ? `https://hub.docker.com/elsewhere` : null, results } };
  };
  const hosts = {
    "hub.docker.com": hub,
    "registry-1.docker.io": tokenRegistry("registry.docker.io", { realm: "https://auth.docker.io/token" }),
    "auth.docker.io": () => ({ json: { token: "t" } }),
  };

  test("lists what is public in a namespace to a stranger, page by page", async () => {
    const { client, requests } = await clientIn({ hosts });
    expect(await sorted(client, "docker.io", "team")).toEqual(["team/app", "team/web"]);
    expect(requests.filter(({ host }) => host === "hub.docker.com").map(({ url }) => url.search)).toEqual([
      "?page_size=100&page=1",
      "?page_size=100&page=2",
    ]);
  });

  test("lists what is private to a user whose password or token it exchanged", async () => {
    const { client, requests } = await clientIn({ hosts, credentials: { "docker.io": basic("alice", "wonder") } });
    expect(await sorted(client, "docker.io", "team")).toContain("team/private");
    const pair = Buffer.from("alice:wonder").toString("base64");
    const shown = requests.filter(
      ({ body, headers }) => body.includes("wonder") || headers.authorization?.includes(pair),
    );
    expect(new Set(shown.map(({ url }) => `${url.host}${url.pathname}`))).toEqual(
      new Set(["hub.docker.com/v2/auth/token", "auth.docker.io/token"]),
    );
  });

  test("does not repeat a wrong password", async () => {
    const { client } = await clientIn({ hosts, credentials: { "docker.io": basic("alice", "wrong-pa55word") } });
    const failure = await listOf(repositoriesBelow(client, "docker.io", "team")).catch((cause: Error) => cause);
    expect(failure).toMatchObject({ code: "registry-refused" });
    expect(String(failure)).not.toContain("wrong-pa55word");
  });

  test("wants a namespace, and one that exists", async () => {
    const { client } = await clientIn({ hosts });
    await expect(sorted(client, "docker.io", "")).rejects.toMatchObject({ code: "usage" });
    await expect(sorted(client, "docker.io", "nobody")).rejects.toMatchObject({ code: "image-not-found" });
  });

  test("a log-in of another kind leaves a gap, which is told", async () => {
    const credentials: Record<string, Credential> = { "docker.io": { kind: "identity-token", token: new Secret("i") } };
    const { client } = await clientIn({ hosts, credentials });
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    expect(await listOf(repositoriesBelow(client, "docker.io", "team", options))).toHaveLength(2);
    expect(gaps).toHaveLength(1);
    await expect(sorted(client, "docker.io", "team")).rejects.toMatchObject({ code: "registry-failed" });
  });
});

describe("GitHub Container Registry", () => {
  const github: InternetHost = ({ url, headers }) => {
    if (headers.authorization !== "Bearer ghp_token")
      return { status: 401, json: { message: "Requires authentication" } };
    const page = Number(url.searchParams.get("page"));
    if (url.pathname !== "/users/alice/packages") return { status: 404, json: { message: "Not Found" } };
    const all = Array.from({ length: 101 }, (_, index) => ({ name: index === 100 ? "team/app" : `app-${index}` }));
    return { json: all.slice((page - 1) * 100, page * 100) };
  };
  const hosts = {
    "api.github.com": github,
    "ghcr.io": tokenRegistry("ghcr.io", { realm: "https://ghcr.io/token", tags: { "alice/hidden": ["v1"] } }),
  };
  const credentials = { "ghcr.io": basic("alice", "ghp_token") };

  test("lists the packages of an organization or a user", async () => {
    const { client, requests } = await clientIn({ hosts, credentials });
    expect(await sorted(client, "ghcr.io", "alice/team")).toEqual(["alice/team/app"]);
    expect(await sorted(client, "ghcr.io", "alice")).toHaveLength(101);
    expect(requests[0]?.url.pathname).toBe("/orgs/alice/packages");
  });

  test("goes on after a page that is short, or empty, where more is said to follow", async () => {
    const pages = [["one"], [], ["two"]];
    const short: InternetHost = ({ url }) => {
      const page = Number(url.searchParams.get("page"));
      const json = (pages[page - 1] ?? []).map((name) => ({ name }));
      const link = `<https://api.github.com/orgs/alice/packages?page=${page + 1}>; rel="next"`;
      return { json, headers: page < pages.length ? { link } : {} };
    };
    const { client } = await clientIn({ hosts: { ...hosts, "api.github.com": short }, credentials });
    expect(await sorted(client, "ghcr.io", "alice")).toEqual(["alice/one", "alice/two"]);
  });

  test("does not take what a user shows for an organization that refuses", async () => {
    const refusing: InternetHost = (request) =>
      request.url.pathname.startsWith("/orgs/") ? { status: 403, json: { message: "SAML" } } : github(request);
    const { client } = await clientIn({ hosts: { ...hosts, "api.github.com": refusing }, credentials });
    await expect(sorted(client, "ghcr.io", "alice")).rejects.toMatchObject({ code: "registry-refused" });
  });

  test("says what is missing to a stranger, and asks nobody else", async () => {
    const { client, requests } = await clientIn({ hosts: { ...hosts, "ghcr.io": unknown } });
    await expect(sorted(client, "ghcr.io", "alice")).rejects.toMatchObject({
      code: "registry-refused",
      hint: expect.stringContaining("read:packages") as string,
    });
    expect(requests.every(({ host }) => host === "ghcr.io")).toBe(true);
  });
});

describe("GitLab", () => {
  const page = [
    { id: 1, path: "group/project" },
    { id: 2, path: "group/project/tool" },
  ];
  const gitlab: InternetHost = ({ url, headers }) => {
    if (url.pathname === "/jwt/auth") return { json: { token: "t" } };
    const shown = headers.authorization ?? headers["job-token"];
    if (shown !== "Bearer glpat" && shown !== "job") return { status: 401, json: { message: "401 Unauthorized" } };
    const isGroup = url.pathname === "/api/v4/groups/group/registry/repositories";
    const isProject = url.pathname === "/api/v4/projects/group%2Fproject/registry/repositories";
    return isGroup || isProject ? { json: page } : { status: 404, json: { message: "404 Not Found" } };
  };
  const registry: InternetHost = (request) =>
    request.headers.authorization === undefined
      ? {
          status: 401,
          json: {},
          headers: { "www-authenticate": 'Bearer realm="https://gitlab.com/jwt/auth",service="container_registry"' },
        }
      : { status: request.url.pathname === "/v2/_catalog" ? 401 : 404, json: {} };
  const hosts = { "gitlab.com": gitlab, "registry.gitlab.com": registry };

  test("lists a group with what is below it, a project, and a part of a project", async () => {
    const { client } = await clientIn({ hosts, credentials: { "registry.gitlab.com": basic("alice", "glpat") } });
    expect(await sorted(client, "registry.gitlab.com", "group")).toEqual(["group/project", "group/project/tool"]);
    expect(await sorted(client, "registry.gitlab.com", "group/project")).toHaveLength(2);
    expect(await sorted(client, "registry.gitlab.com", "group/project/tool")).toEqual(["group/project/tool"]);
  });

  test("takes the token of a job", async () => {
    const { client } = await clientIn({
      hosts,
      credentials: { "registry.gitlab.com": basic("gitlab-ci-token", "job") },
    });
    expect(await sorted(client, "registry.gitlab.com", "group/project")).toHaveLength(2);
  });

  test("lists all to an administrator only", async () => {
    const { client } = await clientIn({ hosts, credentials: { "registry.gitlab.com": basic("alice", "glpat") } });
    await expect(sorted(client, "registry.gitlab.com", "")).rejects.toMatchObject({ code: "usage" });
    await expect(sorted(client, "registry.gitlab.com", "nothing/here")).rejects.toMatchObject({
      code: "image-not-found",
    });
  });
});

describe("Quay", () => {
  const quay: InternetHost = ({ url, headers }) => {
    const bearer = headers.authorization;
    if (url.pathname === "/v2/auth") return { json: { token: bearer === undefined ? "anonymous" : "robot" } };
    if (url.pathname === "/api/v1/repository") {
      const token = url.searchParams.get("next_page");
      const open = [
        { namespace: "team", name: "app", kind: "image" },
        { namespace: "team", name: "chart", kind: "application" },
      ];
      const hidden = bearer === "Bearer oauth" ? [{ namespace: "team", name: "private", kind: "image" }] : [];
      return token === "more"
        ? { json: { repositories: hidden } }
        : { json: { repositories: open, next_page: "more" } };
    }
    if (bearer === undefined || bearer.startsWith("Basic "))
      return {
        status: 401,
        json: {},
        headers: { "www-authenticate": 'Bearer realm="https://quay.io/v2/auth",service="quay.io"' },
      };
    if (url.pathname === "/v2/_catalog")
      return { json: { repositories: bearer === "Bearer robot" ? ["team/secret"] : [] } };
    return { status: 404, json: {} };
  };

  test("shows a stranger what is public, an application what it may see, a robot what it may pull", async () => {
    const list = async (credential?: Credential): Promise<string[]> => {
      const { client } = await clientIn({
        hosts: { "quay.io": quay },
        ...(credential && { credentials: { "quay.io": credential } }),
      });
      return sorted(client, "quay.io", "team");
    };
    expect(await list()).toEqual(["team/app"]);
    expect(await list(basic("$oauthtoken", "oauth"))).toEqual(["team/app", "team/private"]);
    expect(await list(basic("team+robot", "password"))).toEqual(["team/app", "team/secret"]);
  });

  test("of an empty catalogue a robot is told that what is private is not listed", async () => {
    const empty: InternetHost = (request) =>
      request.url.pathname === "/v2/_catalog" && request.headers.authorization === "Bearer robot"
        ? { json: { repositories: [] } }
        : quay(request);
    const credentials = { "quay.io": basic("team+robot", "password") };
    const { client } = await clientIn({ hosts: { "quay.io": empty }, credentials });
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    expect(await listOf(repositoriesBelow(client, "quay.io", "team", options))).toEqual(["team/app"]);
    expect(gaps).toEqual([expect.stringContaining("the catalogue is empty")]);
  });

  test("an empty catalogue is one that is not enabled", async () => {
    const { client } = await clientIn({ hosts: { "quay.io": quay } });
    await expect(sorted(client, "quay.io", "")).rejects.toMatchObject({ code: "usage" });
  });
});

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

  test("goes past what is refused below, and tells of it", async () => {
    const closed: InternetHost = (request) =>
      request.url.pathname === "/v2/project/images/team/tags/list" ? { status: 403, json: {} } : google(request);
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": closed } });
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    const list = await listOf(repositoriesBelow(client, "europe-docker.pkg.dev", "project/images", options));
    expect(list).toEqual(["project/images/app"]);
    expect(gaps).toEqual([
      expect.stringMatching(/^what is at and below \S+\/project\/images\/team cannot be listed: .*403/),
    ]);
    await expect(sorted(client, "europe-docker.pkg.dev", "project/images/team")).rejects.toMatchObject({
      code: "registry-refused",
    });
  });

  test("walks through a repository", async () => {
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": google } });
    expect(await sorted(client, "europe-docker.pkg.dev", "project/images")).toEqual([
      "project/images/app",
      "project/images/team/tool",
    ]);
    expect(await sorted(client, "europe-docker.pkg.dev", "project/images/app")).toEqual(["project/images/app"]);
    await expect(sorted(client, "europe-docker.pkg.dev", "project")).rejects.toMatchObject({ code: "usage" });
    await expect(sorted(client, "europe-docker.pkg.dev", "project/none")).rejects.toMatchObject({
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
  expect(await sorted(client, "contoso.azurecr.io", "")).toEqual(["hello", "team/app"]);
});

test("OpenShift: where the catalogue is not given, the cluster lists the image streams of a project", async () => {
  const registry = "default-route-openshift-image-registry.apps.example.com";
  const cluster: InternetHost = ({ url, headers }) => {
    if (headers.authorization !== "Bearer sha256~token") return { status: 401, json: { message: "Unauthorized" } };
    if (url.pathname !== "/apis/image.openshift.io/v1/namespaces/shop/imagestreams") return { status: 403, json: {} };
    const second = url.searchParams.get("continue") === "a b";
    const items = [{ metadata: { namespace: "shop", name: second ? "web" : "app" } }];
    return { json: { kind: "ImageStreamList", metadata: { continue: second ? "" : "a b" }, items } };
  };
  const hosts = {
    "api.example.com": cluster,
    [registry]: tokenRegistry(registry, { realm: `https://${registry}/openshift/token` }),
  };
  const { client, connections } = await clientIn({ hosts, credentials: { [registry]: basic("any", "sha256~token") } });
  expect(await sorted(client, registry, "shop")).toEqual(["shop/app", "shop/web"]);
  expect(connections).toContain("api.example.com:6443");
});

test("a registry over TLS does not lead to an interface over plain HTTP", async () => {
  const challenge = 'Bearer realm="http://gitlab.com/jwt/auth",service="container_registry"';
  const registry: InternetHost = () => ({ status: 401, json: {}, headers: { "www-authenticate": challenge } });
  const credentials = { "api.example.com": basic("alice", "wonder") };
  const { client, connections } = await clientIn({ hosts: { "api.example.com": registry }, credentials });
  await expect(sorted(client, "api.example.com", "group")).rejects.toMatchObject({ code: "registry-refused" });
  expect(new Set(connections)).toEqual(new Set(["api.example.com:443"]));
});
