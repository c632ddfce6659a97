import { createVerify, generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { basicHeader, basicRegistry, cloudHosts, emptyManifest } from "../setup/cloud-hosts.ts";
import type { InternetHost } from "../setup/fake-internet.ts";

// Shapes as the cloud's documentation has them; see the pages in docs/registries.
const google = "europe-docker.pkg.dev";
const stranger = `${google}.example.com`;
const { folder, open } = cloudHosts([google, stranger, "oauth2.googleapis.com"]);

describe("Google Artifact Registry", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const account = {
    type: "service_account",
    client_email: "scanner@project.iam.gserviceaccount.com",
    private_key_id: "key-1",
    private_key: privateKey,
    token_uri: "https://attacker.example.com/token",
  };
  const registry: InternetHost = ({ url, headers }) => {
    if (url.pathname === "/v2/token")
      return headers.authorization === basicHeader("oauth2accesstoken", "ya29.access")
        ? { json: { token: "registry" } }
        : { status: 401, json: {} };
    if (headers.authorization === "Bearer registry")
      return { json: emptyManifest, headers: { "content-type": emptyManifest.mediaType } };
    return {
      status: 401,
      json: {},
      headers: { "www-authenticate": `Bearer realm="https://${google}/v2/token",service="${google}"` },
    };
  };
  const keyFile = (content: unknown): { GOOGLE_APPLICATION_CREDENTIALS: string } => {
    const path = join(folder, "key.json");
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return { GOOGLE_APPLICATION_CREDENTIALS: path };
  };

  test("the key of a service account signs for an access token, at Google's address alone", async () => {
    const claims: Record<string, unknown>[] = [];
    const tokens: InternetHost = ({ url, body }) => {
      const form = new URLSearchParams(body);
      const [head = "", payload = "", signature = ""] = (form.get("assertion") ?? "").split(".");
      const isTrue = createVerify("RSA-SHA256").update(`${head}.${payload}`).verify(publicKey, signature, "base64url");
      claims.push(JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>);
      const good =
        isTrue && url.pathname === "/token" && form.get("grant_type") === "urn:ietf:params:oauth:grant-type:jwt-bearer";
      return good
        ? { json: { access_token: "ya29.access", expires_in: 3599 } }
        : { status: 400, json: { error: "invalid_grant" } };
    };
    const { pull, connections } = await open(
      { [google]: registry, "oauth2.googleapis.com": tokens },
      { environment: keyFile(account) },
    );
    await pull(`${google}/project/images/app:v1`);
    await pull(`${google}/project/images/app:v2`);
    expect(claims).toHaveLength(1);
    expect(claims[0]).toMatchObject({
      iss: account.client_email,
      aud: "https://oauth2.googleapis.com/token",
      scope: "https://www.googleapis.com/auth/cloud-platform",
    });
    expect(new Set(connections)).toEqual(new Set([`${google}:443`, "oauth2.googleapis.com:443"]));
  });

  test("what gcloud stores of a user is a refresh token", async () => {
    const tokens: InternetHost = ({ body }) =>
      body === "grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=r"
        ? { json: { access_token: "ya29.access", expires_in: 3599 } }
        : { status: 400, json: {} };
    const user = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" };
    const { pull } = await open(
      { [google]: registry, "oauth2.googleapis.com": tokens },
      { environment: keyFile(user) },
    );
    await pull(`${google}/project/images/app:v1`);
  });

  test.each([
    ["nonsense {", "file-malformed"],
    [[], "file-malformed"],
    [{ type: "external_account" }, "file-malformed"],
    [{ ...account, private_key: "marker-of-a-key" }, "file-malformed"],
    [{ ...account, client_email: 7 }, "file-malformed"],
  ])("a file that is no key is an error without its content: %#", async (content, code) => {
    const { pull } = await open({ [google]: registry }, { environment: keyFile(content) });
    const failure = await pull(`${google}/project/images/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code });
    expect(inspect(failure, { depth: 10 })).not.toContain("marker-of-a-key");
  });

  test.each(["external_account", "impersonated_service_account"])(
    "what is public is had without an account of the kind %s, which explains a refusal",
    async (type) => {
      const halfOpen: InternetHost = (request) => {
        if (request.url.pathname === "/v2/token") return { json: { token: "anonymous" } };
        const isPublic = request.url.pathname.startsWith("/v2/public/");
        if (request.headers.authorization === "Bearer anonymous" && isPublic)
          return { json: emptyManifest, headers: { "content-type": emptyManifest.mediaType } };
        return registry(request);
      };
      const { pull } = await open({ [google]: halfOpen }, { environment: keyFile({ type }) });
      await pull(`${google}/public/images/app:v1`);
      await expect(pull(`${google}/project/images/app:v1`)).rejects.toMatchObject({
        code: "file-malformed",
        message: expect.stringContaining("GOOGLE_APPLICATION_CREDENTIALS") as string,
        hint: expect.stringContaining("oauth2accesstoken") as string,
      });
    },
  );

  describe("without the variable", () => {
    const user = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" };
    const write = (path: string, content: unknown): void => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, JSON.stringify(content));
    };
    const tokens: InternetHost = () => ({ json: { access_token: "ya29.access", expires_in: 3599 } });
    const hosts = { [google]: registry, "oauth2.googleapis.com": tokens };

    test("the file that gcloud stores in the home folder is used, or that of CLOUDSDK_CONFIG", async () => {
      const home = join(folder, "with-gcloud");
      write(join(home, ".config/gcloud/application_default_credentials.json"), user);
      const { pull } = await open(hosts, { home });
      await pull(`${google}/project/images/app:v1`);
      const CLOUDSDK_CONFIG = join(home, "elsewhere");
      const other = await open(hosts, { home, environment: { CLOUDSDK_CONFIG } });
      await expect(other.pull(`${google}/project/images/app:v1`)).rejects.toMatchObject({ code: "registry-refused" });
      write(join(CLOUDSDK_CONFIG, "application_default_credentials.json"), user);
      const third = await open(hosts, { home, environment: { CLOUDSDK_CONFIG } });
      await third.pull(`${google}/project/images/app:v1`);
    });

    test("one of a kind that is not followed is named when a stranger is refused", async () => {
      const home = join(folder, "with-impersonation");
      const path = join(home, ".config/gcloud/application_default_credentials.json");
      write(path, { type: "impersonated_service_account" });
      const { pull } = await open(hosts, { home });
      await expect(pull(`${google}/project/images/app:v1`)).rejects.toMatchObject({
        code: "file-malformed",
        message: expect.stringContaining(path) as string,
        hint: expect.stringContaining("oauth2accesstoken") as string,
      });
    });
  });

  test.each([JSON.stringify(account, undefined, 2), Buffer.from(JSON.stringify(account)).toString("base64")])(
    "the key itself in place of its file's path does not show: %#",
    async (content) => {
      const { pull } = await open({ [google]: registry }, { environment: { GOOGLE_APPLICATION_CREDENTIALS: content } });
      const failure = await pull(`${google}/project/images/app:v1`).catch((cause: unknown) => cause);
      expect(failure).toMatchObject({
        code: "usage",
        message: expect.stringContaining("GOOGLE_APPLICATION_CREDENTIALS"),
      });
      expect(inspect(failure, { depth: 10 })).not.toContain(content.slice(200, 240));
      expect(inspect(failure, { depth: 10 })).not.toContain(privateKey.split("\n")[5]);
    },
  );

  test("a file that is not there is an error, also where the registry is another's it is not looked for", async () => {
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: join(folder, "none.json") };
    const { pull } = await open({ [google]: registry, [stranger]: basicRegistry(() => false) }, { environment });
    await expect(pull(`${google}/project/images/app:v1`)).rejects.toMatchObject({ code: "target-unreadable" });
    await expect(pull(`${stranger}/team/app:v1`)).rejects.toMatchObject({ code: "registry-refused" });
  });
});
