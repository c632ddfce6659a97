import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { corpusJson, describeWithCorpus } from "../setup/corpus.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { basic, collect, listOf, reference, testClient } from "./setup/registry-client.ts";

/** The codes of go-containerregistry by the names of its constants. */
const codes: Readonly<Record<string, string>> = {
  BlobUploadInvalidErrorCode: "BLOB_UPLOAD_INVALID",
  DeniedErrorCode: "DENIED",
  TooManyRequestsErrorCode: "TOOMANYREQUESTS",
  UnavailableErrorCode: "UNAVAILABLE",
};

interface Refusal {
  readonly errors: readonly { readonly code: string }[] | null;
  readonly status: number | null;
  readonly retry: boolean;
}

const attempts = 3;
const limits = { attempts };
const errorsOf = (...names: readonly string[]): object => ({ errors: names.map((code) => ({ code, message: "no" })) });

/** A registry with an image that refuses so many requests of some path or method, `/v2/` apart. */
async function refusing(
  pattern: RegExp,
  { status = 403, body, times, headers = {} }: Answer,
): Promise<FakeRegistry & { readonly place: string }> {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
  let left = times;
  registry.intercept = ({ method, path }, response) => {
    if (path === "/v2/" || !pattern.test(`${method} ${path}`) || left === 0) return false;
    left--;
    return sendJson(response, status, method === "HEAD" ? "" : body, headers);
  };
  return Object.assign(registry, { place: `${registry.host}/team/app` });
}

interface Answer {
  readonly status?: number;
  readonly body: unknown;
  /** The first so many requests are refused. */
  readonly times: number;
  readonly headers?: Record<string, string>;
}

const asked = ({ requests }: FakeRegistry, pattern: RegExp): number =>
  requests.filter(({ method, path }) => path !== "/v2/" && pattern.test(`${method} ${path}`)).length;

describeWithCorpus("refusals that go-containerregistry tries again", () => {
  const { retryable } = corpusJson<{ retryable: Refusal[] }>("platform", "registry", "auth", "error-bodies.json");
  const cases = retryable.map(({ errors, status, retry }) => {
    const names = errors?.map(({ code }) => codes[code] ?? code) ?? [];
    return { status: status ?? 400, names, retry };
  });

  test.each(cases)("a push that is answered $status with $names goes on: $retry", async ({ status, names, retry }) => {
    const body = names.length > 0 ? errorsOf(...names) : {};
    for (const chunkSize of [undefined, 400]) {
      const refused = await refusing(/^(?:PUT|PATCH) /, { status, body, times: 1 });
      const pushed = testClient({ limits }).pushBlob(reference(refused.place), blobOf(randomBytes(1000)), {
        ...(chunkSize && { chunkSize }),
      });
      if (retry) expect(await pushed).toBe("uploaded");
      else await expect(pushed).rejects.toMatchObject({ code: "registry-failed" });
      if (chunkSize === undefined) expect(asked(refused, /^PUT /)).toBe(retry ? 2 : 1);
      else expect(asked(refused, /^PATCH /)).toBe(retry ? 4 : 1);
    }
  });

  test.each(cases)("a pull that is answered $status with $names", async ({ status, names, retry }) => {
    // An upload is spoilt, not what is pulled.
    const again = retry && !names.includes("BLOB_UPLOAD_INVALID");
    const refused = await refusing(/\/manifests\//, { status, body: errorsOf(...names), times: 1 });
    const pulled = testClient({ limits }).manifest(reference(`${refused.place}:v1`));
    if (again) expect(await pulled).toHaveProperty("digest");
    else await expect(pulled).rejects.toMatchObject({ code: "registry-failed" });
    expect(asked(refused, /\/manifests\//)).toBe(again ? 2 : 1);
  });

  test("are six", () => {
    expect(cases).toHaveLength(6);
  });
});

test.each([
  [403, "TOOMANYREQUESTS", "rate limit is reached"],
  [403, "toomanyrequests", "rate limit is reached"],
  [400, "UNAVAILABLE", "try again later"],
  [401, "TOOMANYREQUESTS", "rate limit is reached"],
])("a registry that keeps answering %d with %s is asked as often as a busy one", async (status, code, hint) => {
  const refused = await refusing(/\/manifests\//, { status, body: errorsOf(code), times: 100 });
  await expect(testClient({ limits }).manifest(reference(`${refused.place}:v1`))).rejects.toMatchObject({
    code: "registry-unreachable",
    message: expect.stringContaining(`HTTP status ${status} (${code.toUpperCase()}), 3 times`) as string,
    hint: expect.stringContaining(hint) as string,
  });
  expect(asked(refused, /\/manifests\//)).toBe(attempts);
});

test("Retry-After of such a refusal is heeded, by all requests, and not when it is too long", async () => {
  const body = errorsOf("TOOMANYREQUESTS");
  const soon = await refusing(/\/manifests\//, { body, times: 1, headers: { "retry-after": "1" } });
  const client = testClient({ limits });
  const start = Date.now();
  const pulled = client.manifest(reference(`${soon.place}:v1`));
  while (asked(soon, /\/manifests\//) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await listOf(client.tags(reference(soon.place)))).toEqual(["v1"]);
  expect(Date.now() - start).toBeGreaterThan(950);
  await pulled;
  const never = await refusing(/\/manifests\//, { body, times: 100, headers: { "retry-after": "21600" } });
  await expect(client.manifest(reference(`${never.place}:v1`))).rejects.toMatchObject({
    message: expect.stringContaining("(TOOMANYREQUESTS), with a requested wait of 21600 seconds") as string,
  });
  expect(asked(never, /\/manifests\//)).toBe(1);
});

test.each([
  ["no code", { errors: [{ message: "too many requests" }] }],
  ["a code that is not text", { errors: [{ code: ["TOOMANYREQUESTS"] }] }],
  ["a code of another kind beside it", errorsOf("TOOMANYREQUESTS", "DENIED")],
  ["no error", { errors: [] }],
  ["another form", { code: "TOOMANYREQUESTS" }],
  ["what is not a list", { errors: { code: "TOOMANYREQUESTS" } }],
])("a refusal with %s is final", async (_, body) => {
  const refused = await refusing(/\/manifests\//, { body, times: 100 });
  await expect(testClient({ limits }).manifest(reference(`${refused.place}:v1`))).rejects.toMatchObject({
    code: "registry-refused",
  });
  expect(asked(refused, /\/manifests\//)).toBe(1);
});

test("HEAD has no reasons, so a refusal of it is asked for them", async () => {
  const busy = await refusing(/\/manifests\//, { body: errorsOf("TOOMANYREQUESTS"), times: 2 });
  expect(await testClient({ limits }).head(reference(`${busy.place}:v1`))).toHaveProperty("digest");
  expect(busy.requests.map(({ method }) => method).slice(-3)).toEqual(["HEAD", "GET", "GET"]);
  const closed = await refusing(/\/manifests\//, { body: errorsOf("DENIED"), times: 100 });
  await expect(testClient({ limits }).head(reference(`${closed.place}:v1`))).rejects.toMatchObject({
    code: "registry-refused",
    message: expect.stringContaining("(DENIED: no)") as string,
  });
  expect(asked(closed, /\/manifests\//)).toBe(2);
});

test.each(["head", "manifest"] as const)("a project's policy that forbids a pull is named: %s", async (method) => {
  const message = "current image with 7 vulnerabilities cannot be pulled due to configured policy";
  const body = { errors: [{ code: "PROJECTPOLICYVIOLATION", message }] };
  const { place } = await refusing(/\/manifests\//, { status: 412, body, times: 100 });
  await expect(testClient({ limits })[method](reference(`${place}:v1`))).rejects.toMatchObject({
    code: "registry-refused",
    message: expect.stringContaining(`HTTP status 412 (PROJECTPOLICYVIOLATION: ${message})`) as string,
    hint: expect.stringContaining("allowlist") as string,
  });
});

test("another 412 is no policy", async () => {
  const { place } = await refusing(/\/manifests\//, { status: 412, body: errorsOf("PRECONDITION"), times: 100 });
  await expect(testClient({ limits }).manifest(reference(`${place}:v1`))).rejects.toMatchObject({
    code: "registry-failed",
    hint: expect.not.stringContaining("allowlist") as string,
  });
});

test("a busy registry is not shown credentials that it did not ask for", async () => {
  const refused = await refusing(/\/manifests\//, { body: errorsOf("TOOMANYREQUESTS"), times: 1 });
  const client = testClient({ limits, credentials: { [refused.host]: basic("alice", "wonder") } });
  await client.manifest(reference(`${refused.place}:v1`));
  expect(refused.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
});

test("lists and blobs are asked for again too", async () => {
  const answer = { status: 400, body: errorsOf("UNAVAILABLE"), times: 1 };
  const tags = await refusing(/\/tags\//, answer);
  expect(await listOf(testClient({ limits }).tags(reference(tags.place)))).toEqual(["v1"]);
  const blobs = await refusing(/\/blobs\//, answer);
  const bytes = randomBytes(1000);
  const content = blobs.putBlob("team/app", bytes);
  expect(await collect(testClient({ limits }).blob(reference(blobs.place), content))).toEqual(bytes);
});

test.each([401, 403])(
  "a token server that is busy with %d is asked again, and no longer than others",
  async (status) => {
    const registry = await refusing(/^GET \/token/, { status, body: errorsOf("TOOMANYREQUESTS"), times: 1 });
    const { intercept } = registry;
    registry.intercept = (request, response) => {
      if (intercept(request, response)) return true;
      if (request.path.startsWith("/token")) return sendJson(response, 200, { token: "good" });
      if (request.path === "/v2/" || request.headers.authorization === "Bearer good") return false;
      const challenge = `Bearer realm="http://${registry.host}/token",service="x"`;
      return sendJson(response, 401, {}, { "www-authenticate": challenge });
    };
    const credentials = { [registry.host]: basic("alice", "wonder") };
    await testClient({ limits, credentials }).manifest(reference(`${registry.place}:v1`));
    expect(asked(registry, /^GET \/token/)).toBe(2);
  },
);

test("an upload that stays invalid is begun so many times, and then given up", async () => {
  for (const chunkSize of [undefined, 400]) {
    const refused = await refusing(/^P(?:UT|ATCH) /, {
      status: 400,
      body: errorsOf("BLOB_UPLOAD_INVALID"),
      times: 100,
    });
    const pushed = testClient({ limits }).pushBlob(reference(refused.place), blobOf(randomBytes(1000)), {
      ...(chunkSize && { chunkSize }),
    });
    await expect(pushed).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining("HTTP status 400 (BLOB_UPLOAD_INVALID), 3 times") as string,
    });
    expect(asked(refused, /^POST /)).toBe(attempts);
    expect(asked(refused, /^P(?:UT|ATCH) /)).toBe(attempts);
  }
});
