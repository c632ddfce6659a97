import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openRegistryClient } from "../../src/pipeline/targets/registry-access.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { reference } from "./setup/registry-client.ts";

const marker = "marker-of-a-secret";
let homes = 0;

function homeWith(content: (path: string) => void): { readonly home: string; readonly file: string } {
  const home = join(temporaryFolder(), String(homes++));
  const file = join(home, ".docker/config.json");
  mkdirSync(join(home, ".docker"), { recursive: true });
  content(file);
  return { home, file };
}

function answerOf(
  { host }: FakeRegistry,
  { home, environment = {} }: { home: string; environment?: Record<string, string> },
): Promise<unknown> {
  const { signal } = new AbortController();
  const client = openRegistryClient({ environment: { PATH: "", ...environment }, home, insecure: [host] }, signal);
  return client.manifest(reference(`${host}/team/app:v1`)).catch((cause: unknown) => cause);
}

/** Registries that let nobody in, by how they ask. */
async function closedRegistry(scheme: "basic" | "bearer"): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  const challenge = scheme === "basic" ? 'Basic realm="x"' : `Bearer realm="http://${registry.host}/token",service="x"`;
  registry.intercept = (_, response) => sendJson(response, 401, {}, { "www-authenticate": challenge });
  return registry;
}

/** A registry that gives tokens to strangers, as those for public images do. */
async function openRegistry(): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  registry.intercept = ({ path, headers }, response) => {
    if (path.startsWith("/token")) return sendJson(response, 200, { token: "for-anybody" });
    const challenge = `Bearer realm="http://${registry.host}/token",service="x"`;
    if (headers.authorization === undefined) return sendJson(response, 401, {}, { "www-authenticate": challenge });
    return path === "/v2/" ? sendJson(response, 200, {}) : sendJson(response, 404, {});
  };
  return registry;
}

test.each(["basic", "bearer"] as const)(
  "beside the refusal of an old entry stands the store that was asked first and failed (%s)",
  async (scheme) => {
    const registry = await closedRegistry(scheme);
    const auths = { [registry.host]: { username: "old", password: marker } };
    const { home, file } = homeWith((path) => writeFileSync(path, JSON.stringify({ auths, credsStore: "absent" })));
    const answer = await answerOf(registry, { home });
    expect(answer).toMatchObject({ code: "registry-refused", hint: expect.stringContaining("not expired") });
    expect(String(answer)).toContain(
      `; docker-credential-absent, which is set in ${file}, failed: the program was not found in PATH`,
    );
    expect(String(answer)).not.toContain(marker);
    const sent = Buffer.from(`old:${marker}`).toString("base64");
    expect(registry.requests.some(({ headers }) => headers.authorization === `Basic ${sent}`)).toBe(true);
  },
);

test("a home folder of somebody else keeps nobody from what anybody may read", async () => {
  const { home } = homeWith((path) => mkdirSync(path));
  expect(await answerOf(await openRegistry(), { home })).toMatchObject({ code: "image-not-found" });
});

test.each(["basic", "bearer"] as const)(
  "beside a refusal stands the usual file that was closed (%s)",
  async (scheme) => {
    const { home, file } = homeWith((path) => mkdirSync(path));
    const answer = await answerOf(await closedRegistry(scheme), { home });
    expect(answer).toMatchObject({ code: "registry-refused", hint: expect.stringContaining("plimsoll login") });
    expect(String(answer)).toContain(`; the credentials file ${file} cannot be read: `);
  },
);

test("a named file that is not there stands beside a refusal, and keeps nobody from what is public", async () => {
  const environment = { REGISTRY_AUTH_FILE: "/nope/auth.json" };
  const { home } = homeWith(() => undefined);
  expect(await answerOf(await openRegistry(), { home, environment })).toMatchObject({ code: "image-not-found" });
  const answer = await answerOf(await closedRegistry("basic"), { home, environment });
  expect(answer).toMatchObject({
    code: "registry-refused",
    message: expect.stringMatching(/; \/nope\/auth\.json, set by REGISTRY_AUTH_FILE, does not exist$/),
  });
});

test.each(["basic", "bearer"] as const)(
  "DOCKER_CONFIG with the path of a file stands beside a refusal, and keeps nobody from what is public (%s)",
  async (scheme) => {
    const { home, file } = homeWith((path) => writeFileSync(path, "{}"));
    const environment = { DOCKER_CONFIG: file };
    expect(await answerOf(await openRegistry(), { home, environment })).toMatchObject({ code: "image-not-found" });
    const answer = await answerOf(await closedRegistry(scheme), { home, environment });
    expect(answer).toMatchObject({ code: "registry-refused" });
    expect(String(answer)).toContain(`; DOCKER_CONFIG must be a folder, but ${file} is a file`);
  },
);
