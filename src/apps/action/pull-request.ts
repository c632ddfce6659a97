import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { PlimsollError } from "../../model/error.ts";
import type { GithubApi } from "./github-api.ts";
import type { Environment } from "./inputs.ts";

const mostPages = 50;
const pageSize = 100;

/** The pull request that a workflow runs for. */
export interface PullRequest {
  /** `OWNER/NAME` of the repository that it is for. */
  readonly repository: string;
  readonly number: number;
  /** The commit of the branch that it is to be merged into. */
  readonly baseCommit: string;
}

/** The pull request of the event in `GITHUB_EVENT_PATH`; undefined for another event. Error: `usage`. */
export function readPullRequest(environment: Environment): PullRequest | undefined {
  const event = environment["GITHUB_EVENT_NAME"];
  if (event === "pull_request_target") {
    throw new PlimsollError("usage", "the Action does not run for pull_request_target", {
      hint: "Use the event pull_request: with pull_request_target, code of a fork runs with the rights of the repository.",
    });
  }
  if (event !== "pull_request") return undefined;
  const path = environment["GITHUB_EVENT_PATH"] ?? "";
  const repository = environment["GITHUB_REPOSITORY"] ?? "";
  const { pull_request: request } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly pull_request?: { readonly number?: unknown; readonly base?: { readonly sha?: unknown } };
  };
  const number = request?.number;
  const baseCommit = request?.base?.sha;
  const isValid =
    Number.isSafeInteger(number) && typeof baseCommit === "string" && /^[0-9a-f]{40,64}$/.test(baseCommit);
  if (!isValid || !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new PlimsollError("usage", "the event pull_request names no pull request", {
      hint: "The runner sets GITHUB_REPOSITORY and writes the event to GITHUB_EVENT_PATH.",
    });
  }
  return { repository, number: number as number, baseCommit };
}

/**
 * The text of a file in the base branch of a pull request, since the pull request could change it in its own branch;
 * undefined when the base branch does not have the file. Error: `target-unreadable`.
 */
export async function readBaseFile(api: GithubApi, request: PullRequest, path: string): Promise<string | undefined> {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const address = `/repos/${request.repository}/contents/${encoded}?ref=${request.baseCommit}`;
  const { status, text } = await api.send(address, { accept: "application/vnd.github.raw+json" });
  if (status === 200) return text;
  if (status === 404) return undefined;
  throw new PlimsollError("target-unreadable", `GitHub does not send ${path} of the base branch (status ${status})`, {
    hint: "Give the job the permission contents: read, or set the input policy to none.",
  });
}

/** How a comment was written, or the status with which GitHub refused it. */
export type CommentResult = "created" | "updated" | { readonly refused: number };

/**
 * Writes the comment of a target on a pull request; the comment of an earlier run is replaced. Comments of people are
 * never changed, even with the same marker. Errors: those of the network.
 */
export async function writeComment(
  api: GithubApi,
  request: PullRequest,
  { target, markdown }: { readonly target: string; readonly markdown: string },
): Promise<CommentResult> {
  const marker = commentMarker(target);
  const body = { body: `${marker}\n${markdown}` };
  const comments = `/repos/${request.repository}/issues/${request.number}/comments`;
  for (let page = 1; page <= mostPages; page++) {
    const { status, text } = await api.send(`${comments}?per_page=${pageSize}&page=${page}`);
    if (status !== 200) return { refused: status };
    const listed = JSON.parse(text) as readonly Comment[];
    const own = listed.find((comment) => comment.user?.type === "Bot" && comment.body?.startsWith(marker));
    if (own !== undefined) {
      const path = `/repos/${request.repository}/issues/comments/${own.id}`;
      const answer = await api.send(path, { method: "PATCH", body });
      return answer.status === 200 ? "updated" : { refused: answer.status };
    }
    if (listed.length < pageSize) break;
  }
  const answer = await api.send(comments, { method: "POST", body });
  return answer.status === 201 ? "created" : { refused: answer.status };
}

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user?: { readonly type?: string } | null;
}

/** The first line of the comment for a target, which GitHub does not show. */
function commentMarker(target: string): string {
  return `<!-- plimsoll ${createHash("sha256").update(target).digest("hex").slice(0, 16)} -->`;
}
