import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { cloudHosts, emptyManifest } from "../setup/cloud-hosts.ts";
import type { InternetHost } from "../setup/fake-internet.ts";

// Shapes as the cloud's documentation has them; see the pages in docs/registries.
const azure = "contoso.azurecr.io";
const { folder, open } = cloudHosts([azure, "login.microsoftonline.com"]);

describe("Azure Container Registry", () => {
  const environment = {
    AZURE_TENANT_ID: "tenant-1",
    AZURE_CLIENT_ID: "client-1",
    AZURE_CLIENT_SECRET: "marker-of-azure",
  };
  const token = (seconds: number): string => {
    const claims = Buffer.from(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + seconds })).toString("base64url");
    return `h.${claims}.${createHmac("sha256", "k").update(claims).digest("base64url")}`;
  };
  const entra: InternetHost = ({ url, body }) => {
    const form = new URLSearchParams(body);
    const good =
      url.pathname === "/tenant-1/oauth2/v2.0/token" &&
      form.get("client_id") === "client-1" &&
      form.get("client_secret") === "marker-of-azure" &&
      form.get("scope") === "https://containerregistry.azure.net/.default";
    return good
      ? { json: { access_token: "entra", expires_in: 3599, token_type: "Bearer" } }
      : { status: 401, json: { error: "invalid_client", error_description: `wrong: ${form.get("client_secret")}` } };
  };
  const registry: InternetHost = ({ url, body, headers }) => {
    const form = new URLSearchParams(body);
    if (url.pathname === "/oauth2/exchange")
      return form.get("access_token") === "entra" && form.get("service") === azure && form.get("tenant") === "tenant-1"
        ? { json: { refresh_token: token(10_800) } }
        : { status: 401, json: {} };
    if (url.pathname === "/oauth2/token")
      return form.get("grant_type") === "refresh_token" && form.get("refresh_token")?.startsWith("h.")
        ? { json: { access_token: "acr" } }
        : { status: 401, json: {} };
    if (headers.authorization === "Bearer acr")
      return { json: emptyManifest, headers: { "content-type": emptyManifest.mediaType } };
    const challenge = `Bearer realm="https://${azure}/oauth2/token",service="${azure}",scope="repository:app:pull"`;
    return { status: 401, json: {}, headers: { "www-authenticate": challenge } };
  };

  test("the secret of a service principal becomes a refresh token, once", async () => {
    const { pull, requests } = await open({ [azure]: registry, "login.microsoftonline.com": entra }, { environment });
    await pull(`${azure}/app:v1`);
    await pull(`${azure}/other:v1`);
    expect(requests.filter(({ url }) => url.pathname === "/oauth2/exchange")).toHaveLength(1);
    const shown = requests.filter(({ body, headers }) =>
      `${body}${JSON.stringify(headers)}`.includes("marker-of-azure"),
    );
    expect(shown.map(({ host }) => host)).toEqual(["login.microsoftonline.com"]);
  });

  test("the token of a workload's identity does in place of a secret", async () => {
    const path = join(folder, "federated");
    writeFileSync(path, "of-the-cluster");
    const federated: InternetHost = ({ body }) => {
      const form = new URLSearchParams(body);
      const good =
        form.get("client_assertion") === "of-the-cluster" &&
        form.get("client_assertion_type") === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
      return good ? { json: { access_token: "entra" } } : { status: 401, json: {} };
    };
    const { AZURE_TENANT_ID, AZURE_CLIENT_ID } = environment;
    const { pull } = await open(
      { [azure]: registry, "login.microsoftonline.com": federated },
      { environment: { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE: path } },
    );
    await pull(`${azure}/app:v1`);
  });

  test.each([
    ["/nowhere/token", "target-unreadable"],
    ["eyJhbGciOiJSUzI1NiJ9.marker-of-a-token", "usage"],
  ])("a token of a workload that cannot be read is told of: %#", async (path, code) => {
    const { AZURE_TENANT_ID, AZURE_CLIENT_ID } = environment;
    const { pull } = await open(
      { [azure]: registry },
      { environment: { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE: path } },
    );
    const failure = await pull(`${azure}/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code, message: expect.stringContaining("AZURE_FEDERATED_TOKEN_FILE") });
    expect(inspect(failure, { depth: 10 })).not.toContain("marker-of");
  });

  test("a certificate of an application, which is not used, is told of when a stranger is refused", async () => {
    const { AZURE_TENANT_ID, AZURE_CLIENT_ID } = environment;
    const { pull } = await open(
      { [azure]: registry },
      { environment: { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_CERTIFICATE_PATH: "/etc/app.pem" } },
    );
    await expect(pull(`${azure}/app:v1`)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("has a certificate, which is not supported") as string,
      hint: expect.stringContaining("AZURE_CLIENT_CERTIFICATE_PATH") as string,
    });
  });

  test("a secret does not show, however the service writes it", async () => {
    const secret = "x8Q~mark!s'e(c)ret*";
    const echoing: InternetHost = ({ body }) => ({ status: 401, json: { error_description: `invalid: ${body}` } });
    const { pull } = await open(
      { [azure]: registry, "login.microsoftonline.com": echoing },
      { environment: { ...environment, AZURE_CLIENT_SECRET: secret } },
    );
    const failure = await pull(`${azure}/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({
      code: "registry-refused",
      message: expect.stringContaining("client_secret=[secret]"),
    });
    expect(inspect(failure, { depth: 10 })).not.toMatch(/x8Q|ret(?:\*|%2A)/);
  });

  test("a secret that is wrong is an error that does not show it", async () => {
    const wrong = { ...environment, AZURE_CLIENT_SECRET: "marker-of-another/secret+x" };
    const { pull } = await open({ [azure]: registry, "login.microsoftonline.com": entra }, { environment: wrong });
    const failure = await pull(`${azure}/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: "registry-refused" });
    expect(inspect(failure, { depth: 10 })).not.toContain("marker-of-another");
  });
});
