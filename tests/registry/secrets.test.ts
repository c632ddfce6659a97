import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import type { Credential } from "../../src/registry/credentials/credential.ts";
import { Secret } from "../../src/registry/credentials/secret.ts";
import { temporaryFilesIn, temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeRegistry, fakeRegistry, listen, sendCut, sendJson } from "./setup/fake-registry.ts";
import { basic, listOf, reference, testClient } from "./setup/registry-client.ts";

const marker = "marker/pa55word+X";
const pairs = [`alice:${marker}`, `<token>:${marker}`].map((pair) => Buffer.from(pair).toString("base64"));
const forms = [marker, encodeURIComponent(marker), ...pairs, "marker-of-a-token"];
const temporary = temporaryFilesIn(temporaryFolder());

let printed = "";
beforeEach(() => {
  printed = "";
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

const credentials: Readonly<Record<string, Credential>> = {
  "a password": basic("alice", marker),
  "an identity token": { kind: "identity-token", token: new Secret(marker) },
  "a registry token": { kind: "registry-token", token: new Secret(marker) },
};

/** Servers that go wrong in every way, and repeat all that they hear. */
const servers: Readonly<Record<string, (registry: FakeRegistry) => FakeRegistry["intercept"]>> = {
  "refuses and repeats": () => (request, response) => {
    const heard = `you sent ${request.headers.authorization} and ${request.path} and ${request.body.toString()}`;
    return sendJson(
      response,
      401,
      { errors: [{ code: "NO", message: heard }] },
      { "www-authenticate": 'Basic realm="x"' },
    );
  },
  "sends for tokens, refuses and repeats": (registry) => (request, response) => {
    const heard = `you sent ${request.headers.authorization} and ${request.path} and ${request.body.toString()}`;
    const challenge = `Bearer realm="http://${registry.host}/token",service="x"`;
    return sendJson(response, 401, { errors: [{ code: "NO", message: heard }] }, { "www-authenticate": challenge });
  },
  "gives tokens, and refuses and repeats them": (registry) => (request, response) => {
    if (request.path.startsWith("/token")) return sendJson(response, 200, { token: "marker-of-a-token" });
    const challenge = `Bearer realm="http://${registry.host}/token",service="x"`;
    const status = request.headers.authorization === undefined ? 401 : 403;
    return sendJson(response, status, { message: request.headers.authorization }, { "www-authenticate": challenge });
  },
  "gives tokens of a kind that it does not understand": (registry) => (request, response) => {
    if (request.path.startsWith("/token")) return sendJson(response, 200, { tolkien: "marker-of-a-token" });
    return sendJson(response, 401, {}, { "www-authenticate": `Bearer realm="http://${registry.host}/token"` });
  },
  "sends where it should not": () => (request, response) => {
    if (request.headers.authorization === undefined)
      return sendJson(response, 401, {}, { "www-authenticate": 'Basic realm="x"' });
    response
      .writeHead(307, { location: `http://169.254.169.254/?was=${encodeURIComponent(request.headers.authorization)}` })
      .end();
    return true;
  },
  "breaks off": () => (request, response) => {
    if (request.headers.authorization === undefined)
      return sendJson(response, 401, {}, { "www-authenticate": 'Basic realm="x"' });
    return sendCut(response, Buffer.from(request.headers.authorization), { after: 3 });
  },
  "answers nonsense": () => (request, response) =>
    sendJson(response, 418, { error: `no ${request.headers.authorization}` }),
};

test.each(
  Object.keys(credentials).flatMap((credential) => Object.keys(servers).map((server) => ({ credential, server }))),
)("$credential does not show when a registry $server", async ({ credential, server }) => {
  const registry = await fakeRegistry();
  const answer = servers[server]?.(registry);
  registry.intercept = (request, response) => request.path !== "/v2/" && answer?.(request, response) === true;
  const shown = credentials[credential];
  const client = testClient({ ...(shown && { credentials: { [registry.host]: shown } }), limits: { attempts: 2 } });
  const failures = await everything(client, registry.host);
  expect(failures.length).toBeGreaterThan(3);
  const sent = registry.requests.some(({ headers, body, path }) =>
    forms.some((form) => `${headers.authorization} ${body.toString()} ${path}`.includes(form)),
  );
  expect(sent || server === "answers nonsense").toBe(true);
  const texts = [...failures, client].flatMap((one) => [
    inspect(one, { depth: 20, showHidden: true, getters: true }),
    one instanceof Error ? `${one.stack} ${JSON.stringify(one)} ${"hint" in one ? one.hint : ""}` : JSON.stringify(one),
  ]);
  for (const form of forms)
    for (const text of [printed, filesOf(temporary), ...texts]) expect(text).not.toContain(form);
});

test("a password that a registry makes the name of a host where it should not lead does not show", async () => {
  const password = "Marker-Pa55word";
  const elsewhere = `http://${password}.localhost/`;
  const registry = await fakeRegistry();
  registry.intercept = ({ path, headers }, response) => {
    if (path === "/v2/") return false;
    const challenge = headers.authorization === undefined ? 'Basic realm="x"' : `Bearer realm="${elsewhere}"`;
    if (path.includes("/tags/") || headers.authorization === undefined)
      return sendJson(response, 401, {}, { "www-authenticate": challenge });
    response.writeHead(307, { location: elsewhere }).end();
    return true;
  };
  const tokens = await fakeRegistry();
  tokens.intercept = ({ path }, response) => {
    if (path === "/v2/") return false;
    if (!path.startsWith("/token"))
      return sendJson(response, 401, {}, { "www-authenticate": `Bearer realm="http://${tokens.host}/token"` });
    response.writeHead(307, { location: elsewhere }).end();
    return true;
  };
  for (const { host } of [registry, tokens]) {
    const failures = await everything(testClient({ credentials: { [host]: basic("alice", password) } }), host);
    const texts = failures.map((one) => inspect(one, { depth: 20, showHidden: true, getters: true }));
    expect(texts.filter((text) => text.includes("[secret].localhost")).length).toBeGreaterThan(1);
    for (const text of texts) expect(text.toLowerCase()).not.toContain(password.toLowerCase());
  }
});

test("a password that a registry makes the name of a token server that cannot be reached does not show", async () => {
  const password = "Marker-Pa55word";
  const registry = await fakeRegistry();
  registry.intercept = ({ path, headers }, response) => {
    if (path === "/v2/") return false;
    const isShown = headers.authorization !== undefined;
    const challenge = isShown ? `Bearer realm="https://${password}.example/token"` : 'Basic realm="x"';
    return sendJson(response, 401, {}, { "www-authenticate": challenge });
  };
  const proxy = createServer().on("connect", (_, socket) => void socket.destroy());
  const proxies = { HTTPS_PROXY: `http://${await listen(proxy)}` };
  const failures = await everything(
    testClient({ credentials: { [registry.host]: basic("alice", password) }, proxies, limits: { attempts: 2 } }),
    registry.host,
  );
  const texts = failures.map((one) => inspect(one, { depth: 20, showHidden: true, getters: true }));
  expect(
    texts.filter((text) => text.includes("the request to the registry [secret].example failed")).length,
  ).toBeGreaterThan(1);
  for (const text of texts) expect(text.toLowerCase()).not.toContain(password.toLowerCase());
});

/** Does all that a client can do, and gives what went wrong. */
async function everything(client: RegistryClient, host: string): Promise<unknown[]> {
  const named = reference(`${host}/team/app:v1`);
  const digest = `sha256:${"1".repeat(64)}`;
  const blob = blobOf(Buffer.from("blob"));
  const work: (() => Promise<unknown>)[] = [
    () => client.manifest(named),
    () => client.head(named),
    () => client.blobBytes(named, blob, 100),
    () => listOf(client.tags(named)),
    () => listOf(client.catalog(host)),
    () => listOf(client.referrers(named, digest)),
    () => client.pushBlob(named, blob, { mountFrom: "other/app" }),
    () => client.pushManifest(named, { bytes: Buffer.from('{"layers":[]}'), mediaType: "application/json" }),
    () => client.pushArtifact(named, { artifactType: "a/b", layers: [{ mediaType: "c/d", blob }] }),
  ];
  const failures: unknown[] = [];
  for (const one of work) {
    await one().catch((error: unknown) => {
      failures.push(error);
    });
  }
  return failures;
}

function filesOf(folder: string): string {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .map((entry) => (entry.isFile() ? readFileSync(join(entry.parentPath, entry.name), "latin1") : entry.name))
    .join("\n");
}
