import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TemporaryFolder } from "../../io/files/temporary-folder.ts";
import { findProgram, runChildProcess } from "../../io/processes/child-process.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";

/** How Git is run. */
export interface GitOptions {
  /** `PATH`, `HOME`, proxies and the variables of Git's author. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** A commit with changed files on top of another one. */
export interface NewCommit {
  readonly parent: string;
  /** New contents by path from the root, with slashes. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly message: string;
  /** The OpenPGP or SSH key that signs, as Git names it. */
  readonly signingKey?: string;
}

/** Where a branch is pushed. */
export interface PushTarget {
  readonly url: string;
  readonly branch: string;
  /** The commit that the branch has now; undefined for a new branch. */
  readonly expected: string | undefined;
  /** The value of the header `Authorization`. */
  readonly authorization?: string;
}

const timeout = 120_000;
const maxOutput = 64 * 1024 * 1024;
const author = { name: "Plimsoll", email: "plimsoll@noreply.invalid" };

/** Runs Git without a shell. Errors: `program-failed`. */
export async function runGit(
  args: readonly string[],
  { environment, signal }: GitOptions,
  more: { readonly variables?: Readonly<Record<string, string>>; readonly what: string; readonly mayFail?: boolean },
): Promise<Buffer | undefined> {
  const path = await findProgram("git", environment["PATH"] ?? "");
  if (path === undefined) {
    throw new PlimsollError("program-failed", "git was not found", { hint: "Install Git, or add it to PATH." });
  }
  const result = await runChildProcess(
    { path, args },
    { environment: gitEnvironment(environment, more.variables), timeout, maxOutput, signal },
  ).catch((cause: unknown) => {
    if (signal.aborted) throw new PlimsollError("cancelled", "interrupted");
    throw new PlimsollError("program-failed", `git could not ${more.what}: ${reasonOf(cause)}`, { cause });
  });
  if (result.exitCode === 0) return result.stdout;
  if (more.mayFail === true) return undefined;
  const reason = result.stderr.toString("utf8").trim().split("\n").at(-1) ?? "";
  throw new PlimsollError("program-failed", `git could not ${more.what}: ${reason.slice(0, 500)}`);
}

/**
 * A temporary repository that sees the objects of another one. Objects are written here only, and neither the
 * configuration nor the hooks and filters of the other repository are used, so that its content cannot run anything.
 */
export class ScratchRepository implements Disposable {
  readonly #options: GitOptions;
  readonly #folder: TemporaryFolder;
  readonly #objects: string;
  readonly #gitFolder: string;

  private constructor(options: GitOptions, folder: TemporaryFolder, objects: string) {
    this.#options = options;
    this.#folder = folder;
    this.#objects = objects;
    this.#gitFolder = join(folder.path, "repository.git");
  }

  /** `gitFolder` is the Git folder of the repository whose objects are read. */
  static async open(gitFolder: string, options: GitOptions): Promise<ScratchRepository> {
    const repository = new ScratchRepository(options, new TemporaryFolder("plimsoll-git-"), join(gitFolder, "objects"));
    try {
      await runGit(["init", "--quiet", "--bare", "--template=", repository.#gitFolder], options, { what: "start" });
      // A shallow clone names the commits whose parents are missing.
      const shallow = join(gitFolder, "shallow");
      if (existsSync(shallow)) copyFileSync(shallow, join(repository.#gitFolder, "shallow"));
      return repository;
    } catch (cause) {
      repository[Symbol.dispose]();
      throw cause;
    }
  }

  /** The bytes of a regular file in a commit; undefined when there is no such file. */
  async file(commit: string, path: string): Promise<Buffer | undefined> {
    const mode = await this.#mode(commit, path);
    return mode === undefined ? undefined : this.#git(["cat-file", "blob", `${commit}:${path}`], `read ${path}`);
  }

  /** Makes a commit and returns its id. */
  async commit({ parent, files, message, signingKey }: NewCommit): Promise<string> {
    const index = { GIT_INDEX_FILE: join(this.#folder.path, "index") };
    await this.#git(["read-tree", parent], "read the tree", index);
    for (const [path, bytes] of files) {
      const mode = await this.#mode(parent, path);
      if (mode === undefined) throw new PlimsollError("program-failed", `${path} is not a file of the commit`);
      const copy = join(this.#folder.path, "content");
      writeFileSync(copy, bytes);
      const blob = await this.#text(["hash-object", "-w", "--no-filters", "--", copy], "store a file");
      await this.#git(["update-index", "--cacheinfo", `${mode},${blob},${path}`], "change a file", index);
    }
    const tree = await this.#text(["write-tree"], "write the tree", index);
    const text = join(this.#folder.path, "message");
    writeFileSync(text, message);
    const sign = signingKey === undefined ? [] : [`-S${signingKey}`];
    return this.#text(["commit-tree", ...sign, "-p", parent, "-F", text, tree], "make the commit");
  }

  /** The commit of a branch at a remote; undefined when there is no such branch. */
  async remoteBranch({ url, branch, authorization }: Omit<PushTarget, "expected">): Promise<string | undefined> {
    const variables = headerVariables(url, authorization);
    const listed = await this.#text(["ls-remote", "--", url, `refs/heads/${branch}`], "list the branches", variables);
    return /^([0-9a-f]{40,64})\t/.exec(listed)?.[1];
  }

  /** Pushes a commit to a branch, unless the branch has changed meanwhile. */
  async push(commit: string, { url, branch, expected, authorization }: PushTarget): Promise<void> {
    const lease = `--force-with-lease=refs/heads/${branch}:${expected ?? ""}`;
    const args = ["push", "--quiet", "--no-verify", lease, "--", url, `${commit}:refs/heads/${branch}`];
    await this.#git(args, `push ${branch}`, headerVariables(url, authorization));
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  /** The mode of a regular file; undefined for links, folders and submodules. */
  async #mode(commit: string, path: string): Promise<string | undefined> {
    const entry = await this.#text(["ls-tree", "-z", commit, "--", path], `find ${path}`);
    return /^(100644|100755) blob /.exec(entry)?.[1];
  }

  async #text(args: readonly string[], what: string, variables?: Readonly<Record<string, string>>): Promise<string> {
    return (await this.#git(args, what, variables)).toString("utf8").trim();
  }

  async #git(args: readonly string[], what: string, variables: Readonly<Record<string, string>> = {}): Promise<Buffer> {
    const all = { ...variables, GIT_DIR: this.#gitFolder, GIT_ALTERNATE_OBJECT_DIRECTORIES: this.#objects };
    return (await runGit(args, this.#options, { what, variables: all })) ?? Buffer.alloc(0);
  }
}

function gitEnvironment(
  environment: GitOptions["environment"],
  variables: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string | undefined>> {
  // Variables such as GIT_DIR and GIT_SSH_COMMAND of the caller are for other repositories.
  const own = Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("GIT_")));
  return {
    GIT_AUTHOR_NAME: environment["GIT_AUTHOR_NAME"] ?? author.name,
    GIT_AUTHOR_EMAIL: environment["GIT_AUTHOR_EMAIL"] ?? author.email,
    GIT_COMMITTER_NAME: environment["GIT_COMMITTER_NAME"] ?? author.name,
    GIT_COMMITTER_EMAIL: environment["GIT_COMMITTER_EMAIL"] ?? author.email,
    ...own,
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    ...variables,
  };
}

/** A header goes to Git by a variable, since arguments are seen by all users of a machine. */
function headerVariables(url: string, authorization: string | undefined): Readonly<Record<string, string>> {
  if (authorization === undefined || !/^https?:\/\//.test(url)) return {};
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${new URL(url).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
  };
}
