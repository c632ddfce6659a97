import { PlimsollError } from "../../model/error.ts";
import { type PullLimit, pullsSpent, spentLimit, triesEvery } from "../connection/pull-limits.ts";
import type { RateLimit } from "../connection/rate-limit.ts";
import type { RegistryAnswer } from "../connection/registry-answer.ts";
import type { RegistryRequest } from "../connection/registry-host.ts";
import type { Credential } from "../credentials/credential.ts";

/** What a {@link PullGate} is made with. */
export interface PullGateOptions {
  /** As references name it. */
  readonly registry: string;
  /** Milliseconds; a limit that holds no longer is left to those who try again. */
  readonly longestWait: number;
  /** True once the registry has asked for credentials or a token. */
  readonly asksWhoWeAre: () => boolean;
  /** The credential that the user has for a repository. */
  readonly credential: (repository: string) => Promise<Credential | undefined>;
}

/** An answer of which it is noted what it says of pulls. */
export interface NotedAnswer {
  readonly answer: Pick<RegistryAnswer, "status" | "header">;
  readonly limit: RateLimit | undefined;
  /** When the request was sent, as `performance.now()` counts. */
  readonly asked: number;
}

/** The account whose pulls are counted together, as far as we can see: a user, or all anonymous users. */
interface Account {
  told: { readonly limit: RateLimit; readonly at: number } | undefined;
  /** Closed pulls by the account that the registry named in its limit; the key is empty without such a name. */
  readonly closed: Map<string, Closed>;
}

/** Times are as `performance.now()` counts. */
interface Closed {
  readonly limit: PullLimit;
  readonly since: number;
  /** When the next pull may be tried. */
  next: number;
}

/** A pull that was refused because nothing remains. */
interface Refusal {
  readonly limit: PullLimit;
  readonly source: string;
  readonly repository: string;
  readonly account: Account;
}

const mostRepositories = 100_000;
const mostAccounts = 1000;

/**
 * Keeps from asking a registry for manifests that it will not give. What it says of its limit is not enough, as some
 * say that nothing remains and serve on: an account is held back only after one of its pulls, tried as often as any
 * request, was refused with 429 and nothing remained. Then its pulls fail at once for the window of the limit; one is
 * let through from time to time, and what it gets opens the gate again. No request waits here.
 *
 * Docker Hub counts manifests that are fetched with `GET`, for each account or address, and not those of some
 * publishers, whose answers do not state a limit. Nothing else is ever held back.
 *
 * Source: Docker's documentation, "Docker Hub pull usage and limits".
 */
export class PullGate {
  readonly #options: PullGateOptions;
  readonly #accounts = new Map<string, Account>();
  /** The account that the registry last named as counted for a repository; null where it did not state a limit. */
  readonly #sources = new Map<string, string | null>();
  /** Requests of which the latest attempt was refused. */
  readonly #refusals = new WeakMap<RegistryRequest, Refusal>();
  #last: RateLimit | undefined;

  constructor(options: PullGateOptions) {
    this.#options = options;
  }

  /** What was last said of how much remains; undefined when nothing was. */
  get last(): RateLimit | undefined {
    return this.#last;
  }

  /** Lets a request through. Error: `registry-refused` for one that is held back. */
  async admit(request: RegistryRequest): Promise<void> {
    this.#refusals.delete(request);
    const closed = await this.#heldBy(request);
    if (!closed) return;
    const now = performance.now();
    if (now < closed.next) throw await this.#spent(request.repository, closed.limit);
    closed.next = now + triesEvery(closed.limit);
  }

  /** True for a request that is held back now. */
  async holds(request: RegistryRequest): Promise<boolean> {
    return (await this.#heldBy(request)) !== undefined;
  }

  /** Takes in what an answer of the registry itself says of pulls. */
  async note(request: RegistryRequest, { answer, limit, asked }: NotedAnswer): Promise<void> {
    const repository = repositoryOfManifest(request);
    if (repository === undefined || (!limit && this.#accounts.size === 0)) return;
    const isServed = answer.status === 200;
    const account = await this.#account(repository);
    const source = limit && (answer.header("docker-ratelimit-source") ?? "");
    if (isServed && isPull(request)) this.#open(account, repository);
    const closed = account.closed.get(source ?? "");
    if (source !== undefined && closed && isServed && asked > closed.since && limit && limit.remaining > 0) {
      account.closed.delete(source);
    }
    if (limit) this.#take(account, { limit, asked });
    if (source !== undefined || isServed) this.#keepSource(repository, source ?? null);
    const spent = answer.status === 429 && isPull(request) ? spentLimit(limit ?? account.told?.limit) : undefined;
    if (!spent || spent.window * 1000 <= this.#options.longestWait) return;
    const refusal = { limit: spent, source: source ?? this.#sources.get(repository) ?? "", repository, account };
    this.#keepSource(repository, refusal.source);
    this.#refusals.set(request, refusal);
  }

  /** The error for a request that is not tried again, by `cause`; if it was refused, its account is held back now. */
  async givenUp(request: RegistryRequest, cause: unknown): Promise<unknown> {
    const refusal = this.#refusals.get(request);
    if (!refusal || !(cause instanceof PlimsollError) || cause.code !== "registry-unreachable") return cause;
    const { account, repository, limit, source } = refusal;
    const now = performance.now();
    if (account.closed.size >= mostAccounts) account.closed.clear();
    const closed = account.closed.get(source);
    if (!closed || isOver(closed)) account.closed.set(source, { limit, since: now, next: now + triesEvery(limit) });
    return this.#spent(repository, limit);
  }

  /** What holds a request back. */
  async #heldBy(request: RegistryRequest): Promise<Closed | undefined> {
    const repository = isPull(request) ? repositoryOfManifest(request) : undefined;
    if (repository === undefined || ![...this.#accounts.values()].some(({ closed }) => closed.size > 0))
      return undefined;
    const { closed } = await this.#account(repository);
    for (const [source, each] of closed) if (isOver(each)) closed.delete(source);
    const source = this.#sources.get(repository);
    if (source === undefined) return closed.values().next().value;
    return source === null ? undefined : closed.get(source);
  }

  /** Holds nothing back any more that a pull which was served might have been held back with. */
  #open({ closed }: Account, repository: string): void {
    const source = this.#sources.get(repository);
    if (source === undefined) closed.clear();
    else if (source !== null) closed.delete(source);
  }

  #take(account: Account, { limit, asked }: { readonly limit: RateLimit; readonly asked: number }): void {
    const { told } = account;
    // An answer that was overtaken tells what was.
    if (told && asked < told.at && limit.remaining > told.limit.remaining) return;
    account.told = { limit, at: performance.now() };
    this.#last = limit;
  }

  #keepSource(repository: string, source: string | null): void {
    if (this.#sources.size >= mostRepositories) this.#sources.clear();
    this.#sources.set(repository, source);
  }

  async #account(repository: string): Promise<Account> {
    const user = this.#options.asksWhoWeAre() ? await this.#credential(repository) : undefined;
    const name = user && "username" in user ? `user ${user.username}` : (user?.kind ?? "");
    const known = this.#accounts.get(name);
    if (known) return known;
    if (this.#accounts.size >= mostAccounts) this.#accounts.clear();
    const account: Account = { told: undefined, closed: new Map() };
    this.#accounts.set(name, account);
    return account;
  }

  async #spent(repository = "", limit: PullLimit): Promise<PlimsollError> {
    return pullsSpent(this.#options.registry, limit, (await this.#credential(repository)) !== undefined);
  }

  /** The credential in use, if any; the request reported a source that fails. */
  #credential(repository: string): Promise<Credential | undefined> {
    return this.#options.credential(repository).catch(() => undefined);
  }
}

function isOver({ since, limit }: Closed): boolean {
  return performance.now() >= since + limit.window * 1000;
}

function isPull({ method = "GET" }: RegistryRequest): boolean {
  return method === "GET";
}

/** The repository of whose manifest a request is, with whatever method. */
function repositoryOfManifest({ path, repository }: RegistryRequest): string | undefined {
  return typeof path === "string" && path.startsWith(`/v2/${repository}/manifests/`) ? repository : undefined;
}
