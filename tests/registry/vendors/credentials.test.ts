import { createHmac, createVerify, generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openRegistryClient, type RegistryClient } from "../../../src/pipeline/registry-access.ts";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";
import { type Certificates, makeCertificates } from "../setup/certificates.ts";
import { type FakeInternet, fakeInternet, type InternetHost } from "../setup/fake-internet.ts";
import { listen, sendJson } from "../setup/fake-registry.ts";
import { listOf, reference } from "../setup/registry-client.ts";

// Shapes as the clouds' documentation has them; see the pages in docs/registries.
const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const ecrApi = "api.ecr.eu-west-1.amazonaws.com";
const stsHost = "sts.eu-west-1.amazonaws.com";
const publicApi = "api.ecr-public.us-east-1.amazonaws.com";
const stranger = `${ecr}.example.com`;
const google = "europe-docker.pkg.dev";
const azure = "contoso.azurecr.io";
const names = [ecr, ecrApi, stsHost, "public.ecr.aws", publicApi, stranger, google, "oauth2.googleapis.com", azure];
const folder = temporaryFolder();
let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates(folder, [...names, "login.microsoftonline.com"]);
});

const manifest = {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: { mediaType: "application/vnd.oci.empty.v1+json", digest: `sha256:${"0".repeat(64)}`, size: 2 },
  layers: [],
};
const awsKeys = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "marker-of-aws",
  AWS_SESSION_TOKEN: "session",
};

interface World extends FakeInternet {
  readonly client: RegistryClient;
  /** Asks for an image. */
  readonly pull: (name: string) => Promise<unknown>;
}

async function world(
  hosts: Readonly<Record<string, InternetHost>>,
  { environment = {}, home = folder }: { environment?: Record<string, string>; home?: string } = {},
): Promise<World> {
  const internet = await fakeInternet(hosts, certificates.server);
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const access = {
    environment: { ...internet.proxies, ...environment },
    home,
    caFile: certificates.authority.certificate,
  };
  const client = openRegistryClient(access, controller.signal);
  return { ...internet, client, pull: (name) => client.manifest(reference(name)) };
}

/** A registry that shows its manifest to who shows this header. */
function basicRegistry(accepts: (header: string) => boolean): InternetHost {
  return ({ url, headers }) => {
    if (headers.authorization === undefined || !accepts(headers.authorization))
      return {
        status: 401,
        json: {},
        headers: { "www-authenticate": `Basic realm="https://${url.host}/",service="ecr.amazonaws.com"` },
      };
    return { json: manifest, headers: { "content-type": manifest.mediaType } };
  };
}

const pair = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** Amazon ECR's interface. */
function ecrInterface({ lifetime = 12 * 3600 } = {}): InternetHost {
  let count = 0;
  return ({ headers, body, method }) => {
    if (method !== "POST" || !headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"))
      return { status: 400, json: { __type: "UnrecognizedClientException", message: "The security token is invalid" } };
    const input = JSON.parse(body) as { nextToken?: string };
    switch (headers["x-amz-target"]) {
      case "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken": {
        count++;
        const authorizationToken = Buffer.from(`AWS:password-${count}`).toString("base64");
        const expiresAt = Date.now() / 1000 + lifetime;
        return { json: { authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: `https://${ecr}` }] } };
      }
      case "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories": {
        const [repositoryName, next] = input.nextToken === undefined ? ["team/app", "more"] : ["other", undefined];
        return { json: { repositories: [{ repositoryName }], ...(next && { nextToken: next }) } };
      }
      case "SpencerFrontendService.DescribeRepositories":
        return { json: { repositories: [{ repositoryName: "app", repositoryUri: "public.ecr.aws/a1b2c3d4/app" }] } };
      default:
        return { status: 400, json: { __type: "AccessDeniedException", message: "no" } };
    }
  };
}

describe("Amazon ECR", () => {
  const hosts = { [ecr]: basicRegistry((header) => header === pair("AWS", "password-1")), [ecrApi]: ecrInterface() };

  test("an account is given a password once, for all of a run", async () => {
    const { pull, requests } = await world({ ...hosts, [ecrApi]: ecrInterface() }, { environment: awsKeys });
    await pull(`${ecr}/team/app:v1`);
    await pull(`${ecr}/team/app:v2`);
    const asked = requests.filter(({ host }) => host === ecrApi);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/ecr\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
    );
    expect(asked[0]?.headers["x-amz-security-token"]).toBe("session");
    expect(JSON.stringify(requests.map(({ headers, body }) => [headers, body]))).not.toContain("marker-of-aws");
  });

  test("a password that is about to expire is asked for anew", async () => {
    const any = basicRegistry((header) => header.startsWith("Basic "));
    const { pull, requests } = await world(
      { [ecr]: any, [ecrApi]: ecrInterface({ lifetime: -1 }) },
      { environment: awsKeys },
    );
    await pull(`${ecr}/team/app:v1`);
    await pull(`${ecr}/team/app:v2`);
    expect(requests.filter(({ host }) => host === ecrApi).length).toBeGreaterThan(1);
  });

  test("nothing is asked for before the registry wants a credential, and a file's comes first", async () => {
    const open = await world({ [ecr]: () => ({ json: manifest }), [ecrApi]: ecrInterface() }, { environment: awsKeys });
    await open.pull(`${ecr}/team/app:v1`);
    expect(open.connections.every((host) => host === `${ecr}:443`)).toBe(true);
    const auths = { [ecr]: { auth: Buffer.from("AWS:of-the-file").toString("base64") } };
    const filed = await world(
      { [ecr]: basicRegistry((header) => header === pair("AWS", "of-the-file")), [ecrApi]: ecrInterface() },
      { environment: { ...awsKeys, DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) } },
    );
    await filed.pull(`${ecr}/team/app:v1`);
    expect(filed.connections.every((host) => host === `${ecr}:443`)).toBe(true);
  });

  test("no other host gets anything of the account", async () => {
    const { pull, requests, connections } = await world(
      { [stranger]: basicRegistry(() => false), [ecrApi]: ecrInterface() },
      { environment: awsKeys },
    );
    await expect(pull(`${stranger}/team/app:v1`)).rejects.toMatchObject({ code: "registry-refused" });
    expect(connections.every((host) => host === `${stranger}:443`)).toBe(true);
    expect(requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test("lists the registry with the account, page by page", async () => {
    const { client, requests } = await world({ ...hosts, [ecrApi]: ecrInterface() }, { environment: awsKeys });
    expect(await listOf(repositoriesBelow(client, ecr, ""))).toEqual(["team/app", "other"]);
    expect(requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { registryId: "123456789012", maxResults: 1000 },
      { registryId: "123456789012", maxResults: 1000, nextToken: "more" },
    ]);
  });

  test("lists of ECR Public what is the account's own", async () => {
    const anonymous: InternetHost = () => ({ status: 404, json: {} });
    const { client } = await world(
      { [publicApi]: ecrInterface(), "public.ecr.aws": anonymous },
      { environment: awsKeys },
    );
    expect(await listOf(repositoriesBelow(client, "public.ecr.aws", "a1b2c3d4"))).toEqual(["a1b2c3d4/app"]);
    await expect(listOf(repositoriesBelow(client, "public.ecr.aws", "other"))).rejects.toMatchObject({
      code: "image-not-found",
    });
    const without = await world({ "public.ecr.aws": anonymous });
    await expect(listOf(repositoriesBelow(without.client, "public.ecr.aws", "other"))).rejects.toMatchObject({
      code: "registry-refused",
    });
  });

  test("ECR Public is asked without an account that has no right to it", async () => {
    const registry: InternetHost = ({ url, headers }) => {
      if (url.pathname === "/token/")
        return { json: { token: headers.authorization === undefined ? "anonymous" : "known" } };
      if (headers.authorization === "Bearer anonymous")
        return { json: manifest, headers: { "content-type": manifest.mediaType } };
      const challenge = 'Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"';
      return { status: 401, json: {}, headers: { "www-authenticate": challenge } };
    };
    const { pull } = await world({ "public.ecr.aws": registry, [publicApi]: ecrInterface() }, { environment: awsKeys });
    await pull("public.ecr.aws/docker/library/alpine:3");
  });

  test("an account without rights is an error that does not show it", async () => {
    const denied: InternetHost = ({ headers }) => ({
      status: 400,
      json: {
        __type: "AccessDeniedException",
        message: `no ${headers.authorization} ${headers["x-amz-security-token"]}`,
      },
    });
    const environment = { ...awsKeys, AWS_SESSION_TOKEN: "marker-of-session" };
    const { pull } = await world({ ...hosts, [ecrApi]: denied }, { environment });
    const failure = await pull(`${ecr}/team/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: "registry-refused" });
    expect(inspect(failure, { depth: 10 })).not.toMatch(/marker-of|Signature=/);
  });

  test("profiles are read as AWS's programs read them", async () => {
    const home = join(folder, "profiles");
    mkdirSync(join(home, ".aws"), { recursive: true });
    writeFileSync(
      join(home, ".aws", "credentials"),
      "# keys\n[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key=x\n\n[team]\nAWS_ACCESS_KEY_ID = AKIDEXAMPLE ; of the team\naws_secret_access_key = a=b\n",
    );
    writeFileSync(
      join(home, ".aws", "config"),
      "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = team\n",
    );
    const good = await world({ ...hosts, [ecrApi]: ecrInterface() }, { home, environment: { AWS_PROFILE: "team" } });
    await good.pull(`${ecr}/team/app:v1`);
    const other = await world({ ...hosts, [ecrApi]: ecrInterface() }, { home });
    await expect(other.pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "registry-refused" });
    for (const name of ["role", "missing"]) {
      const bad = await world(hosts, { home, environment: { ...awsKeys, AWS_PROFILE: name } });
      await expect(bad.pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "usage" });
    }
  });

  test("a web identity is lent credentials in the region of the registry", async () => {
    const path = join(folder, "web-identity");
    writeFileSync(path, "marker-of-an-identity\n");
    const sts: InternetHost = ({ body }) => {
      const form = new URLSearchParams(body);
      const good =
        form.get("Action") === "AssumeRoleWithWebIdentity" &&
        form.get("WebIdentityToken") === "marker-of-an-identity" &&
        form.get("RoleArn") === "arn:aws:iam::1:role/scanner";
      const lent =
        "<AccessKeyId>AKIDEXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>lent</SessionToken>";
      return good
        ? {
            text: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>${lent}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
          }
        : {
            status: 400,
            text: `<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>${form.get("WebIdentityToken")}</Message></Error></ErrorResponse>`,
          };
    };
    const environment = { AWS_ROLE_ARN: "arn:aws:iam::1:role/scanner", AWS_WEB_IDENTITY_TOKEN_FILE: path };
    const all = { ...hosts, [ecrApi]: ecrInterface(), [stsHost]: sts };
    const { pull, requests } = await world(all, { environment });
    await pull(`${ecr}/team/app:v1`);
    expect(requests.find(({ host }) => host === ecrApi)?.headers["x-amz-security-token"]).toBe("lent");
    const other = await world(all, { environment: { ...environment, AWS_ROLE_ARN: "arn:aws:iam::1:role/other" } });
    const failure = await other.pull(`${ecr}/team/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: "registry-refused" });
    expect(inspect(failure, { depth: 10 })).not.toContain("marker-of-an-identity");
    const none = await world(all, { environment: { ...environment, AWS_WEB_IDENTITY_TOKEN_FILE: `${path}-none` } });
    await expect(none.pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "target-unreadable" });
  });

  test("the credentials of a container come from this machine, past the proxy", async () => {
    const shown: (string | undefined)[] = [];
    const host = await listen(
      createServer((request, response) => {
        shown.push(request.headers.authorization);
        sendJson(response, 200, {
          AccessKeyId: "AKIDEXAMPLE",
          SecretAccessKey: "s",
          Token: "t",
          Expiration: new Date(Date.now() + 3600_000).toISOString(),
        });
      }),
    );
    const environment = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${host}/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "of the container",
      HTTP_PROXY: "http://127.0.0.1:1",
    };
    const { pull, requests } = await world({ ...hosts, [ecrApi]: ecrInterface() }, { environment });
    await pull(`${ecr}/team/app:v1`);
    expect(shown).toEqual(["of the container"]);
    expect(requests.find(({ host: name }) => name === ecrApi)?.headers["x-amz-security-token"]).toBe("t");
  });

  test.each([
    "http://10.0.0.1/credentials",
    "http://169.254.169.254/latest",
    "http://metadata.example.com/",
    "http://127.0.0.1.example.com/",
    "file:///etc/passwd",
    "http://user:password@127.0.0.1/",
  ])("the credentials of a container are not asked for at %s", async (address) => {
    const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: address };
    const { pull, connections } = await world(hosts, { environment });
    await expect(pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "usage" });
    expect(connections.every((host) => host === `${ecr}:443`)).toBe(true);
  });
});

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
      return headers.authorization === pair("oauth2accesstoken", "ya29.access")
        ? { json: { token: "registry" } }
        : { status: 401, json: {} };
    if (headers.authorization === "Bearer registry")
      return { json: manifest, headers: { "content-type": manifest.mediaType } };
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
    const { pull, connections } = await world(
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
    const { pull } = await world(
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
    const { pull } = await world({ [google]: registry }, { environment: keyFile(content) });
    const failure = await pull(`${google}/project/images/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code });
    expect(inspect(failure, { depth: 10 })).not.toContain("marker-of-a-key");
  });

  test("a file that is not there is an error, also where the registry is another's it is not looked for", async () => {
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: join(folder, "none.json") };
    const { pull } = await world({ [google]: registry, [stranger]: basicRegistry(() => false) }, { environment });
    await expect(pull(`${google}/project/images/app:v1`)).rejects.toMatchObject({ code: "target-unreadable" });
    await expect(pull(`${stranger}/team/app:v1`)).rejects.toMatchObject({ code: "registry-refused" });
  });
});

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
      return { json: manifest, headers: { "content-type": manifest.mediaType } };
    const challenge = `Bearer realm="https://${azure}/oauth2/token",service="${azure}",scope="repository:app:pull"`;
    return { status: 401, json: {}, headers: { "www-authenticate": challenge } };
  };

  test("the secret of a service principal becomes a refresh token, once", async () => {
    const { pull, requests } = await world({ [azure]: registry, "login.microsoftonline.com": entra }, { environment });
    await pull(`${azure}/app:v1`);
    await pull(`${azure}/other:v1`);
    expect(requests.filter(({ url }) => url.pathname === "/oauth2/exchange")).toHaveLength(1);
    const shown = requests.filter(({ body, headers }) =>
      `${body}${JSON.stringify(headers)}`.includes("marker-of-azure"),
    );
    expect(shown.map(({ host }) => host)).toEqual(["login.microsoftonline.com"]);
  });

  test("the token of a workload's identity does in the place of a secret", async () => {
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
    const { pull } = await world(
      { [azure]: registry, "login.microsoftonline.com": federated },
      { environment: { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE: path } },
    );
    await pull(`${azure}/app:v1`);
  });

  test("a secret that is wrong is an error that does not show it", async () => {
    const wrong = { ...environment, AZURE_CLIENT_SECRET: "marker-of-another/secret+x" };
    const { pull } = await world({ [azure]: registry, "login.microsoftonline.com": entra }, { environment: wrong });
    const failure = await pull(`${azure}/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: "registry-refused" });
    expect(inspect(failure, { depth: 10 })).not.toContain("marker-of-another");
  });
});
