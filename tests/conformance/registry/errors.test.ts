import { expect, test } from "vitest";
import { registryWords } from "../../../src/registry/connection/registry-failure.ts";
import { fakeRegistry, sendJson } from "../../registry/setup/fake-registry.ts";
import { reference, testClient } from "../../registry/setup/registry-client.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

describeWithCorpus("bodies of errors", () => {
  interface NoErrorBody {
    readonly code: number;
    readonly body: string;
    readonly request?: {
      readonly method: string;
      readonly url: { readonly path: string; readonly rawQuery?: string };
    };
  }
  interface Bodies {
    readonly not_error_json: readonly NoErrorBody[];
    readonly error_json: readonly { readonly name: string; readonly code: number; readonly errorBody: string }[];
    readonly retryable: readonly unknown[];
  }
  const bodies = corpusJson<Bodies>("platform", "registry", "auth", "error-bodies.json");
  const ofText = ["", " (incorrect username or password)", " (Not JSON)", ""];
  const ofErrors = [
    " (NAME_INVALID: a message for you)",
    "",
    " (NAME_INVALID: a message for you; SIZE_INVALID: another message for you)",
  ];

  test("codes and messages are quoted, and what is no error of the specification only where it says something", () => {
    const words = (text: string): string => {
      const said = registryWords(Buffer.from(text));
      return said === undefined ? "" : ` (${said})`;
    };
    expect(bodies.error_json.map(({ errorBody }) => words(errorBody))).toEqual(ofErrors);
    expect(bodies.not_error_json.map(({ body }) => words(body))).toEqual(ofText);
  });

  test("each is an error that tells the status, and what the body says", async () => {
    const all = [
      ...bodies.not_error_json.map((one, index) => ({ ...one, words: ofText[index] })),
      ...bodies.error_json.map(({ code, errorBody }, index) => {
        return { code, body: errorBody, request: undefined, words: ofErrors[index] };
      }),
    ];
    for (const { code, body, request, words } of all) {
      const registry = await fakeRegistry();
      registry.intercept = ({ path }, response) => {
        if (!path.includes("/manifests/")) return false;
        response.writeHead(code).end(body);
        return true;
      };
      const named = reference(`${registry.host}/team/app:v1`);
      const asked = request?.method === "HEAD" ? testClient().head(named) : testClient().manifest(named);
      const failure = await asked.catch((cause: unknown) => cause);
      // A 400 to HEAD could be one of a registry that knows no HEAD; the corpus has none of those.
      expect(failure).toMatchObject({
        code: code === 401 ? "registry-refused" : "registry-failed",
        message: expect.stringMatching(new RegExp(`HTTP status ${code}${escaped(words ?? "")}$`)),
      });
    }
    expect(all).toHaveLength(7);
  });

  test("a secret in the address of what was asked is not repeated", async () => {
    const withAddress = bodies.not_error_json.filter(({ request }) => request?.url.rawQuery !== undefined);
    for (const { code, body, request } of withAddress) {
      const registry = await fakeRegistry();
      registry.intercept = ({ path }, response) => {
        if (path.startsWith(`/${request?.url.path}?`)) {
          response.writeHead(code).end(body);
          return true;
        }
        const realm = `http://${registry.host}/${request?.url.path}?${request?.url.rawQuery}`;
        return sendJson(response, 401, {}, { "www-authenticate": `Bearer realm="${realm}"` });
      };
      const failure = await testClient()
        .manifest(reference(`${registry.host}/team/app:v1`))
        .catch((cause: unknown) => cause);
      expect(failure).toMatchObject({ code: "registry-refused", message: expect.stringContaining(body) });
      expect(JSON.stringify(failure)).not.toContain("hunter2");
      expect(String(failure)).not.toContain("hunter2");
    }
    expect(withAddress).toHaveLength(1);
  });

  // Which of them are worth another attempt is tested where that is decided.
  test("all bodies are looked at", () => {
    expect(Object.keys(bodies)).toEqual(["not_error_json", "error_json", "retryable"]);
    expect(bodies.retryable).toHaveLength(6);
  });
});

function escaped(text: string): string {
  return text.replace(/[()]/g, "\\$&");
}
