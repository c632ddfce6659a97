import type { IncomingMessage, RequestListener } from "node:http";
import { serveLocally } from "../setup/local-server.ts";

/** A comment on the pull request of the double. */
export interface StoredComment {
  readonly id: number;
  body: string;
  readonly user: { readonly type: string };
}

/** What the double of GitHub's API holds, and what it was asked. */
export interface GithubDouble {
  readonly address: string;
  readonly comments: StoredComment[];
  readonly requests: string[];
  /** The values of `authorization` that it was sent. */
  readonly credentials: Set<string>;
}

/** How the double answers. */
export interface DoubleOptions {
  /** The policy file of the base branch; without it, 404. */
  readonly policy?: string;
  /** Further files of the base branch, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** Comments that are there before. */
  readonly comments?: readonly StoredComment[];
  /** Refuses to write, as for the token of a pull request from a fork. */
  readonly isReadOnly?: boolean;
}

/** Serves what the Action uses of GitHub's REST API, for the pull request 7 of `team/shop`, until the test has ended. */
export async function serveGithub({
  policy,
  files = {},
  comments = [],
  isReadOnly = false,
}: DoubleOptions): Promise<GithubDouble> {
  const stored = comments.map((comment) => ({ ...comment }));
  const requests: string[] = [];
  const credentials = new Set<string>();
  const listener: RequestListener = async (request, response) => {
    const url = new URL(request.url ?? "", "http://github.test");
    requests.push(`${request.method} ${url.pathname}`);
    credentials.add(request.headers.authorization ?? "");
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    };
    if (url.pathname.startsWith("/repos/team/shop/contents/")) {
      const path = decodeURIComponent(url.pathname.slice("/repos/team/shop/contents/".length));
      const text = path === "plimsoll.yaml" ? policy : files[path];
      return text === undefined ? answer(404, {}) : answer(200, text);
    }
    if (request.method === "GET") {
      const [size, page] = ["per_page", "page"].map((name) => Number(url.searchParams.get(name)));
      const start = ((page ?? 1) - 1) * (size ?? 0);
      return answer(200, stored.slice(start, start + (size ?? 0)));
    }
    if (isReadOnly) return answer(403, { message: "Resource not accessible by integration" });
    const { body } = JSON.parse(await textOf(request)) as { readonly body: string };
    if (request.method === "POST") {
      stored.push({ id: stored.length + 1, body, user: { type: "Bot" } });
      return answer(201, {});
    }
    const comment = stored.find(({ id }) => url.pathname.endsWith(`/comments/${id}`));
    if (comment === undefined) return answer(404, {});
    comment.body = body;
    return answer(200, {});
  };
  return { address: await serveLocally(listener), comments: stored, requests, credentials };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString("utf8");
}
