import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dockerHub, parseReference } from "../../../src/model/packages/reference.ts";
import { challengesOf, realmOf } from "../../../src/registry/authorization/challenge.ts";
import { registryWords } from "../../../src/registry/connection/registry-failure.ts";
import { authorizationOf } from "../../../src/registry/credentials/authorization.ts";
import { openCredentials } from "../../../src/registry/credentials/open-credentials.ts";
import { readPushNotification } from "../../../src/registry/notifications/read-push-notification.ts";
import { vendors } from "../../../src/registry/vendors/builtin.ts";
import { signsOf } from "../../../src/registry/vendors/registry-signs.ts";
import { vendorOfHost } from "../../../src/registry/vendors/vendor-of-host.ts";
import { emptyManifest } from "../../registry/setup/cloud-hosts.ts";
import type { InternetHost } from "../../registry/setup/fake-internet.ts";
import { fakeRegistry, sendJson } from "../../registry/setup/fake-registry.ts";
import { basic, listOf, reference, testClient } from "../../registry/setup/registry-client.ts";
import { internetOf } from "../../registry/setup/vendor-internet.ts";
import { describeWithCorpus } from "../../setup/corpus.ts";
import { membersOf, type RegistryKind, registryKinds, vendorIds } from "./kinds.ts";

const asked = "registry.example.test";
const realmHosts = [
  "auth.docker.io",
  "public.ecr.aws",
  "gcr.io",
  "contoso.azurecr.io",
  "ghcr.io",
  "quay.io",
  "harbor.example.test",
  "art.example.test",
  "image-registry.example",
  "gitlab.com",
];
const clientIn = internetOf([asked, ...realmHosts]);
const alice = `Basic ${Buffer.from("alice:wonder").toString("base64")}`;

describeWithCorpus("kinds of registries", () => {
  const kinds = registryKinds();
  const withChallenge = kinds.flatMap((kind) => {
    const { challenge = "", alternative_challenge: alternative = "" } = kind;
    return [challenge, alternative].filter((header) => header.includes("=")).map((header) => ({ ...kind, header }));
  });

  test("each is known here, and every member of each is looked at", () => {
    expect(kinds.map(({ registry }) => registry)).toEqual(Object.keys(vendorIds));
    // What is not played here is in registry-kinds-lists.test.ts and registry-kinds-traps.test.ts.
    expect(membersOf(kinds)).toEqual({
      registry: 14,
      hosts: 17,
      config_key: 1,
      challenge: 14,
      alternative_challenge: 1,
      note: 1,
      token_reply: 3,
      token_api: 1,
      flow: 2,
      identity_token_user: 1,
      users: 11,
      modes: 3,
      list_repositories: 10,
      list_tags: 7,
      errors: 18,
      traps: 9,
      push_event: 2,
      referrers: 1,
      verified: 14,
    });
  });

  test("each is described with how it was tested, and only what was run is said to be", () => {
    for (const { registry, verified } of kinds) {
      const page = join(import.meta.dirname, `../../../docs/registries/${vendorIds[registry]}.md`);
      expect(existsSync(page), registry).toBe(true);
      const told = /^Tested: (.+)$/m.exec(readFileSync(page, "utf8"))?.[1] ?? "";
      if (verified === "recorded") expect(told, registry).toContain("live with");
      else expect(told, registry).toMatch(/not (?:run )?live/);
    }
  });

  test("hosts tell which kind it is", () => {
    const names = kinds.flatMap(({ registry, hosts = [] }) =>
      hosts.map((host) => ({ registry, host: filledIn(host) })),
    );
    for (const { registry, host } of names) {
      const named = parseReference(`${host}/team/app`)?.registry;
      expect(named && vendorOfHost(named)?.id, host).toBe(vendorIds[registry]);
      expect(vendorOfHost(`${host}.example.com`)?.id, host).toBeUndefined();
    }
    expect(names).toHaveLength(17);
  });

  test("a credential under the key of Docker Hub is Docker Hub's, under each of its names", async () => {
    const [{ config_key: key = "", hosts = [] } = {}] = kinds.filter(({ config_key }) => config_key !== undefined);
    const source = credentialsOf({ [key]: { auth: Buffer.from("alice:wonder").toString("base64") } });
    for (const host of hosts) {
      const { registry = "" } = parseReference(`${host}/library/alpine`) ?? {};
      const found = await source.find(registry);
      expect([registry, found && authorizationOf(found)]).toEqual([dockerHub, alice]);
    }
  });

  describe("what they ask for", () => {
    test.each(withChallenge)("$registry: $header", async ({ header }) => {
      const [challenge] = challengesOf(header);
      expect(challenge?.scheme).toBe(header.split(" ")[0]?.toLowerCase());
      const realm = challenge && realmOf(challenge, { registryHost: asked });
      const url = realm && "url" in realm ? realm.url : undefined;
      expect(url?.protocol).toBe(header.includes("https://") ? "https:" : undefined);
      const wanted = challenge?.scheme === "bearer" ? "Bearer of-the-realm" : alice;
      const registry: InternetHost = ({ headers }) =>
        headers.authorization === wanted
          ? { json: emptyManifest, headers: { "content-type": emptyManifest.mediaType } }
          : { status: 401, json: {}, headers: { "www-authenticate": header } };
      const tokens: InternetHost = () => ({ json: { token: "of-the-realm" } });
      const hosts = { [asked]: registry, ...(url && challenge?.scheme === "bearer" && { [url.hostname]: tokens }) };
      const { client, requests } = await clientIn({ hosts, credentials: { [asked]: basic("alice", "wonder") } });
      expect((await client.manifest(reference(`${asked}/team/app:v1`))).kind).toBe("image");
      const questions = requests.filter(({ host }) => host !== asked);
      // The scope is that of the repository that is pulled, whatever the challenge names.
      const question = [
        {
          path: url?.pathname,
          service: challenge?.parameters.get("service") ?? null,
          scope: ["repository:team/app:pull"],
          shown: alice,
        },
      ];
      expect(
        questions.map(({ url: { pathname, searchParams }, headers }) => ({
          path: pathname,
          service: searchParams.get("service"),
          scope: searchParams.getAll("scope"),
          shown: headers.authorization,
        })),
      ).toEqual(challenge?.scheme === "bearer" ? question : []);
    });

    test("13 are headers; of the two that are words, one is recorded and the other is any", () => {
      expect(withChallenge).toHaveLength(13);
      const words = kinds.filter(({ challenge = "" }) => !challenge.includes("="));
      expect(words.map(({ registry, challenge }) => [registry, challenge])).toEqual([
        ["distribution", "see recorded/*token*"],
        ["zot", "Basic or Bearer"],
      ]);
    });

    test("a kind whose host may be any is known by its challenge", async () => {
      const known = ["Quay", "Harbor", "Sonatype Nexus", "JFrog Artifactory", "OpenShift internal", "GitLab"];
      for (const { registry: kind, header } of withChallenge) {
        const registry = await fakeRegistry();
        registry.intercept = (_, response) => sendJson(response, 401, {}, { "www-authenticate": header });
        const signs = await signsOf(testClient().host(registry.host));
        const vendor = vendors.find(({ isShown }) => isShown?.(signs))?.id;
        expect(vendor, kind).toBe(known.includes(kind) ? vendorIds[kind] : "distribution");
      }
    });
  });

  test("names of users that have signs in them are shown as they are written", async () => {
    const users = kinds.flatMap(({ users = [] }) => users);
    for (const user of users) {
      const auth = Buffer.from(`${user}:wonder`).toString("base64");
      const found = await credentialsOf({ [asked]: { auth } }).find(asked);
      expect(found && authorizationOf(found), user).toBe(`Basic ${auth}`);
      expect(found, user).toMatchObject({ kind: "basic", username: user });
    }
    expect(users).toHaveLength(11);
  });

  describe("what they answer", () => {
    const failures = kinds.flatMap(({ registry: kind, errors = [] }) => errors.map((error) => ({ kind, ...error })));
    const codes: Readonly<Record<number, string>> = {
      401: "registry-refused",
      403: "registry-refused",
      404: "image-not-found",
      405: "registry-failed",
      // A policy of the project forbids the pull: a refusal that the project's owner can lift.
      412: "registry-refused",
      // Nothing remains for six hours: that is not waited for.
      429: "registry-refused",
    };

    test.each(failures)("$kind: an error with $status", async ({ status, body, headers = {} }) => {
      const registry = await fakeRegistry();
      const text = typeof body === "string" ? body : JSON.stringify(body);
      registry.intercept = ({ path }, response) => {
        if (!path.includes("/manifests/")) return false;
        response.writeHead(status, headers).end(text);
        return true;
      };
      const client = testClient({ limits: { attempts: 2 } });
      const named = `${registry.host}/team/app:v1`;
      const failure = await client.manifest(reference(named)).catch((cause: unknown) => cause);
      const words = registryWords(Buffer.from(text));
      expect(words).toBeDefined();
      const told: Readonly<Record<number, string>> = {
        404: named,
        429: `limit of ${headers["ratelimit-limit"]?.split(";")[0]} pulls in`,
      };
      const message = expect.stringContaining(told[status] ?? `HTTP status ${status} (${words})`);
      expect(failure).toMatchObject({ code: codes[status], message });
      expect(client.rateLimit(registry.host)?.remaining).toBe(
        headers["ratelimit-remaining"] === undefined ? undefined : 0,
      );
    });

    const replies = kinds.flatMap(({ registry: kind, token_reply: reply }) => (reply ? [{ kind, reply }] : []));
    test.each(replies)("$kind: the reply of its token server", async ({ reply }) => {
      const registry = await fakeRegistry();
      registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
      registry.intercept = ({ path, headers }, response) => {
        if (path.startsWith("/token")) return sendJson(response, 200, reply);
        const challenge = `Bearer realm="http://${registry.host}/token",service="x"`;
        return headers.authorization !== "Bearer T" && sendJson(response, 401, {}, { "www-authenticate": challenge });
      };
      expect((await testClient().manifest(reference(`${registry.host}/team/app:v1`))).kind).toBe("image");
    });

    test("there are 18 errors and three replies", () => expect([failures.length, replies.length]).toEqual([18, 3]));
  });

  test("what is said of their notifications holds", () => {
    const events = kinds.flatMap(({ registry, push_event: event }) => (event ? [[registry, event]] : []));
    expect(events).toEqual([
      ["GitLab", "none"],
      ["zot", "CloudEvents zotregistry.image.updated"],
    ]);
    const type = events[1]?.[1]?.split(" ")[1];
    const data = { name: "team/app", reference: "v1" };
    const payload = { specversion: "1.0", type, source: `https://${asked}`, data };
    expect(readPushNotification({ payload })).toMatchObject({ kind: "zot", events: [{ repository: "team/app" }] });
  });

  test("one that has the list of referrers is asked for no tag", async () => {
    const [{ referrers } = {} as RegistryKind] = kinds.filter((kind) => kind.referrers !== undefined);
    expect(referrers).toBe("API");
    const registry = await fakeRegistry({ referrers: true });
    const place = { registry: registry.host, repository: "team/app" };
    const digest = registry.putManifest("team/app", emptyManifest);
    expect(await listOf(testClient().referrers(place, digest))).toEqual([]);
    expect(registry.requests.map(({ path }) => path)).toEqual([`/v2/team/app/referrers/${digest}`]);
  });
});

function credentialsOf(auths: object): ReturnType<typeof openCredentials> {
  const dockerAuthConfig = JSON.stringify({ auths });
  return openCredentials({ dockerAuthConfig, files: [], runHelper: async () => undefined });
}

/** One of the hosts that a pattern of the corpus stands for. */
function filledIn(pattern: string): string {
  const region = pattern.endsWith(".cn") ? "cn-north-1" : "eu-west-1";
  const first = pattern.startsWith("*.azurecr") ? "contoso" : pattern.startsWith("*-") ? "europe-west4" : "eu";
  return pattern.replace("<account>", "123456789012").replace("<region>", region).replace("*", first);
}
