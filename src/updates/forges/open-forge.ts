import type { ProxyEnvironment } from "../../io/http/http-client.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { Forge, ForgeRepository, NewPullRequest, PullRequest } from "./forge.ts";
import { ForgeApi, numberIn, textIn } from "./forge-api.ts";

/** What a server is asked with. */
export interface ForgeAccess {
  readonly token: string;
  readonly proxies: ProxyEnvironment;
  readonly signal: AbortSignal;
}

/** Opens the API of the server of a repository. */
export function openForge(repository: ForgeRepository, access: ForgeAccess): Forge {
  return repository.kind === "gitlab" ? new GitlabForge(repository, access) : new GithubForge(repository, access);
}

/**
 * GitHub, and Gitea and Forgejo, whose API has the same shape. Sources:
 * https://docs.github.com/rest/pulls/pulls, https://docs.gitea.com/api, "repository".
 */
class GithubForge implements Forge {
  readonly pushAuthorization: string;
  readonly #api: ForgeApi;
  readonly #path: string;

  constructor({ api, path, kind }: ForgeRepository, { token, ...access }: ForgeAccess) {
    this.#path = `/repos/${path.split("/").map(encodeURIComponent).join("/")}`;
    this.pushAuthorization = basic("x-access-token", token);
    const authorization = kind === "gitea" ? `token ${token}` : `Bearer ${token}`;
    this.#api = new ForgeApi({ ...access, api, secrets: { authorization } });
  }

  async defaultBranch(): Promise<string> {
    return textIn(await this.#api.object("GET", this.#path), "default_branch");
  }

  async pullRequests(prefix: string): Promise<readonly PullRequest[]> {
    const all = await this.#api.list(`${this.#path}/pulls?state=all`);
    return newestFirst(
      all
        .filter(isOwn)
        .map(readGithub)
        .filter(({ branch }) => branch.startsWith(prefix)),
    );
  }

  async open({ branch, base, title, body }: NewPullRequest): Promise<PullRequest> {
    return readGithub(await this.#api.object("POST", `${this.#path}/pulls`, { title, head: branch, base, body }));
  }

  async update(number: number, text: Partial<Pick<NewPullRequest, "title" | "body">>): Promise<void> {
    await this.#api.object("PATCH", `${this.#path}/pulls/${number}`, text);
  }

  async close(number: number): Promise<void> {
    await this.#api.object("PATCH", `${this.#path}/pulls/${number}`, { state: "closed" });
  }
}

/** Source: https://docs.gitlab.com/api/merge_requests/. */
class GitlabForge implements Forge {
  readonly pushAuthorization: string;
  readonly #api: ForgeApi;
  readonly #path: string;

  constructor({ api, path }: ForgeRepository, { token, ...access }: ForgeAccess) {
    this.#path = `/projects/${encodeURIComponent(path)}`;
    this.pushAuthorization = basic("oauth2", token);
    this.#api = new ForgeApi({ ...access, api, secrets: { "private-token": token } });
  }

  async defaultBranch(): Promise<string> {
    return textIn(await this.#api.object("GET", this.#path), "default_branch");
  }

  async pullRequests(prefix: string): Promise<readonly PullRequest[]> {
    const all = await this.#api.list(`${this.#path}/merge_requests?state=all`);
    const own = all.filter((one) => numberIn(one, "source_project_id") === numberIn(one, "target_project_id"));
    return newestFirst(own.map(readGitlab).filter(({ branch }) => branch.startsWith(prefix)));
  }

  async open({ branch, base, title, body }: NewPullRequest): Promise<PullRequest> {
    const request = {
      source_branch: branch,
      target_branch: base,
      title,
      description: body,
      remove_source_branch: true,
    };
    return readGitlab(await this.#api.object("POST", `${this.#path}/merge_requests`, request));
  }

  async update(number: number, { title, body }: Partial<Pick<NewPullRequest, "title" | "body">>): Promise<void> {
    await this.#api.object("PUT", `${this.#path}/merge_requests/${number}`, { title, description: body });
  }

  async close(number: number): Promise<void> {
    await this.#api.object("PUT", `${this.#path}/merge_requests/${number}`, { state_event: "close" });
  }
}

/** False for a pull request from a fork, whose branches anyone can name. */
function isOwn(pull: JsonObject): boolean {
  const [head, base] = ["head", "base"].map((side) => {
    const end = pull[side];
    const repository = isJsonObject(end) ? end["repo"] : undefined;
    return isJsonObject(repository) ? numberIn(repository, "id") : 0;
  });
  return head === base && head !== 0;
}

function readGithub(pull: JsonObject): PullRequest {
  const head = isJsonObject(pull["head"]) ? pull["head"] : {};
  const isMerged = pull["merged"] === true || textIn(pull, "merged_at") !== "";
  return {
    number: numberIn(pull, "number"),
    url: textIn(pull, "html_url"),
    body: textIn(pull, "body"),
    branch: textIn(head, "ref"),
    state: isMerged ? "merged" : textIn(pull, "state") === "open" ? "open" : "closed",
  };
}

function readGitlab(request: JsonObject): PullRequest {
  const state = textIn(request, "state");
  return {
    number: numberIn(request, "iid"),
    url: textIn(request, "web_url"),
    body: textIn(request, "description"),
    branch: textIn(request, "source_branch"),
    state: state === "merged" ? "merged" : state === "opened" || state === "locked" ? "open" : "closed",
  };
}

function newestFirst(requests: readonly PullRequest[]): readonly PullRequest[] {
  return requests.toSorted((a, b) => b.number - a.number);
}

function basic(user: string, token: string): string {
  return `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
}
