/** A pull or merge request. */
export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly body: string;
  readonly branch: string;
  readonly state: "open" | "closed" | "merged";
}

/** The text of a pull request, and where it leads. */
export interface NewPullRequest {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** A server with repositories and pull requests. Errors of all methods: `program-failed`, `cancelled`. */
export interface Forge {
  /** The branch that pull requests lead to by default. */
  defaultBranch(): Promise<string>;
  /** Pull requests of branches whose names begin with a text, newest first. */
  pullRequests(prefix: string): Promise<readonly PullRequest[]>;
  open(request: NewPullRequest): Promise<PullRequest>;
  update(number: number, text: Partial<Pick<NewPullRequest, "title" | "body">>): Promise<void>;
  /** Closes a pull request without merging it. */
  close(number: number): Promise<void>;
  /** The value of the header `Authorization` with which Git pushes. */
  readonly pushAuthorization: string;
}

/** The kinds of servers. */
export type ForgeKind = "github" | "gitlab" | "gitea";

/** The repository that a remote's address names. */
export interface ForgeRepository {
  readonly kind: ForgeKind;
  /** Where the API begins, without a slash at the end. */
  readonly api: string;
  /** `owner/name`; on GitLab with further groups. */
  readonly path: string;
}

const knownHosts: Readonly<Record<string, ForgeKind>> = {
  "github.com": "github",
  "gitlab.com": "gitlab",
  "codeberg.org": "gitea",
};
const apiPaths: Readonly<Record<ForgeKind, string>> = { github: "/api/v3", gitlab: "/api/v4", gitea: "/api/v1" };

/** The repository behind the address of a remote; undefined when the address or the kind of server is not known. */
export function forgeRepository(remote: string, given: ForgeKind | undefined): ForgeRepository | undefined {
  const [, user, sshHost, sshPath] = /^(?:([A-Za-z0-9._-]+)@)([A-Za-z0-9.-]+):(?!\/\/)(.+)$/.exec(remote) ?? [];
  const url = user === undefined ? URL.parse(remote) : undefined;
  const host = url?.host ?? sshHost;
  const path = (url?.pathname ?? sshPath)
    ?.replace(/^\//, "")
    .replace(/\/$/, "")
    .replace(/\.git$/, "");
  const kind = given ?? (host === undefined ? undefined : knownHosts[host]);
  if (host === undefined || kind === undefined || path === undefined || !/^[^/]+\/.+$/.test(path)) return undefined;
  if (url && !["http:", "https:", "ssh:"].includes(url.protocol)) return undefined;
  // Another port is that of ssh.
  const origin = url && url.protocol !== "ssh:" ? url.origin : `https://${url?.hostname ?? host}`;
  return { kind, path, api: host === "github.com" ? "https://api.github.com" : `${origin}${apiPaths[kind]}` };
}
