import { describe, expect, test } from "vitest";
import { fetchToken } from "../../../src/registry/authorization/bearer-token.ts";
import { RegistryDocument } from "../../../src/registry/connection/registry-document.ts";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { type CloudHosts, cloudHosts, emptyManifest } from "../../registry/setup/cloud-hosts.ts";
import type { InternetHost, InternetRequest } from "../../registry/setup/fake-internet.ts";
import { sha256 } from "../../registry/setup/fake-registry.ts";
import { listOf, reference } from "../../registry/setup/registry-client.ts";
import { describeWithCorpus } from "../../setup/corpus.ts";
import { catalogOf, hostOf, logIn, refusal, registryKind, registryKinds } from "./kinds.ts";

const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const ecrApi = "api.ecr.eu-west-1.amazonaws.com";
const azure = "contoso.azurecr.io";
const [nexus, art] = ["nexus.example.test", "art.example.test"];
const { open } = cloudHosts([
  ...["registry-1.docker.io", "ghcr.io", ecr, ecrApi, azure, "login.microsoftonline.com"],
  ...[nexus, `docker.${nexus}`, art, `docker.${art}`],
]);
const awsKeys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "marker-of-aws" };
const alice = `Basic ${Buffer.from("alice:wonder").toString("base64")}`;
const image = { json: emptyManifest, headers: { "content-type": emptyManifest.mediaType } };

describeWithCorpus("what the kinds of registries do in ways of their own", () => {
  const kinds = registryKinds();

  describe("traps", () => {
    const traps: Readonly<Record<string, () => Promise<void>>> = {
      "library/ prefix for one-part names": async () => {
        const { pull, requests } = await open({ "registry-1.docker.io": () => image });
        await pull("alpine:3");
        expect(requests.map(({ url }) => url.pathname)).toEqual(["/v2/library/alpine/manifests/3"]);
      },
      "a manifest GET counts as a pull, a HEAD does not": async () => {
        const digest = `sha256:${"1".repeat(64)}`;
        const headers = { ...image.headers, "docker-content-digest": digest };
        const { client, requests } = await open({ "registry-1.docker.io": () => ({ headers }) });
        expect(await client.head(reference("alpine:3"))).toMatchObject({ digest });
        expect(requests.map(({ method }) => method)).toEqual(["HEAD"]);
      },
      "the challenge at /v2/ names a made-up repository: build the scope yourself": async () => {
        const challenge = registryKind("GHCR").challenge ?? "";
        const { pull, requests } = await open({
          "ghcr.io": ({ url, headers }) => {
            if (url.pathname === "/token") return { json: registryKind("GHCR").token_reply };
            if (headers.authorization === "Bearer T") return image;
            return refusal(challenge);
          },
        });
        await pull("ghcr.io/team/app:v1");
        const questions = requests.filter(({ url }) => url.pathname === "/token");
        expect(questions.map(({ url }) => url.searchParams.getAll("scope"))).toEqual([["repository:team/app:pull"]]);
      },
      "no expires_in: assume 60 s": async () => {
        const { token_reply: reply = {} } = registryKind("GHCR");
        expect(reply).not.toHaveProperty("expires_in");
        const bytes = Buffer.from(JSON.stringify(reply));
        const question = { registry: "ghcr.io", realm: new URL("https://ghcr.io/token"), service: "ghcr.io" };
        const head = { status: 200, headers: {}, challenges: [], url: question.realm };
        const ask = () => Promise.resolve(new RegistryDocument(head, { excerpt: bytes, bytes }));
        expect(await fetchToken({ ...question, scopes: [], credential: undefined }, ask)).toEqual({
          token: "T",
          expiresIn: 60,
        });
      },
      "HEAD may lack or lie about the digest: compute it from the body": async () => {
        const digest = sha256(Buffer.from(JSON.stringify(emptyManifest)));
        const lie = `sha256:${"1".repeat(64)}`;
        const silent = await open({ [nexus]: () => image });
        expect(await silent.client.head(reference(`${nexus}/team/app:v1`))).toMatchObject({ digest });
        const headers = { ...image.headers, "docker-content-digest": lie };
        const lying = await open({ [nexus]: ({ method }) => (method === "HEAD" ? { headers } : image) });
        expect(await lying.pull(`${nexus}/team/app:v1`)).toMatchObject({ digest });
        await expect(lying.pull(`${nexus}/team/app@${lie}`)).rejects.toMatchObject({ code: "digest-mismatch" });
        const worse = await open({ [nexus]: () => ({ ...image, headers }) });
        await expect(worse.pull(`${nexus}/team/app:v1`)).rejects.toMatchObject({ code: "digest-mismatch" });
      },
      "connector by port, sub-domain or path": async () => {
        await expectModes(
          nexus,
          { key: "docker-hosted", base: "/repository/docker-hosted/v2" },
          registryKind("Sonatype Nexus"),
        );
      },
      "/v2/ may answer 200 without credentials: test with the catalog": async () => {
        const answer: InternetHost = ({ url, headers }) =>
          url.pathname === "/v2/" ? {} : headers.authorization === alice ? catalogOf("team/app") : catalogOf();
        const { client } = await open({ [art]: answer }, { environment: logIn(art) });
        // A registry that lets anybody in proves nothing of who asks.
        expect(await client.checkLogin(art)).toBe("open");
        expect(await listOf(client.catalog(art))).toEqual(["team/app"]);
      },
      "Link loses the repository prefix": async () => {
        const base = "/artifactory/api/docker/docker-local/v2/_catalog";
        const pages: InternetHost = ({ url }) => {
          if (url.pathname !== base) return refusal('Basic realm="Artifactory Realm"');
          if (url.searchParams.get("last") === "a") return catalogOf("b");
          return { ...catalogOf("a"), headers: { link: '</v2/_catalog?last=a&n=1>; rel="next"' } };
        };
        const { client } = await open({ [art]: pages }, { environment: logIn(art) });
        const names = await listOf(repositoriesBelow(client, art, "docker-local", { problem: () => undefined }));
        expect(names.sort()).toEqual(["docker-local/a", "docker-local/b"]);
      },
      // Not so here: another name would be another image, so only the one that is written is asked for.
      "remote repositories may need library/": async () => {
        const { pull, requests } = await open({
          [art]: hostOf({ "/v2/docker-remote/library/nginx/manifests/1": image }),
        });
        await expect(pull(`${art}/docker-remote/nginx:1`)).rejects.toMatchObject({ code: "image-not-found" });
        expect(new Set(requests.map(({ url }) => url.pathname))).toEqual(
          new Set(["/v2/docker-remote/nginx/manifests/1"]),
        );
        await pull(`${art}/docker-remote/library/nginx:1`);
      },
    };

    test.each(Object.entries(traps))("%s", (_, play) => play());

    test("all nine are played", () => {
      expect(kinds.flatMap(({ traps = [] }) => traps)).toEqual(Object.keys(traps));
      expect(Object.keys(traps)).toHaveLength(9);
    });
  });

  test("Artifactory is reached in each of its three ways", async () => {
    const { modes = [], alternative_challenge: challenge } = registryKind("JFrog Artifactory");
    expect(modes).toEqual(["path /artifactory/api/docker/{repo}/v2/", "sub-domain", "port"]);
    const base = modes[0]?.split(" ")[1]?.replace("{repo}", "docker-local").replace(/\/$/, "") ?? "";
    await expectModes(art, { key: "docker-local", base }, { challenge });
  });

  test("an account at AWS is given a password by the interface of ECR", async () => {
    const { token_api: api } = registryKind("AWS ECR");
    const [data = {}] = api?.reply.authorizationData ?? [];
    expect([api?.valid_hours, data["authorizationToken"]]).toEqual([12, "base64(AWS:PASSWORD)"]);
    const authorizationToken = Buffer.from("AWS:PASSWORD").toString("base64");
    const { pull, requests } = await open(
      {
        [ecr]: ({ headers }) =>
          headers.authorization === `Basic ${authorizationToken}`
            ? image
            : refusal(registryKind("AWS ECR").challenge ?? ""),
        [ecrApi]: () => ({ json: { authorizationData: [{ ...data, authorizationToken }] } }),
      },
      { environment: awsKeys },
    );
    await pull(`${ecr}/team/app:v1`);
    const calls = requests.filter(({ host }) => host === ecrApi).map(({ headers }) => headers["x-amz-target"]);
    expect(new Set(calls)).toEqual(new Set([`AmazonEC2ContainerRegistry_V20150921.${api?.call}`]));
    expect(Buffer.from(authorizationToken, "base64").toString("utf8")).toBe(`${api?.user}:PASSWORD`);
  });

  test("a token of Azure's is exchanged in two steps, and an identity token is shown with its user", async () => {
    const { flow = [], challenge = "", identity_token_user: user } = registryKind("Azure ACR");
    const environment = { AZURE_TENANT_ID: "tenant-1", AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "s" };
    const hosts = (refreshes: boolean): Record<string, InternetHost> => ({
      "login.microsoftonline.com": () => ({ json: { access_token: "entra", expires_in: 3599 } }),
      [azure]: ({ url, method, headers }) => {
        if (url.pathname === "/oauth2/exchange") return { json: { refresh_token: "R" } };
        if (url.pathname === "/oauth2/token" && (refreshes || method === "GET")) return { json: { access_token: "A" } };
        if (url.pathname === "/oauth2/token") return { status: 404, json: {} };
        return headers.authorization === "Bearer A" ? image : refusal(challenge);
      },
    });
    const { pull, requests } = await open(hosts(true), { environment });
    await pull(`${azure}/hello:v1`);
    const steps = requests.filter(({ host, method }) => host === azure && method === "POST");
    expect(steps.map(stepOf)).toEqual(flow.map(stepIn));
    const without = await open(hosts(false), { environment });
    await without.pull(`${azure}/hello:v1`);
    const shown = without.requests.find(({ url, method }) => url.pathname === "/oauth2/token" && method === "GET");
    expect(shown?.headers.authorization).toBe(`Basic ${Buffer.from(`${user}:R`).toString("base64")}`);
  });

  /** Of a registry that is reached by port, sub-domain or path, and then has its catalogue at an address of its own. */
  async function expectModes(
    host: string,
    { key, base }: { readonly key: string; readonly base: string },
    { challenge = "" }: { readonly challenge?: string | undefined },
  ): Promise<void> {
    const answer: InternetHost = (request) => {
      const { url, headers } = request;
      if (headers.authorization !== alice) return refusal(challenge);
      if (url.pathname.includes("/manifests/")) return image;
      return url.pathname === `${base}/_catalog` ? catalogOf("team/app") : undefined;
    };
    const asked = async (name: string): Promise<CloudHosts["requests"]> => {
      const registry = name.split("/")[0] ?? "";
      const { pull, requests } = await open(
        { [host]: answer, [`docker.${host}`]: answer },
        { environment: logIn(registry) },
      );
      await pull(name);
      return requests;
    };
    for (const [name, path] of [
      [`${host}:8443/team/app:v1`, "/v2/team/app/manifests/v1"],
      [`docker.${host}/team/app:v1`, "/v2/team/app/manifests/v1"],
      [`${host}/${key}/team/app:v1`, `/v2/${key}/team/app/manifests/v1`],
    ] as const) {
      const requests = await asked(name);
      expect(requests.map(({ url }) => `${url.host}${url.pathname}`)).toContain(`${name.split("/")[0]}${path}`);
    }
    const { client } = await open({ [host]: answer }, { environment: logIn(host) });
    expect(await listOf(repositoriesBelow(client, host, key))).toEqual([`${key}/team/app`]);
  }
});

interface Step {
  readonly path: string;
  readonly grant: string | null;
  readonly members: readonly string[];
}

/** A step of an exchange; `client_id` says who asks, as OAuth 2 has it. */
function stepOf({ url, body }: InternetRequest): Step {
  const form = new URLSearchParams(body);
  const members = [...form.keys()].filter((name) => name !== "client_id");
  return { path: url.pathname, grant: form.get("grant_type"), members: members.sort() };
}

/** A step as the corpus writes it: `POST PATH grant_type=TYPE&NAME&NAME -> REPLY`. */
function stepIn(text: string): Step {
  const [, path = "", parameters = ""] = text.split(" ");
  const form = new URLSearchParams(parameters);
  return { path, grant: form.get("grant_type"), members: [...form.keys()].sort() };
}
