import { expect } from "vitest";
import { isRepository, parseReference } from "../../../src/model/packages/reference.ts";
import { registryWords } from "../../../src/registry/connection/registry-failure.ts";
import type { RegistryRequest } from "../../../src/registry/connection/registry-host.ts";
import { sendJson } from "./fake-registry.ts";
import { answerWith, bodyOf, matches, reply, type Scene } from "./recording.ts";
import { testClient } from "./registry-client.ts";

/** Plays what is recorded for a name that no repository can have: it is no reference, so nobody is asked. */
export function playBadName({ recording, registry }: Scene): void {
  const name = /^\/v2\/(.+)\/tags\/list$/.exec(recording.request.path)?.[1] ?? "";
  expect(isRepository(name), name).toBe(false);
  expect(parseReference(`${registry.host}/${name}:v1`)).toBeUndefined();
}

/**
 * Plays a request that the client has no method for, to what sends all of its requests: the answer's status and words
 * are read, it is followed to where it leads, and its challenge is answered.
 */
export async function playToTransport(scene: Scene): Promise<void> {
  const { recording, registry } = scene;
  const { request, response: recorded } = recording;
  const { headers } = recorded;
  const asked: string[] = [];
  answerWith(scene, recording);
  const recordedAnswer = registry.intercept;
  registry.intercept = (incoming, response) => {
    if (incoming.path.startsWith("/token")) {
      asked.push(...new URL(incoming.path, "http://x/").searchParams.getAll("scope"));
      return sendJson(response, 200, { token: "a-token" });
    }
    return recordedAnswer(incoming, response);
  };
  const host = testClient().host(registry.host);
  const method = request.method as NonNullable<RegistryRequest["method"]>;
  const sent = host.send({ method, path: request.path, scopes: [] });
  if (recorded.status === 401) {
    await expect(sent).rejects.toMatchObject({ code: "registry-refused" });
    expect(asked.at(-1)).toBe(/scope="([^"]*)"/.exec(headers["www-authenticate"] ?? "")?.[1]);
    return;
  }
  const answer = await sent;
  if (recorded.status === 301) {
    // The fake registry answers where it leads.
    expect([answer.status, answer.url.pathname]).toEqual([200, headers["location"]]);
    return;
  }
  expect(answer.status).toBe(recorded.status);
  if (answer.status < 300) return;
  const words = registryWords(bodyOf(recorded) ?? Buffer.alloc(0));
  expect(words).toBeDefined();
  const failure = await host.refusal(answer, "the request", { scopes: [] });
  expect(failure.code).toBe("registry-failed");
  expect(failure.message).toContain(`HTTP status ${recorded.status} (${words})`);
}

/** Plays the begin of an upload, which goes on where the answer says. */
export async function playUploadStart(scene: Scene, push: () => Promise<unknown>): Promise<void> {
  const { recording, registry } = scene;
  const { headers } = recording.response;
  const location = new URL(headers["location"] ?? "", "http://registry.example.test/");
  registry.intercept = (request, response) => {
    if (request.method === "PUT") {
      response.writeHead(201).end();
      return true;
    }
    return matches(request, recording) && reply(response, recording, registry.host);
  };
  expect(await push()).toBe("uploaded");
  const [sent] = registry.requests.filter(({ method }) => method === "PUT");
  const query = location.search === "" ? "?" : `${location.search}&`;
  expect(sent?.path.startsWith(`${location.pathname}${query}digest=sha256%3A`), sent?.path).toBe(true);
}

/** Plays an upload that breaks off and that the registry does not know any more: it begins again. */
export async function playLostUpload(scene: Scene, push: () => Promise<unknown>): Promise<void> {
  const { recording, registry } = scene;
  let begun = 0;
  registry.intercept = (request, response) => {
    if (request.method === "POST" && begun++ === 0) {
      response.writeHead(202, { location: recording.request.path }).end();
      return true;
    }
    if (request.method === "PATCH" && begun === 1) {
      response.socket?.destroy();
      return true;
    }
    return matches(request, recording) && reply(response, recording, registry.host);
  };
  expect(await push()).toBe("uploaded");
  expect(begun).toBe(2);
  expect(registry.requests.some((request) => matches(request, recording))).toBe(true);
}
