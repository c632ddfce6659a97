import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { RegistryClient } from "../../../src/registry/connection/registry-client.ts";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { type FakeRegistry, type FakeRequest, fakeRegistry, sendJson } from "../setup/fake-registry.ts";
import { basic, listOf, testClient } from "../setup/registry-client.ts";

const image = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] };
const alice = `Basic ${Buffer.from("alice:wonder").toString("base64")}`;

/** A registry that holds some repositories and answers some requests in its own way. */
async function registryWith(
  repositories: readonly string[],
  answer: (request: FakeRequest & { readonly url: URL }, response: ServerResponse, host: string) => boolean = () =>
    false,
): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  for (const repository of repositories) registry.putManifest(repository, image, { tag: "v1" });
  registry.intercept = (request, response) =>
    answer({ ...request, url: new URL(request.path, `http://${registry.host}`) }, response, registry.host);
  return registry;
}

function known({ host }: FakeRegistry): { credentials: Record<string, Credential> } {
  return { credentials: { [host]: basic("alice", "wonder") } };
}

async function sorted(client: RegistryClient, { host }: FakeRegistry, prefix: string): Promise<string[]> {
  return (await listOf(repositoriesBelow(client, host, prefix))).sort();
}

function refuse(response: ServerResponse, challenge: string, headers: Record<string, string> = {}): true {
  return sendJson(
    response,
    401,
    { errors: [{ code: "UNAUTHORIZED", message: "no" }] },
    { "www-authenticate": challenge, ...headers },
  );
}

describe("the catalogue", () => {
  const repositories = ["team", "team/app", "team/app/tool", "teamwork", "team-b/app", "other"];

  test("is cut by components", async () => {
    const registry = await registryWith(repositories);
    expect(await sorted(testClient(), registry, "")).toEqual([...repositories].sort());
    expect(await sorted(testClient(), registry, "team")).toEqual(["team", "team/app", "team/app/tool"]);
    expect(await sorted(testClient(), registry, "team/app")).toEqual(["team/app", "team/app/tool"]);
    expect(await sorted(testClient(), registry, "other")).toEqual(["other"]);
  });

  test("with a name that no repository can have is not whole, where that is in the part that was asked for", async () => {
    const registry = await registryWith(["team/app"], ({ path }, response) =>
      path.startsWith("/v2/_catalog")
        ? sendJson(response, 200, { repositories: ["team/app", "other", "team/UPPER\u001b[2J"] })
        : false,
    );
    const problems: string[] = [];
    const options = { problem: (reason: string) => void problems.push(reason) };
    const below = (prefix: string): Promise<string[]> =>
      listOf(repositoriesBelow(testClient(), registry.host, prefix, options));
    expect(await below("other")).toEqual(["other"]);
    expect(problems).toEqual([]);
    expect(await below("team")).toEqual(["team/app"]);
    expect(problems).toEqual([expect.stringMatching(/^it has invalid repository names, such as "team\/UPPER \[2J"$/)]);
  });

  test("may lack the very repository that was named", async () => {
    const registry = await registryWith(["team/app", "team/app/tool"], ({ path }, response) =>
      path.startsWith("/v2/_catalog") ? sendJson(response, 200, { repositories: ["team/app/tool", "x"] }) : false,
    );
    expect(await sorted(testClient(), registry, "team/app")).toEqual(["team/app", "team/app/tool"]);
  });

  test("that is not given leaves the repository that was named, and a gap", async () => {
    const registry = await registryWith(["team/app"], ({ path }, response) =>
      path.startsWith("/v2/_catalog") ? sendJson(response, 404, {}) : false,
    );
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    expect(await listOf(repositoriesBelow(testClient(), registry.host, "team/app", options))).toEqual(["team/app"]);
    expect(gaps).toEqual([
      expect.stringContaining(`the repositories below ${registry.host}/team/app cannot be listed`),
    ]);
    await expect(sorted(testClient(), registry, "team/app")).rejects.toMatchObject({ code: "registry-failed" });
    for (const prefix of ["team", ""])
      await expect(sorted(testClient(), registry, prefix)).rejects.toMatchObject({
        code: "registry-failed",
        hint: expect.stringContaining("one by one") as string,
      });
  });

  test("that holds nothing of the path is no empty list", async () => {
    const registry = await registryWith(["team/app"]);
    await expect(sorted(testClient(), registry, "tea")).rejects.toMatchObject({ code: "image-not-found" });
    expect(await sorted(testClient(), await registryWith([]), "")).toEqual([]);
  });

  test.each(["Team", "team/", "/team", "team//app", "a b", "te\u001bam", "..", "team/.."])(
    "is not asked for %j",
    async (prefix) => {
      const registry = await registryWith(["team/app"]);
      await expect(sorted(testClient(), registry, prefix)).rejects.toMatchObject({ code: "usage" });
      expect(registry.requests).toEqual([]);
    },
  );

  test("names that are none are left out, which is told of, and each comes once", async () => {
    const registry = await registryWith([], ({ path }, response) =>
      path.startsWith("/v2/_catalog")
        ? sendJson(response, 200, { repositories: ["a", "a", "../b", "UPPER", "c d", 7, "\u001b[2J", "b/c"] })
        : false,
    );
    const problems: string[] = [];
    const options = { problem: (reason: string) => void problems.push(reason) };
    expect((await listOf(repositoriesBelow(testClient(), registry.host, "", options))).sort()).toEqual(["a", "b/c"]);
    expect(problems).toEqual(['it has invalid repository names, such as "../b"']);
    await expect(sorted(testClient(), registry, "")).rejects.toMatchObject({ code: "registry-failed" });
  });
});

describe("Harbor", () => {
  const repositories: Readonly<Record<string, readonly string[]>> = {
    library: Array.from({ length: 120 }, (_, index) => `library/app-${index}`),
    secret: ["secret/app/tool"],
  };
  const harbor = (): Promise<FakeRegistry> =>
    registryWith([], ({ url, headers }, response, host) => {
      const isKnown = headers.authorization === alice;
      const page = Number(url.searchParams.get("page"));
      const send = (all: readonly string[]): true =>
        sendJson(
          response,
          200,
          all.slice((page - 1) * 100, page * 100).map((name) => ({ name })),
          { "x-total-count": String(all.length) },
        );
      // To who names a repository the token server is kind: that token is for a stranger.
      if (url.pathname === "/service/token") {
        if (isKnown || url.searchParams.has("scope")) return sendJson(response, 200, { token: isKnown ? "t" : "none" });
        return sendJson(response, 401, { errors: [{ code: "UNAUTHORIZED", message: "unauthorized" }] });
      }
      if (url.pathname === "/v2/" && headers.authorization === "Bearer t") return sendJson(response, 200, {});
      if (url.pathname === "/api/v2.0/projects") return send(isKnown ? ["library", "secret"] : ["library"]);
      const project = /^\/api\/v2\.0\/projects\/([^/]+)\/repositories$/.exec(url.pathname)?.[1];
      const found = project === undefined ? undefined : repositories[project];
      if (found && (isKnown || project === "library")) return send(found);
      if (url.pathname.startsWith("/api/")) return sendJson(response, 401, { errors: [{ code: "UNAUTHORIZED" }] });
      return refuse(response, `Bearer realm="http://${host}/service/token",service="harbor-registry"`);
    });

  test("lists its projects and what is in them, to each what that may see", async () => {
    const registry = await harbor();
    expect(await sorted(testClient(), registry, "")).toHaveLength(120);
    expect(await sorted(testClient(known(registry)), registry, "")).toHaveLength(121);
    expect(await sorted(testClient(known(registry)), registry, "secret/app")).toEqual(["secret/app/tool"]);
    await expect(sorted(testClient(), registry, "secret")).rejects.toMatchObject({ code: "registry-refused" });
  });

  test("lists nothing with a password that is wrong, though a stranger would see something", async () => {
    const registry = await harbor();
    const client = testClient({ credentials: { [registry.host]: basic("alice", "marker-of-old") } });
    for (const prefix of ["", "library"]) {
      await expect(sorted(client, registry, prefix)).rejects.toMatchObject({
        code: "registry-refused",
        message: expect.stringContaining("the log-in") as string,
        hint: expect.stringContaining("have not expired") as string,
      });
    }
  });

  test("says that a log-in does not suit its interface", async () => {
    const registry = await registryWith([], ({ url, headers }, response, host) => {
      if (url.pathname === "/service/token") return sendJson(response, 200, { token: "t" });
      if (url.pathname === "/api/v2.0/projects") return sendJson(response, 200, [{ name: "library" }]);
      if (url.pathname.endsWith("/repositories")) return sendJson(response, 200, [{ name: "library/app" }]);
      if (headers.authorization === "Bearer t") return sendJson(response, 200, {});
      return refuse(response, `Bearer realm="http://${host}/service/token",service="harbor-registry"`);
    });
    const problems: string[] = [];
    const credential: Credential = { kind: "identity-token", token: new Secret("refresh") };
    const client = testClient({ credentials: { [registry.host]: credential } });
    const options = { problem: (reason: string) => void problems.push(reason) };
    expect(await listOf(repositoriesBelow(client, registry.host, "", options))).toEqual(["library/app"]);
    expect(problems).toEqual([expect.stringContaining("the API of Harbor does not accept this type of credentials")]);
  });
});

describe("Gitea", () => {
  test("lists the packages of an owner where the catalogue is not given", async () => {
    const registry = await registryWith([], ({ url, headers }, response, host) => {
      if (url.pathname.startsWith("/v2/token")) return sendJson(response, 200, { token: "t" });
      if (url.pathname === "/api/v1/packages/alice" && headers.authorization === alice) {
        const versions = ["app", "app", "tool/x"].map((name) => ({ type: "container", name, version: "v1" }));
        return sendJson(response, 200, url.searchParams.get("page") === "1" ? versions : []);
      }
      if (headers.authorization === "Bearer t") return sendJson(response, 404, {});
      const challenge = `Bearer realm="http://${host}/v2/token",service="container_registry",scope="*"`;
      return refuse(response, challenge);
    });
    expect(await sorted(testClient(known(registry)), registry, "alice")).toEqual(["alice/app", "alice/tool/x"]);
  });
});

describe.each([
  { vendor: "Sonatype Nexus", realm: "Sonatype Nexus Repository Manager", base: "/repository/docker-hosted/v2" },
  { vendor: "JFrog Artifactory", realm: "Artifactory Realm", base: "/artifactory/api/docker/docker-hosted/v2" },
])("$vendor", ({ realm, base }) => {
  const server = (): Promise<FakeRegistry> =>
    registryWith([], ({ url, headers }, response) => {
      if (headers.authorization !== alice) return refuse(response, `BASIC realm="${realm}"`);
      if (url.pathname === `${base}/_catalog`) return sendJson(response, 200, { repositories: ["app", "team/tool"] });
      return url.pathname === "/v2/_catalog" ? sendJson(response, 200, { repositories: ["port/app"] }) : false;
    });

  test("lists one of several registries by its key, and that of a port or sub-domain as it is", async () => {
    const registry = await server();
    const client = testClient(known(registry));
    expect(await sorted(client, registry, "docker-hosted")).toEqual(["docker-hosted/app", "docker-hosted/team/tool"]);
    expect(await sorted(client, registry, "docker-hosted/team")).toEqual(["docker-hosted/team/tool"]);
    expect(await sorted(client, registry, "port")).toEqual(["port/app"]);
    expect(await sorted(client, registry, "")).toEqual(["port/app"]);
  });
});

test("Artifactory that lists nothing as a whole asks for one of its repositories", async () => {
  const registry = await registryWith([], ({ headers }, response) =>
    headers.authorization === alice
      ? sendJson(response, 404, { errors: [{ status: 404 }] })
      : refuse(response, 'Basic realm="Artifactory Realm"'),
  );
  await expect(sorted(testClient(known(registry)), registry, "")).rejects.toMatchObject({
    code: "usage",
    hint: expect.stringContaining(`${registry.host}/REPOSITORY`) as string,
  });
  await expect(sorted(testClient(), registry, "")).rejects.toMatchObject({ code: "registry-refused" });
});

describe("a registry that means no good", () => {
  test("cannot lead the credentials for its interface elsewhere", async () => {
    const elsewhere = await registryWith(["x"]);
    const registry = await registryWith([], ({ url, headers }, response, host) => {
      if (url.pathname.startsWith("/api/")) {
        response.writeHead(302, { location: `http://${elsewhere.host}/api/stolen` }).end();
        return true;
      }
      if (url.pathname === "/service/token") return sendJson(response, 200, { token: "t" });
      return headers.authorization === "Bearer t"
        ? false
        : refuse(response, `Bearer realm="http://${host}/service/token",service="harbor-registry"`);
    });
    await expect(sorted(testClient(known(registry)), registry, "team")).rejects.toMatchObject({
      code: "registry-unreachable",
    });
    expect(elsewhere.requests).toEqual([]);
  });

  test("cannot have an interface asked on a private network that nobody named", async () => {
    const inner = await registryWith(["x"]);
    const registry = await registryWith([], ({ url }, response) =>
      url.pathname === "/v2/"
        ? refuse(response, `Bearer realm="http://${inner.host}/jwt/auth",service="container_registry"`)
        : sendJson(response, 404, {}),
    );
    await expect(sorted(testClient(known(registry)), registry, "group")).rejects.toMatchObject({
      code: "registry-unreachable",
    });
    expect(inner.requests).toEqual([]);
    const settings = new Map([[registry.host, { trustedHosts: [inner.host] }]]);
    await expect(sorted(testClient({ ...known(registry), settings }), registry, "group")).rejects.toMatchObject({
      code: "image-not-found",
    });
    expect(inner.requests.length).toBeGreaterThan(0);
  });

  test("that always has another page comes to an end", async () => {
    const registry = await registryWith([], ({ url }, response, host) => {
      if (url.pathname.startsWith("/api/v1/repository"))
        return sendJson(response, 200, { repositories: [], next_page: "again" });
      return refuse(response, `Bearer realm="http://${host}/v2/auth",service="quay"`);
    });
    await expect(sorted(testClient(), registry, "team")).rejects.toMatchObject({ code: "image-not-found" });
    expect(registry.requests.length).toBeLessThan(20);
  });

  test.each([["nonsense"], [{ repositories: "team/app" }], [[]], [null], [7]])(
    "that answers %j to its interface's question has failed",
    async (body) => {
      const registry = await registryWith([], ({ url }, response, host) => {
        if (url.pathname.startsWith("/api/v1/repository")) return sendJson(response, 200, body);
        return refuse(response, `Bearer realm="http://${host}/v2/auth",service="quay"`);
      });
      await expect(sorted(testClient(), registry, "team")).rejects.toMatchObject({ code: "registry-failed" });
    },
  );
});

test("the kind of a registry shows in how it is asked for its repositories", async () => {
  const shown: readonly (readonly [sign: (host: string) => Record<string, string>, first: string])[] = [
    [
      (host) => ({ "www-authenticate": `Bearer realm="http://${host}/v2/auth",service="${host}"` }),
      "/api/v1/repository",
    ],
    [
      (host) => ({ "www-authenticate": `Bearer realm="http://${host}/service/token",service="harbor-registry"` }),
      "/api/v2.0/projects/team/repositories",
    ],
    [
      (host) => ({ "www-authenticate": `Bearer realm="http://${host}/jwt/auth",service="container_registry"` }),
      "/api/v4/groups/team/registry/repositories",
    ],
    [() => ({ server: "Nexus/3.83.0-08 (OSS)" }), "/repository/team/v2/_catalog"],
    [() => ({ "x-jfrog-version": "Artifactory/7.111.4" }), "/artifactory/api/docker/team/v2/_catalog"],
    [() => ({ "x-artifactory-id": "1" }), "/artifactory/api/docker/team/v2/_catalog"],
    [(host) => ({ "www-authenticate": `Bearer realm="http://${host}/v2/token"` }), "/v2/_catalog"],
    [(host) => ({ "www-authenticate": `Bearer realm="http://${host}/openshift/token"` }), "/v2/_catalog"],
    [() => ({ "www-authenticate": 'Basic realm="zot"' }), "/v2/_catalog"],
    [() => ({ "docker-distribution-api-version": "registry/2.0" }), "/v2/_catalog"],
  ];
  for (const [sign, first] of shown) {
    const registry = await registryWith([], ({ url }, response, host) => {
      const headers = sign(host);
      return sendJson(response, "www-authenticate" in headers && url.pathname === "/v2/" ? 401 : 404, {}, headers);
    });
    await sorted(testClient(), registry, "team").catch(() => undefined);
    const asked = registry.requests.map(({ path }) => path.replace(/\?.*/, "")).filter((path) => path !== "/v2/");
    expect(asked[0]).toBe(first);
  }
});
