import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A pull request as the tests look at it. */
export interface StoredRequest {
  readonly number: number;
  readonly branch: string;
  readonly base: string;
  title: string;
  body: string;
  state: "open" | "closed" | "merged";
  /** From a fork, which the server lists too. */
  readonly isFork?: boolean;
}

/** A Git server with the API of one kind. */
export interface GitServer {
  readonly url: string;
  readonly bare: string;
  readonly requests: StoredRequest[];
  /** The values of `Authorization` and `PRIVATE-TOKEN`, without repetitions. */
  readonly authorizations: Set<string>;
}

export type ServerKind = "github" | "gitlab" | "gitea";

const isolated = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };

/** Runs Git in a folder, without the configuration of the machine. */
export function git(folder: string, ...args: readonly string[]): string {
  const user = ["-c", "user.name=ada", "-c", "user.email=ada@example.com"];
  const environment = { PATH: process.env["PATH"] ?? "", ...isolated };
  return execFileSync("git", ["-C", folder, ...user, ...args], { env: environment, stdio: "pipe" })
    .toString()
    .trim();
}

/**
 * Starts a server for the repository `team/app`: Git's own `http-backend` for pushes, and the API with the members that
 * the documentation of the vendor has. It stops with the test.
 */
export async function startGitServer(folder: string, kind: ServerKind): Promise<GitServer> {
  const root = join(folder, `server-${kind}-${Date.now()}`);
  const bare = join(root, "team/app.git");
  mkdirSync(bare, { recursive: true });
  git(bare, "init", "--quiet", "--bare", "--initial-branch=main");
  git(bare, "config", "http.receivepack", "true");
  const requests: StoredRequest[] = [];
  const authorizations = new Set<string>();
  const server = createServer((request, response) => {
    const shown = request.headers.authorization ?? request.headers["private-token"];
    if (shown !== undefined) authorizations.add(String(shown));
    if (shown === undefined && request.url?.includes("receive-pack")) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
    } else if (request.url?.startsWith("/team/app.git/")) serveGit(root, request, response);
    else void serveApi(kind, { requests, request, response });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/team/app.git`,
    bare,
    requests,
    authorizations,
  };
}

function serveGit(root: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...isolated,
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"],
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
      GIT_PROTOCOL: request.headers["git-protocol"] as string | undefined,
      REMOTE_USER: "ada",
    },
  });
  request.pipe(child.stdin);
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  child.on("close", () => {
    const answer = Buffer.concat(pieces);
    const end = answer.indexOf("\r\n\r\n");
    const headers = answer.subarray(0, end).toString().split("\r\n");
    const fields = headers.map((line) => line.split(": "));
    const status = fields.find(([name]) => name === "Status")?.[1]?.split(" ")[0];
    const others = fields.filter(([name]) => name !== "Status").map(([name = "", value = ""]) => [name, value]);
    response.writeHead(Number(status ?? 200), Object.fromEntries(others)).end(answer.subarray(end + 4));
  });
}

interface ApiCall {
  readonly requests: StoredRequest[];
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const apiPaths: Readonly<Record<ServerKind, readonly [repository: string, list: string]>> = {
  github: ["/api/v3/repos/team/app", "pulls"],
  gitea: ["/api/v1/repos/team/app", "pulls"],
  gitlab: ["/api/v4/projects/team%2Fapp", "merge_requests"],
};

async function serveApi(kind: ServerKind, { requests, request, response }: ApiCall): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  const body: Record<string, string> = text === "" ? {} : JSON.parse(text);
  const [repository, list] = apiPaths[kind];
  const url = new URL(request.url ?? "", "http://localhost");
  const answer = (status: number, value: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
  const method = `${request.method} ${url.pathname.replace(repository, "").replace(/\d+$/, "N")}`;
  const stored = requests.find(({ number }) => number === Number(url.pathname.split("/").at(-1)));
  if (method === "GET ") answer(200, { default_branch: "main" });
  else if (method === `GET /${list}`) {
    answer(200, url.searchParams.get("page") === "1" ? requests.map((one) => shown(kind, one)) : []);
  } else if (method === `POST /${list}`) {
    const made: StoredRequest = {
      number: requests.length + 1,
      branch: body["head"] ?? body["source_branch"] ?? "",
      base: body["base"] ?? body["target_branch"] ?? "",
      title: body["title"] ?? "",
      body: body["body"] ?? body["description"] ?? "",
      state: "open",
    };
    requests.push(made);
    answer(201, shown(kind, made));
  } else if (stored && (method === `PATCH /${list}/N` || method === `PUT /${list}/N`)) {
    stored.title = body["title"] ?? stored.title;
    stored.body = body["body"] ?? body["description"] ?? stored.body;
    if (body["state"] === "closed" || body["state_event"] === "close") stored.state = "closed";
    answer(200, shown(kind, stored));
  } else answer(404, { message: "Not Found" });
}

/** Members as the vendors document them. */
function shown(kind: ServerKind, { number, branch, base, title, body, state, isFork }: StoredRequest): object {
  const page = `http://127.0.0.1/team/app/${number}`;
  if (kind === "gitlab") {
    return {
      ...{ id: 1000 + number, iid: number, title, description: body, web_url: page },
      ...{ source_branch: branch, target_branch: base, target_project_id: 7, source_project_id: isFork ? 8 : 7 },
      state: state === "open" ? "opened" : state,
    };
  }
  return {
    ...{ id: 1000 + number, number, title, body, html_url: page },
    head: { ref: branch, repo: { id: isFork ? 8 : 7 } },
    base: { ref: base, repo: { id: 7 } },
    state: state === "open" ? "open" : "closed",
    merged_at: state === "merged" ? "2026-01-01T00:00:00Z" : null,
  };
}
