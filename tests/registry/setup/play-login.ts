import { expect } from "vitest";
import { readAuthEntry } from "../../../src/registry/credentials/auth-entry.ts";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";
import { sendJson } from "./fake-registry.ts";
import { matches, nameOf, reply, type Scene } from "./recording.ts";
import { basic, testClient } from "./registry-client.ts";

/** Plays what a registry answers to `GET /v2/`: a log-in asks for that, with the credential of the recording. */
export async function playLogin(scene: Scene): Promise<void> {
  const { recording, all, registry } = scene;
  const header = recording.request.headers["Authorization"];
  const anonymous = all.find(
    ({ request }) => request.path === "/v2/" && request.headers["Authorization"] === undefined,
  );
  registry.intercept = (request, response) => {
    const found = request.headers.authorization === header ? recording : anonymous;
    return found !== undefined && matches(request, found) && reply(response, found, registry.host);
  };
  const credential = header === undefined ? undefined : credentialOf(header);
  const client = testClient(credential ? { credentials: { [registry.host]: credential } } : {});
  const outcome = client.checkLogin(registry.host);
  if (recording.response.status === 200) expect(await outcome).toBe(header === undefined ? "open" : "accepted");
  else await expect(outcome).rejects.toMatchObject({ code: "registry-refused" });
  const shown = registry.requests.map(({ headers }) => headers.authorization);
  expect(shown.includes(header)).toBe(header === undefined || credential !== undefined);
}

/** Plays the log-in at a registry that wants a token: one without a scope is asked for, and shown. */
export async function playTokenLogin({ recording, registry }: Scene): Promise<void> {
  const asked: URLSearchParams[] = [];
  registry.intercept = (request, response) => {
    if (request.path.startsWith("/token")) {
      asked.push(new URL(request.path, "http://x/").searchParams);
      return sendJson(response, 200, { token: "a-token" });
    }
    if (request.headers.authorization === "Bearer a-token") return false;
    return matches(request, recording) && reply(response, recording, registry.host);
  };
  expect(await testClient().checkLogin(registry.host)).toBe("accepted");
  const service = /service="([^"]*)"/.exec(recording.response.headers["www-authenticate"] ?? "")?.[1];
  expect(asked.map((query) => [query.get("service"), query.getAll("scope")])).toEqual([[service, []]]);
}

/** The recordings of {@link playLogin}. */
export function isLogin(recording: Scene["recording"]): boolean {
  const { method, path } = recording.request;
  return method === "GET" && path === "/v2/" && !nameOf(recording).startsWith("challenge-");
}

/** What leads to a header; undefined for one to which nothing leads. */
function credentialOf(header: string): Credential | undefined {
  const [scheme = "", text = ""] = header.split(" ");
  if (scheme === "Bearer") return { kind: "registry-token", token: new Secret(text) };
  const entry = readAuthEntry({ auth: text });
  if ("malformed" in entry) {
    expect(text).toBe("!!!");
    return undefined;
  }
  const [user = "", password = ""] = Buffer.from(text, "base64").toString("utf8").split(":");
  return basic(user, password);
}
