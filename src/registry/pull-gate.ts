import type { Credential } from "./credentials/credential.ts";
import { PullLimits, type PullNote, pullsSpent } from "./pull-limits.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { RegistryAnswer } from "./registry-answer.ts";
import type { RegistryRequest } from "./registry-host.ts";

/** What a {@link PullGate} is made with. */
export interface PullGateOptions {
  /** As references name it. */
  readonly registry: string;
  /** The most milliseconds that are waited for further pulls. */
  readonly longestWait: number;
  /** Sends a request once; what its answer says is to be noted. */
  readonly head: (request: RegistryRequest) => Promise<unknown>;
  /** The credential that the user has for a repository. */
  readonly credential: (repository: string) => Promise<Credential | undefined>;
}

/** An answer of which it is noted what it says of pulls. */
export interface NotedAnswer extends Pick<PullNote, "limit" | "asked"> {
  readonly answer: Pick<RegistryAnswer, "status" | "header">;
  /** True when it was asked with credentials, or with a token for them or for a stranger. */
  readonly isShown: boolean;
}

/**
 * Holds back requests for manifests that a registry has said it will not give. What counts as a pull, and for whom, is
 * as {@link PullLimits} has it; of anything else it knows nothing.
 */
export class PullGate {
  readonly #options: PullGateOptions;
  readonly #limits = new PullLimits();
  /** Repositories of which it is being asked what remains. */
  readonly #asking = new Map<string, Promise<void>>();

  constructor(options: PullGateOptions) {
    this.#options = options;
  }

  /** As {@link PullLimits.last}. */
  get last(): RateLimit | undefined {
    return this.#limits.last;
  }

  /**
   * Where nothing remains for others, has the registry say what remains for the repository of a request, which costs
   * nothing. If it says nothing, the request itself will tell.
   */
  async learn(request: RegistryRequest): Promise<void> {
    const repository = repositoryPulled(request);
    if (repository === undefined || this.#limits.of(repository) !== "unknown") return;
    const done = (): void => void this.#asking.delete(repository);
    const asking = this.#asking.get(repository) ?? this.#options.head({ ...request, method: "HEAD" }).then(done, done);
    this.#asking.set(repository, asking);
    await asking;
  }

  /**
   * Milliseconds until a request may be sent; 0 for at once. Error: `registry-refused` where that is longer than
   * anything is waited for.
   */
  async wait(request: RegistryRequest): Promise<number> {
    const repository = repositoryPulled(request);
    const spent = repository === undefined ? "open" : this.#limits.of(repository);
    if (typeof spent === "string") return 0;
    const { registry, longestWait } = this.#options;
    const wait = spent.until - performance.now();
    if (wait <= longestWait) return Math.max(0, wait);
    throw pullsSpent(registry, spent, (await this.#credential(repository)) !== undefined);
  }

  /** Takes in what an answer of the registry itself says of pulls. */
  async note(request: RegistryRequest, { answer, limit, asked, isShown }: NotedAnswer): Promise<void> {
    const repository = repositoryOfManifest(request);
    if (repository === undefined || (!limit && answer.status !== 200)) return;
    const source = answer.header("docker-ratelimit-source");
    const user = limit && source === undefined && isShown ? await this.#credential(repository) : undefined;
    const account = source ?? (user && "username" in user ? user.username : user?.kind) ?? "";
    this.#limits.note(repository, { limit, asked, account });
  }

  /** Whether and how somebody logged in; a source that fails was told of by the request. */
  #credential(repository = ""): Promise<Credential | undefined> {
    return this.#options.credential(repository).catch(() => undefined);
  }
}

/** The repository of whose manifest a request is, with whatever method. */
function repositoryOfManifest({ path, repository }: RegistryRequest): string | undefined {
  return typeof path === "string" && path.startsWith(`/v2/${repository}/manifests/`) ? repository : undefined;
}

/** As {@link repositoryOfManifest}, of what counts as a pull. */
function repositoryPulled(request: RegistryRequest): string | undefined {
  return (request.method ?? "GET") === "GET" ? repositoryOfManifest(request) : undefined;
}
