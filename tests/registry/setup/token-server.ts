import { createSign, randomUUID, X509Certificate } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type CertificateFiles, pem } from "./certificates.ts";
import { sendJson } from "./fake-registry.ts";

/** A question for a token. */
export interface TokenRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  /** The user that the credentials prove. */
  readonly user: string | undefined;
}

/** Who may do what. Everybody may pull from `public/…`; a known user may do everything. */
export interface TokenServerOptions {
  /** Signs the tokens. */
  readonly signer: CertificateFiles;
  readonly users: Readonly<Record<string, string>>;
  /** Refresh tokens and whose they are. */
  readonly refreshTokens?: Readonly<Record<string, string>>;
}

/** A token server for docker-registry: RS256, the certificate in `x5c`. */
export interface TokenServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly realm: string;
  readonly issuer: string;
  readonly service: string;
  readonly requests: TokenRequest[];
  /** Seconds for which a token really holds; what is said is `expires_in`, undefined says nothing. */
  lifetime: { real: number; said: number | undefined };
  /** The name under which the token comes. */
  member: "token" | "access_token";
  /** Statuses of the next answers to refresh tokens. */
  refuseRefresh: number | undefined;
  stop(): void;
}

/** docker-registry accepts a token for so many seconds after it has expired. */
const leeway = 60;

/** Starts a token server. */
export async function startTokenServer({
  signer,
  users,
  refreshTokens = {},
}: TokenServerOptions): Promise<TokenServer> {
  const certificate = new X509Certificate(pem(signer.certificate)).raw.toString("base64");
  const key = pem(signer.key);
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const query = new URL(request.url ?? "/", "http://token/").searchParams;
      const form = new URLSearchParams(request.method === "POST" ? body : "");
      const shown = basicOf(request.headers.authorization);
      const known = shown && (users[shown.user] === shown.password || refreshTokens[shown.password] !== undefined);
      const user = known ? shown.user : refreshTokens[form.get("refresh_token") ?? ""];
      running.requests.push({ method: request.method ?? "", query, form, user });
      if (request.method === "POST" && running.refuseRefresh !== undefined)
        response.writeHead(running.refuseRefresh).end();
      else if (user === undefined && (shown || request.method === "POST")) sendRefusal(response, shown?.password);
      else {
        const scopes = request.method === "POST" ? (form.get("scope") ?? "").split(" ") : query.getAll("scope");
        sendJson(response, 200, {
          [running.member]: sign(
            scopes.flatMap((scope) => access(scope, user)),
            user,
          ),
          ...(running.lifetime.said !== undefined && { expires_in: running.lifetime.said }),
        });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running: TokenServer = {
    host,
    realm: `http://${host}/token`,
    issuer: "plimsoll test",
    service: "test registry",
    requests: [],
    lifetime: { real: 300, said: 300 },
    member: "token",
    refuseRefresh: undefined,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  const sign = (granted: readonly object[], subject = ""): string => {
    const now = Math.floor(Date.now() / 1000);
    const { issuer, service, lifetime } = running;
    const times = { exp: now - leeway + lifetime.real, nbf: now - leeway - 10, iat: now };
    const head = base64url({ typ: "JWT", alg: "RS256", x5c: [certificate] });
    const claims = base64url({ iss: issuer, sub: subject, aud: service, ...times, jti: randomUUID(), access: granted });
    const signature = createSign("RSA-SHA256").update(`${head}.${claims}`).sign(key).toString("base64url");
    return `${head}.${claims}.${signature}`;
  };
  return running;
}

/** A server that is so careless as to repeat a password. */
function sendRefusal(response: ServerResponse, password = ""): void {
  sendJson(response, 401, { errors: [{ code: "UNAUTHORIZED", message: `the password ${password} is wrong` }] });
}

function access(scope: string, user: string | undefined): object[] {
  const [type = "", name = "", actions = ""] = scope.split(":");
  const wanted = actions.split(",");
  const granted =
    user !== undefined ? wanted : wanted.filter((action) => action === "pull" && name.startsWith("public/"));
  return granted.length === 0 ? [] : [{ type, name, actions: granted }];
}

function basicOf(header: string | undefined): { user: string; password: string } | undefined {
  const pair = /^Basic (.+)$/.exec(header ?? "")?.[1];
  if (pair === undefined) return undefined;
  const [user = "", ...rest] = Buffer.from(pair, "base64").toString("utf8").split(":");
  return { user, password: rest.join(":") };
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
