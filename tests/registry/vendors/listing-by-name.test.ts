import { describe, expect, test } from "vitest";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import type { InternetHost } from "../setup/fake-internet.ts";
import { basic, listOf } from "../setup/registry-client.ts";
import { internetOf, sortedRepositories, tokenRegistry } from "../setup/vendor-internet.ts";

// Shapes as the vendors' documentation has them; see the pages in docs/registries.
const clientIn = internetOf([
  "registry-1.docker.io",
  "auth.docker.io",
  "hub.docker.com",
  "quay.io",
  "api.example.com",
  "gitlab.com",
]);

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
    expect(await sortedRepositories(client, "docker.io", "team")).toEqual(["team/app", "team/web"]);
    expect(requests.filter(({ host }) => host === "hub.docker.com").map(({ url }) => url.search)).toEqual([
      "?page_size=100&page=1",
      "?page_size=100&page=2",
    ]);
  });

  test("lists what is private to a user whose password or token it exchanged", async () => {
    const { client, requests } = await clientIn({ hosts, credentials: { "docker.io": basic("alice", "wonder") } });
    expect(await sortedRepositories(client, "docker.io", "team")).toContain("team/private");
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
    await expect(sortedRepositories(client, "docker.io", "")).rejects.toMatchObject({ code: "usage" });
    await expect(sortedRepositories(client, "docker.io", "nobody")).rejects.toMatchObject({ code: "image-not-found" });
  });

  test("a log-in of another kind leaves a gap, which is told", async () => {
    const credentials: Record<string, Credential> = { "docker.io": { kind: "identity-token", token: new Secret("i") } };
    const { client } = await clientIn({ hosts, credentials });
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    expect(await listOf(repositoriesBelow(client, "docker.io", "team", options))).toHaveLength(2);
    expect(gaps).toHaveLength(1);
    await expect(sortedRepositories(client, "docker.io", "team")).rejects.toMatchObject({ code: "registry-failed" });
  });
});

describe("Quay", () => {
  // As quay `endpoints/v2/v2auth.py`: scopes are those of repositories, and without one only who is known gets a token.
  const quayToken = (scopes: readonly string[], authorization: string | undefined): ReturnType<InternetHost> => {
    const message = "Unable to decode repository and actions";
    if (!scopes.every((scope) => scope.startsWith("repository:")))
      return { status: 400, json: { errors: [{ code: "INVALID_REQUEST", message }] } };
    if (scopes.length === 0 && authorization === undefined) return { status: 401, json: {} };
    return { json: { token: authorization === undefined ? "anonymous" : "robot" } };
  };
  const quay: InternetHost = ({ url, headers }) => {
    const bearer = headers.authorization;
    if (url.pathname === "/v2/auth") return quayToken(url.searchParams.getAll("scope"), bearer);
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
      return sortedRepositories(client, "quay.io", "team");
    };
    expect(await list()).toEqual(["team/app"]);
    expect(await list(basic("$oauthtoken", "oauth"))).toEqual(["team/app", "team/private"]);
    expect(await list(basic("team+robot", "password"))).toEqual(["team/app", "team/secret"]);
  });

  test("a robot's whole registry is what the catalogue has, for which no scope is asked", async () => {
    const credentials = { "quay.io": basic("team+robot", "password") };
    const { client, requests } = await clientIn({ hosts: { "quay.io": quay }, credentials });
    expect(await sortedRepositories(client, "quay.io", "")).toEqual(["team/secret"]);
    const tokens = requests.filter(({ url }) => url.pathname === "/v2/auth");
    expect(tokens.map(({ url }) => url.searchParams.getAll("scope"))).toEqual([[]]);
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
    await expect(sortedRepositories(client, "quay.io", "")).rejects.toMatchObject({ code: "usage" });
  });
});

test("a registry over TLS does not lead to an interface over plain HTTP", async () => {
  const challenge = 'Bearer realm="http://gitlab.com/jwt/auth",service="container_registry"';
  const registry: InternetHost = () => ({ status: 401, json: {}, headers: { "www-authenticate": challenge } });
  const credentials = { "api.example.com": basic("alice", "wonder") };
  const { client, connections } = await clientIn({ hosts: { "api.example.com": registry }, credentials });
  await expect(sortedRepositories(client, "api.example.com", "group")).rejects.toMatchObject({
    code: "registry-refused",
  });
  expect(new Set(connections)).toEqual(new Set(["api.example.com:443"]));
});
