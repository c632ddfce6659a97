import { describe, expect, test } from "vitest";
import type { InternetHost } from "../setup/fake-internet.ts";
import { basic } from "../setup/registry-client.ts";
import { internetOf, sortedRepositories, tokenRegistry } from "../setup/vendor-internet.ts";

// Shapes as the vendors' documentation has them; see the pages in docs/registries.
const clientIn = internetOf(["ghcr.io", "api.github.com", "registry.gitlab.com", "gitlab.com"]);

const unknown: InternetHost = () => ({
  status: 404,
  json: { errors: [{ code: "NAME_UNKNOWN", message: "not known" }] },
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
    expect(await sortedRepositories(client, "ghcr.io", "alice/team")).toEqual(["alice/team/app"]);
    expect(await sortedRepositories(client, "ghcr.io", "alice")).toHaveLength(101);
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
    expect(await sortedRepositories(client, "ghcr.io", "alice")).toEqual(["alice/one", "alice/two"]);
  });

  const limited = (headers: Record<string, string>): { readonly host: InternetHost; readonly asked: () => number } => {
    let asked = 0;
    const host: InternetHost = (request) =>
      ++asked === 1
        ? { status: 403, json: { message: "API rate limit exceeded for user ID 1." }, headers }
        : github(request);
    return { host, asked: () => asked };
  };
  const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

  test.each([
    ["when it says how long", () => ({ "retry-after": "1" })],
    [
      "when it says until when",
      () => ({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(nowInSeconds() + 1) }),
    ],
  ])("waits where too many requests are answered with 403, %s", async (_, headers) => {
    const { host } = limited(headers());
    const { client } = await clientIn({ hosts: { ...hosts, "api.github.com": host }, credentials });
    expect(await sortedRepositories(client, "ghcr.io", "alice")).toHaveLength(101);
  });

  test("does not wait for an hour, and says what is the matter", async () => {
    const reset = String(nowInSeconds() + 3600);
    const { host, asked } = limited({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset });
    const { client } = await clientIn({ hosts: { ...hosts, "api.github.com": host }, credentials });
    await expect(sortedRepositories(client, "ghcr.io", "alice")).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringMatching(/HTTP status 403.*rate limit.*requested wait of 3[56]\d\d seconds/) as string,
      hint: expect.stringContaining("rate limit is reached") as string,
    });
    expect(asked()).toBe(1);
  });

  test("does not take what a user shows for an organization that refuses", async () => {
    const refusing: InternetHost = (request) =>
      request.url.pathname.startsWith("/orgs/") ? { status: 403, json: { message: "SAML" } } : github(request);
    const { client } = await clientIn({ hosts: { ...hosts, "api.github.com": refusing }, credentials });
    await expect(sortedRepositories(client, "ghcr.io", "alice")).rejects.toMatchObject({ code: "registry-refused" });
  });

  test("says what is missing to a stranger, and asks nobody else", async () => {
    const { client, requests } = await clientIn({ hosts: { ...hosts, "ghcr.io": unknown } });
    await expect(sortedRepositories(client, "ghcr.io", "alice")).rejects.toMatchObject({
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
    expect(await sortedRepositories(client, "registry.gitlab.com", "group")).toEqual([
      "group/project",
      "group/project/tool",
    ]);
    expect(await sortedRepositories(client, "registry.gitlab.com", "group/project")).toHaveLength(2);
    expect(await sortedRepositories(client, "registry.gitlab.com", "group/project/tool")).toEqual([
      "group/project/tool",
    ]);
  });

  test("takes the token of a job", async () => {
    const { client } = await clientIn({
      hosts,
      credentials: { "registry.gitlab.com": basic("gitlab-ci-token", "job") },
    });
    expect(await sortedRepositories(client, "registry.gitlab.com", "group/project")).toHaveLength(2);
  });

  test("lists all to an administrator only", async () => {
    const { client } = await clientIn({ hosts, credentials: { "registry.gitlab.com": basic("alice", "glpat") } });
    await expect(sortedRepositories(client, "registry.gitlab.com", "")).rejects.toMatchObject({ code: "usage" });
    await expect(sortedRepositories(client, "registry.gitlab.com", "nothing/here")).rejects.toMatchObject({
      code: "image-not-found",
    });
  });
});
