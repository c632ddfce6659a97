import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isRegistry } from "../../../src/model/packages/reference.ts";
import { challengesOf, realmOf } from "../../../src/registry/authorization/challenge.ts";
import { blobOf } from "../../../src/registry/content/blob-source.ts";
import { readAuthEntry } from "../../../src/registry/credentials/auth-entry.ts";
import { authorizationOf } from "../../../src/registry/credentials/authorization.ts";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";
import {
  type FakeRegistry,
  type FakeRequest,
  fakeRegistry,
  sendBlob,
  sendCut,
  sendJson,
} from "../../registry/setup/fake-registry.ts";
import { basic, collect, reference, testClient } from "../../registry/setup/registry-client.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface Rules {
  readonly token_reply_keys: readonly { readonly key: string; readonly usable: boolean }[];
  readonly realm_unspecified_or_local: readonly { readonly realm: string; readonly refused: boolean }[];
  readonly realm_same_host: readonly {
    readonly name: string;
    readonly realm: string;
    readonly registryHost: string;
    readonly insecure?: boolean;
    readonly wantErr?: boolean;
  }[];
  readonly canonical_address: readonly { readonly scheme: string; readonly address: string; readonly want: string }[];
  readonly basic_header: readonly { readonly auth: unknown; readonly hdr: string; readonly wantErr?: boolean }[];
  readonly refresh_flows: readonly Flow[];
  readonly never: readonly string[];
}

interface Flow {
  readonly case: string;
  /** What is asked, as METHOD realm and the names of the parameters. */
  readonly request?: string;
  readonly fallback_on?: readonly number[];
  readonly fallback?: string;
  readonly assume_seconds?: number;
}

const image = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] };
const aliceHeader = `Basic ${Buffer.from("alice:wonder").toString("base64")}`;

describeWithCorpus("rules of tokens", () => {
  const rules = corpusJson<Rules>("platform", "registry", "auth", "token-rules.json");

  test("the token of a reply is taken by its known names alone", async () => {
    for (const { key, usable } of rules.token_reply_keys) {
      const registry = await guarded(() => ({ [key]: "good" }));
      const pulled = testClient().manifest(named(registry));
      if (usable) expect((await pulled).kind, key).toBe("image");
      else await expect(pulled, key).rejects.toMatchObject({ code: "registry-failed" });
    }
    expect(rules.token_reply_keys).toHaveLength(3);
  });

  test("a realm on this machine or a private network is refused", () => {
    for (const { realm, refused } of rules.realm_unspecified_or_local) {
      expect(isRefused(realm, { registryHost: "registry.example.test" }), realm).toBe(refused);
    }
    expect(rules.realm_unspecified_or_local).toHaveLength(11);
  });

  test("a realm on the registry's own host and port is allowed", () => {
    for (const { name, realm, registryHost, insecure = false, wantErr = false } of rules.realm_same_host) {
      expect(isRefused(realm, { registryHost, insecure }), name).toBe(wantErr);
    }
    expect(rules.realm_same_host).toHaveLength(7);
  });

  test("a port that goes without saying makes no other host", () => {
    // No reference names these: an IPv6 address has brackets in one, as in a URL; with them it is the same host again.
    const noHosts: Readonly<Record<string, string | undefined>> = {
      "2001:db8::1": "[2001:db8::1]",
      "something:is::wrong]:": undefined,
    };
    for (const { scheme, address, want } of rules.canonical_address) {
      const written = Object.hasOwn(noHosts, address) ? noHosts[address] : address;
      expect(isRegistry(address.replace(/:$/, "")), address).toBe(written === address);
      const challenge = challengesOf(`Bearer realm="${scheme}://${want}/token"`)[0];
      const realm = challenge && realmOf(challenge, { registryHost: written ?? address, insecure: true });
      if (written === undefined) expect(realm, address).toBeUndefined();
      else expect(realm, address).toMatchObject({ trusted: true });
    }
    expect(rules.canonical_address).toHaveLength(13);
  });

  test("credentials become headers", () => {
    const differs: Readonly<Record<string, string>> = {
      '{"auth":"mytoken"}': "`auth` there is the base64 itself; here it must be that of a user name and a password",
      "{}": "an entry without anything is what Docker leaves where a store has the credential: none here, and no error",
    };
    const differing = rules.basic_header.filter(({ auth, hdr, wantErr = false }) => {
      const entry = readAuthEntry(auth === "authn.Anonymous" ? undefined : withSmallNames(auth));
      const header = "credential" in entry ? entry.credential && authorizationOf(entry.credential) : undefined;
      return "malformed" in entry !== wantErr || (header ?? "") !== hdr;
    });
    expect(differing.map(({ auth }) => JSON.stringify(auth))).toEqual(Object.keys(differs));
    expect(rules.basic_header).toHaveLength(4);
  });

  describe("how a token is had", () => {
    afterEach(() => void vi.useRealTimers());

    const flows: Readonly<Record<string, (flow: Flow) => Promise<void>>> = {
      "identity token in docker config or user <token>": async ({ request, fallback_on = [], fallback = "" }) => {
        const entries = [{ identitytoken: "refresh-me" }, { username: "<token>", password: "refresh-me" }];
        for (const entry of entries.map(readAuthEntry)) {
          const credential = "credential" in entry ? entry.credential : undefined;
          const asked = await askedFor(credential);
          expect(asked.map(questionOf)).toEqual([wantedOf(request)]);
          expect(new URLSearchParams(asked[0]?.body.toString()).get("refresh_token")).toBe("refresh-me");
          for (const status of fallback_on) {
            const again = await askedFor(credential, ({ method }, response) => {
              return method === "POST" && sendJson(response, status, {});
            });
            expect(again.map(({ method }) => method)).toEqual(["POST", "GET"]);
            const [scheme = "", pair = ""] = (again[1]?.headers.authorization ?? "").split(" ");
            expect(`GET realm with ${scheme}`).toBe(fallback);
            expect(Buffer.from(pair, "base64").toString("utf8")).toBe("<token>:refresh-me");
          }
        }
        expect(fallback_on).toHaveLength(3);
      },
      "user and password": async ({ request }) => {
        const asked = await askedFor(basic("alice", "wonder"));
        expect(asked.map(questionOf)).toEqual([wantedOf(request)]);
        expect(asked[0]?.headers.authorization).toBe(aliceHeader);
        expect(request).toContain("with Basic");
      },
      anonymous: async ({ request }) => {
        const asked = await askedFor(undefined);
        expect(asked.map(questionOf)).toEqual([wantedOf(request)]);
        expect(asked[0]?.headers.authorization).toBeUndefined();
      },
      "no expires_in": async ({ assume_seconds: assumed = 0 }) => {
        const registry = await guarded(() => ({ token: "good" }));
        const client = testClient();
        vi.useFakeTimers({ toFake: ["Date"] });
        const start = Date.now();
        const counts: number[] = [];
        // A token is renewed when a tenth of its time is left.
        for (const seconds of [0, assumed * 0.9 - 1, assumed + 1]) {
          vi.setSystemTime(start + seconds * 1000);
          await client.manifest(named(registry));
          counts.push(questions(registry).length);
        }
        expect(counts).toEqual([1, 1, 2]);
      },
      "401 while downloading": async () => {
        for (const isGivenAnother of [true, false]) {
          const bytes = randomBytes(50_000);
          let [tokens, cuts] = [0, 0];
          const registry = await guarded(() => ({ token: tokens++ > 0 && isGivenAnother ? "better" : "good" }), {
            accepts: ({ headers }) => headers.authorization === (cuts === 0 ? "Bearer good" : "Bearer better"),
          });
          const guard = registry.intercept;
          registry.intercept = (request, response) => {
            if (guard(request, response)) return true;
            if (!request.path.includes("/blobs/")) return false;
            if (cuts++ === 0) return sendCut(response, bytes, { after: 20_000 });
            return sendBlob(response, bytes, { range: request.headers.range });
          };
          const blob = collect(testClient().blob(named(registry), blobOf(bytes)));
          if (isGivenAnother) expect(await blob).toEqual(bytes);
          else await expect(blob).rejects.toMatchObject({ code: "registry-refused" });
          expect(questions(registry)).toHaveLength(2);
        }
      },
    };

    test.each(rules.refresh_flows.map((flow) => [flow.case, flow] as const))("%s", (name, flow) => flows[name]?.(flow));

    test("all five are played", () => {
      expect(rules.refresh_flows.map(({ case: name }) => name)).toEqual(Object.keys(flows));
    });
  });

  describe("what never happens", () => {
    const never: Readonly<Record<string, () => Promise<void>>> = {
      "send registry credentials to a host reached by redirect": async () => {
        for (const credential of [basic("alice", "wonder"), registryToken("good")]) {
          const [registry, other] = [await guarded(() => ({ token: "good" })), await fakeRegistry()];
          other.putManifest("team/app", image, { tag: "v1" });
          const guard = registry.intercept;
          registry.intercept = (request, response) => {
            if (guard(request, response)) return true;
            response.writeHead(307, { location: `http://${other.host}${request.path}` }).end();
            return true;
          };
          const settings = new Map([[registry.host, { trustedHosts: [other.host] }]]);
          const credentials = { [registry.host]: credential };
          await testClient({ settings, credentials }).manifest(named(registry));
          expect(other.requests).toHaveLength(1);
          expect(JSON.stringify(other.requests[0]?.headers)).not.toMatch(/authorization|wonder|good/i);
        }
      },
      "send a stale registry token to another host": async () => {
        const [first, second] = [await guarded(() => ({ token: "good" })), await guarded(() => ({ token: "good" }))];
        const client = testClient({ credentials: { [first.host]: registryToken("stale") } });
        await expect(client.manifest(named(first))).rejects.toMatchObject({ code: "registry-refused" });
        await client.manifest(named(second));
        expect(first.requests.some(({ headers }) => headers.authorization === "Bearer stale")).toBe(true);
        expect(JSON.stringify(second.requests.map(({ headers }) => headers))).not.toContain("stale");
      },
      "follow a realm on a link-local or metadata address": async () => {
        const hosts = ["169.254.169.254", "169.254.170.2", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]"];
        for (const host of hosts) {
          const registry = await guarded(() => ({ token: "good" }), { realm: `https://${host}/token` });
          const refused = testClient().manifest(named(registry));
          await expect(refused, host).rejects.toMatchObject({
            code: "registry-refused",
            message: expect.stringContaining("not on the public internet"),
          });
          // Nor when its own token server leads there.
          const leading = await guarded(() => ({}));
          const guard = leading.intercept;
          leading.intercept = (request, response) => {
            if (!request.path.startsWith("/token")) return guard(request, response);
            response.writeHead(307, { location: `https://${host}/token` }).end();
            return true;
          };
          await expect(testClient().manifest(named(leading)), host).rejects.toMatchObject({
            code: "registry-unreachable",
            message: expect.stringContaining("not on the public internet"),
          });
        }
      },
    };

    test.each(rules.never)("%s", (name) => never[name]?.());

    test("all three are played", () => expect(rules.never).toEqual(Object.keys(never)));
  });

  test("no other rules are there", () => {
    expect(Object.keys(rules).sort()).toEqual([
      "basic_header",
      "canonical_address",
      "never",
      "realm_same_host",
      "realm_unspecified_or_local",
      "refresh_flows",
      "token_reply_keys",
    ]);
  });
});

function isRefused(realm: string, options: { registryHost: string; insecure?: boolean }): boolean {
  const challenge = challengesOf(`Bearer realm="${realm}",service="test"`)[0];
  const answer = challenge && realmOf(challenge, options);
  if (!answer) throw new Error(`${realm} is no realm`);
  return "refusal" in answer;
}

/** The corpus writes names of members as programs do; files have them in small letters. */
function withSmallNames(auth: unknown): object {
  return Object.fromEntries(Object.entries(auth ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

function registryToken(token: string): Credential {
  return { kind: "registry-token", token: new Secret(token) };
}

/** A registry with an image, and a token server at the same place; each token that it accepts comes from there. */
async function guarded(
  answer: () => object,
  {
    realm,
    accepts = ({ headers }) => headers.authorization === "Bearer good",
  }: { readonly realm?: string; readonly accepts?: (request: FakeRequest) => boolean } = {},
): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", image, { tag: "v1" });
  registry.intercept = (request, response) => {
    if (request.path.startsWith("/token")) return sendJson(response, 200, answer());
    const challenge = `Bearer realm="${realm ?? `http://${registry.host}/token`}",service="of a test"`;
    return !accepts(request) && sendJson(response, 401, {}, { "www-authenticate": challenge });
  };
  return registry;
}

function named({ host }: FakeRegistry): ReturnType<typeof reference> {
  return reference(`${host}/team/app:v1`);
}

/** What a token server was asked. */
function questions({ requests }: FakeRegistry): readonly FakeRequest[] {
  return requests.filter(({ path }) => path.startsWith("/token"));
}

/** What a token server is asked for a pull with a credential; it may answer in another way. */
async function askedFor(
  credential: Credential | undefined,
  answer: (request: FakeRequest, response: ServerResponse) => boolean = () => false,
): Promise<readonly FakeRequest[]> {
  const registry = await guarded(() => ({ token: "good" }));
  const guard = registry.intercept;
  registry.intercept = (request, response) =>
    (request.path.startsWith("/token") && answer(request, response)) || guard(request, response);
  await testClient(credential ? { credentials: { [registry.host]: credential } } : {}).manifest(named(registry));
  return questions(registry);
}

interface Question {
  readonly method: string;
  readonly parameters: readonly string[];
}

/** The parameters of a question, by name. `account` says whose the password is, as distribution has it. */
function questionOf({ method, path, body }: FakeRequest): Question {
  const parameters = method === "POST" ? new URLSearchParams(body.toString()) : new URL(path, "http://x/").searchParams;
  return { method, parameters: [...new Set(parameters.keys())].filter((name) => name !== "account").sort() };
}

/** The question that a flow tells of in words. */
function wantedOf(request = ""): Question {
  const method = request.split(" ")[0] ?? "";
  return { method, parameters: Array.from(request.matchAll(/([a-z_]+)=/g), ([, name = ""]) => name).sort() };
}
