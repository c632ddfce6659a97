import { readdirSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { nextPage } from "../../src/registry/next-page.ts";
import { registryWords } from "../../src/registry/registry-failure.ts";
import { fakeRegistry, sendJson } from "../registry/setup/fake-registry.ts";
import { nameOf, play, type Recording } from "../registry/setup/play-recording.ts";
import { listOf, reference, testClient } from "../registry/setup/registry-client.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../setup/corpus.ts";

const folder = ["platform", "registry"];

/** What a client of ours never sends; the recordings say how servers differ there. */
const notSent: Readonly<Record<string, string>> = {
  "bad-name-dots": "no such repository is asked for",
  "bad-name-double": "no such repository is asked for",
  "bad-name-upper": "no such repository is asked for",
  "bearer-instead": "asks for /v2/ alone",
  "challenge-delete": "nothing is deleted",
  "challenge-ping": "asks for /v2/ alone",
  "delete-blob": "nothing is deleted",
  "delete-digest": "nothing is deleted",
  "delete-tag": "nothing is deleted",
  "malformed-header": "asks for /v2/ alone",
  ping: "asks for /v2/ alone",
  "ping-head": "asks for /v2/ alone",
  "ping-none": "asks for /v2/ alone",
  "ping-noslash": "asks for /v2/ alone",
  "ping-right": "asks for /v2/ alone",
  "ping-unknown-user": "asks for /v2/ alone",
  "ping-wrong": "asks for /v2/ alone",
  "tags-post": "no such method is sent",
  "upload-cancel": "no upload is cancelled",
  "upload-cancel-start": "no upload is cancelled",
  "upload-unknown-id": "an upload is asked for only after it began",
  "v1-ping": "version 1 of the protocol is not spoken",
};

describeWithCorpus("exchanges recorded with real registries", () => {
  const files = readdirSync(corpusPath(...folder, "recorded")).filter((name) => name.endsWith(".jsonl"));
  let played = 0;
  let passedOver = 0;
  afterAll(() => {
    console.log(`recorded exchanges: ${played} played, ${passedOver} that a client does not cause`);
    expect(played + passedOver).toBeGreaterThanOrEqual(303);
    expect(played).toBeGreaterThanOrEqual(239);
  });

  describe.each(files)("%s", (file) => {
    const recordings = recordingsIn(file);
    test.each(recordings.map((recording) => [nameOf(recording), recording] as const))("%s", async (name, recording) => {
      if (notSent[name] !== undefined) {
        passedOver++;
        return;
      }
      played++;
      await play(recording, recordings);
    });
  });
});

describeWithCorpus("rules of paging", () => {
  interface Rule {
    readonly id: string;
    readonly link?: string;
    readonly first?: string;
    readonly origin?: string;
    readonly next?: string | null;
  }
  const rules = corpusJson<Rule[]>(...folder, "tags", "paging.json").filter(({ link }) => link !== undefined);

  test.each(rules)("$id", ({ link, first, origin = "https://r.example.test", next }) => {
    const usual = next?.startsWith("/v2/_catalog") ? "/v2/_catalog?n=2" : "/v2/team/app/tags/list?n=2";
    expect(nextPage(link, new URL(first ?? usual, origin)) ?? null).toBe(next);
  });

  test("there are nine", () => expect(rules).toHaveLength(9));
});

describeWithCorpus("shapes of tag lists", () => {
  const shapes = corpusJson<Record<string, unknown>>(...folder, "tags", "shapes.json");

  test.each([
    ["distribution", ["v1", "latest"]],
    ["empty_null", []],
    ["empty_list", []],
    ["missing_key", []],
    ["gcr", undefined],
  ])("%s", async (name, expected) => {
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) => path.includes("/tags/list") && sendJson(response, 200, shapes[name]);
    const tags = await listOf(testClient().tags({ registry: registry.host, repository: "team/app" }));
    expect(tags).toEqual(expected ?? (shapes[name] as { tags: string[] }).tags);
  });
});

describeWithCorpus("bodies of errors", () => {
  interface Bodies {
    readonly not_error_json: readonly { readonly body: string }[];
    readonly error_json: readonly { readonly name: string; readonly errorBody: string }[];
  }
  const bodies = corpusJson<Bodies>(...folder, "auth", "error-bodies.json");

  test("codes and messages are quoted, and what is no error of the specification only where it says something", () => {
    const words = (text: string): string | undefined => registryWords(Buffer.from(text));
    expect(bodies.error_json.map(({ errorBody }) => words(errorBody))).toEqual([
      "NAME_INVALID: a message for you",
      undefined,
      "NAME_INVALID: a message for you; SIZE_INVALID: another message for you",
    ]);
    expect(bodies.not_error_json.map(({ body }) => words(body))).toEqual([
      undefined,
      "incorrect username or password",
      "Not JSON",
      undefined,
    ]);
  });
});

describeWithCorpus("what the kinds of registries answer", () => {
  interface Kind {
    readonly registry: string;
    readonly token_reply?: object;
    readonly errors?: readonly {
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }[];
  }
  const { registries } = corpusJson<{ registries: readonly Kind[] }>(...folder, "registries.json");
  const failures = registries.flatMap(({ registry: kind, errors = [] }) => errors.map((error) => ({ kind, ...error })));
  const replies = registries.flatMap(({ registry: kind, token_reply: reply }) => (reply ? [{ kind, reply }] : []));
  const codes: Readonly<Record<number, string>> = {
    401: "registry-refused",
    403: "registry-refused",
    404: "image-not-found",
    405: "registry-failed",
    412: "registry-failed",
    429: "registry-unreachable",
  };

  test.each(failures)("$kind: an error with $status", async ({ status, body, headers = {} }) => {
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) =>
      path.includes("/manifests/") && sendJson(response, status, body, headers);
    const client = testClient({ limits: { attempts: 2 } });
    const failure = await client.manifest(reference(`${registry.host}/team/app:v1`)).catch((cause: unknown) => cause);
    const words = registryWords(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
    const isTold = ["registry-refused", "registry-failed"].includes(codes[status] ?? "") && typeof body !== "string";
    expect(failure).toMatchObject({
      code: codes[status],
      message: expect.stringContaining(isTold ? (words ?? "never") : ""),
    });
    expect(client.rateLimit(registry.host)?.remaining).toBe(
      headers["ratelimit-remaining"] === undefined ? undefined : 0,
    );
  });

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

function recordingsIn(file: string): readonly Recording[] {
  const lines = corpusBytes(...folder, "recorded", file)
    .toString("utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Recording);
}
