import { createHash } from "node:crypto";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { basicAuthorization, credentialIn } from "../../io/http/basic-authorization.ts";
import { PlimsollError } from "../../model/error.ts";
import { isLocalRegistry } from "../../model/packages/reference.ts";
import { type Forge, type ForgeKind, forgeRepository, type PullRequest } from "../../updates/forges/forge.ts";
import { openForge } from "../../updates/forges/open-forge.ts";
import { type GitOptions, runGit, ScratchRepository } from "../../updates/git/scratch-repository.ts";
import { applyUpdates } from "./apply-updates.ts";
import type { Proposal } from "./propose-updates.ts";
import { commitMessage, imageOf, requestBody, requestMark, requestTitle, withoutMark } from "./pull-request-text.ts";

/** How pull requests are opened. */
export interface PullRequestOptions extends GitOptions {
  /** The name of the remote. */
  readonly remote: string;
  /** The kind of its server, where the host does not say so. */
  readonly forge: ForgeKind | undefined;
  /** The tokens by kind of server. */
  readonly tokenFor: (kind: ForgeKind) => string | undefined;
  /** The branch to merge into; the default branch unless given. */
  readonly base: string | undefined;
  /** The most pull requests that may be open. */
  readonly most: number;
  readonly pins: boolean;
  readonly signingKey: string | undefined;
}

/** What became of a proposal, or of an earlier pull request. */
export interface RequestResult {
  readonly image: string;
  readonly outcome: "opened" | "updated" | "unchanged" | "closed" | "skipped";
  readonly url?: string;
  /** Why it was skipped or closed, as a clause. */
  readonly reason?: string;
}

const prefix = "plimsoll/update/";

/**
 * Opens a pull request for each proposal with a better image, or updates the one that is open, and closes those that
 * are obsolete. Commits are made in a temporary repository, so that the work tree stays as it is and nothing of the
 * repository runs; they are pushed to branches below `plimsoll/update/` only. Errors: `usage`, `program-failed`,
 * `cancelled`, those of {@link applyUpdates}.
 */
export async function openPullRequests(
  paths: readonly string[],
  proposals: readonly Proposal[],
  options: PullRequestOptions,
): Promise<readonly RequestResult[]> {
  const place = await repositoryAt(paths[0] ?? ".", options);
  const { url, authorization } = withoutUser(place.remote);
  const known = forgeRepository(url, options.forge);
  if (!known) {
    throw new PlimsollError("usage", `cannot tell which server the remote ${options.remote} is on`, {
      hint: "Use --forge github, gitlab or gitea, and a remote with an http, https or ssh address.",
    });
  }
  if (known.api.startsWith("http://") && !isLocalRegistry(new URL(known.api).host)) {
    throw new PlimsollError("usage", `the remote ${options.remote} uses http, which would show the token to others`, {
      hint: "Use an https address for the remote.",
    });
  }
  const token = options.tokenFor(known.kind);
  if (token === undefined) {
    throw new PlimsollError("usage", "no token for the server of the remote", {
      hint: "Set PLIMSOLL_FORGE_TOKEN to a token that may push branches and open pull requests.",
    });
  }
  const forge = openForge(known, { token, proxies: options.environment, signal: options.signal });
  using scratch = await ScratchRepository.open(place.gitFolder, options);
  const run = new RequestRun(paths, { ...options, ...place, url, forge, scratch, authorization });
  return await run.all(proposals);
}

interface Place {
  readonly top: string;
  readonly gitFolder: string;
  readonly head: string;
  readonly remote: string;
}

interface RunOptions extends Omit<PullRequestOptions, "forge" | "remote">, Omit<Place, "remote"> {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly forge: Forge;
  readonly scratch: ScratchRepository;
}

class RequestRun {
  readonly #paths: readonly string[];
  readonly #options: RunOptions;

  constructor(paths: readonly string[], options: RunOptions) {
    this.#paths = paths;
    this.#options = options;
  }

  async all(proposals: readonly Proposal[]): Promise<readonly RequestResult[]> {
    const { forge, most } = this.#options;
    const base = this.#options.base ?? (await forge.defaultBranch());
    const requests = await forge.pullRequests(prefix);
    const better = proposals.filter(({ change }) => change !== undefined);
    const results: RequestResult[] = [];
    const isWhole = this.#paths.some((path) => realpathSync(path) === this.#options.top);
    for (const request of isWhole ? requests.filter(({ state }) => state === "open") : []) {
      const result = await this.#closeObsolete(request, proposals);
      if (result) results.push(result);
    }
    let open = requests.filter(({ state }) => state === "open").length - results.length;
    for (const proposal of better) {
      const own = requests.filter(({ branch }) => branch === branchOf(proposal));
      const result = await this.#one(proposal, { base, own, mayOpen: open < most });
      if (result.outcome === "opened") open += 1;
      results.push(result);
    }
    return results;
  }

  async #one(
    proposal: Proposal,
    { base, own, mayOpen }: { readonly base: string; readonly own: readonly PullRequest[]; readonly mayOpen: boolean },
  ): Promise<RequestResult> {
    const { forge, scratch, head, url, signingKey } = this.#options;
    const image = imageOf(proposal);
    const skip = (reason: string): RequestResult => ({ image, outcome: "skipped", reason });
    const digest = proposal.change?.digest;
    const isRejected = own.some(({ state, body }) => state === "closed" && requestMark(body)?.digest === digest);
    if (isRejected) return skip("a pull request for this image was closed");
    const isRolledBack = own.some(({ state, body }) => state === "merged" && requestMark(body)?.digest === digest);
    if (isRolledBack) return skip("this image was merged before and rolled back");
    const current = own.find(({ state }) => state === "open");
    const marked = current && requestMark(current.body);
    if (current && marked?.digest === digest) return { image, outcome: "unchanged", url: current.url };
    if (!current && !mayOpen) return skip(`${this.#options.most} pull requests are open`);
    const branch = branchOf(proposal);
    if (branch === base) return skip("the branch is the one to merge into");
    const target = { url, branch, authorization: this.#options.authorization ?? forge.pushAuthorization };
    const expected = await scratch.remoteBranch(target);
    if (current && expected !== marked?.commit) return skip("the branch has commits of others");
    const files = await this.#files(proposal);
    if (typeof files === "string") return skip(files);
    const commit = await scratch.commit({
      parent: head,
      files,
      message: commitMessage(proposal),
      ...(signingKey !== undefined && { signingKey }),
    });
    await scratch.push(commit, { ...target, expected });
    const text = { title: requestTitle(proposal), body: requestBody(proposal, commit) };
    if (current) {
      await forge.update(current.number, text);
      return { image, outcome: "updated", url: current.url };
    }
    const opened = await forge.open({ ...text, branch, base });
    return { image, outcome: "opened", url: opened.url };
  }

  /** The new contents by path from the root, or why there are none. */
  async #files(proposal: Proposal): Promise<ReadonlyMap<string, Buffer> | string> {
    const { signal, pins, top, head, scratch } = this.#options;
    const { applied, files } = await applyUpdates(this.#paths, [proposal], { signal, pins, isDryRun: true });
    if (files.size === 0) return applied[0]?.refused[0]?.reason ?? "no file can be changed";
    const inside = new Map<string, Buffer>();
    for (const [path, bytes] of files) {
      const name = relative(top, realpathSync(resolve(path)))
        .split(sep)
        .join("/");
      const committed = name.startsWith("../") ? undefined : await scratch.file(head, name);
      if (!committed) return `${path} is not committed`;
      if (!committed.equals(readFileSync(path))) return `${path} has uncommitted changes`;
      inside.set(name, bytes);
    }
    return inside;
  }

  async #closeObsolete(request: PullRequest, proposals: readonly Proposal[]): Promise<RequestResult | undefined> {
    const image = requestMark(request.body)?.image;
    if (image === undefined) return undefined;
    const found = proposals.filter((proposal) => imageOf(proposal) === image);
    // An image that could not be examined today says nothing about an earlier proposal.
    if (found.some(({ change, failure }) => change !== undefined || failure !== undefined)) return undefined;
    // Without the mark, a later run does not take this for a decision of a person.
    await this.#options.forge.update(request.number, { body: withoutMark(request.body) });
    await this.#options.forge.close(request.number);
    const reason = found.length > 0 ? "no better image is known" : "no file uses the image";
    return { image, outcome: "closed", url: request.url, reason };
  }
}

/** The branch of an image. One image has one branch, whatever it is updated to. */
function branchOf(proposal: Proposal): string {
  const image = imageOf(proposal);
  const name = image
    .replace(/[^A-Za-z0-9-]+/g, "-")
    .slice(-60)
    .replace(/^-/, "");
  return `${prefix}${name}-${createHash("sha256").update(image).digest("hex").slice(0, 8)}`;
}

async function repositoryAt(path: string, options: PullRequestOptions): Promise<Place> {
  const folder = statSync(path).isDirectory() ? resolve(path) : dirname(resolve(path));
  const ask = async (args: readonly string[], what: string): Promise<string> => {
    const safe = ["-c", "core.fsmonitor=false", "-C", folder];
    return ((await runGit([...safe, ...args], options, { what })) ?? "").toString("utf8").trim();
  };
  const top = await ask(["rev-parse", "--show-toplevel"], `find the repository of ${path}`);
  const gitFolder = await ask(["rev-parse", "--path-format=absolute", "--git-common-dir"], "find the Git folder");
  const head = await ask(["rev-parse", "--verify", "HEAD^{commit}"], "find the current commit");
  const remote = await ask(["config", "--get", `remote.${options.remote}.url`], `find the remote ${options.remote}`);
  return { top: realpathSync(top), gitFolder, head, remote };
}

/** An address without a user and a password, and the header that stands for them. */
function withoutUser(remote: string): { readonly url: string; readonly authorization: string | undefined } {
  const url = URL.parse(remote);
  if (!url || !["http:", "https:"].includes(url.protocol)) return { url: remote, authorization: undefined };
  const credential = credentialIn(url);
  url.username = "";
  url.password = "";
  return { url: url.href, authorization: credential && basicAuthorization(credential) };
}
