import { isDigest, isRepository, isTag, parseReference } from "../../model/packages/reference.ts";
import { elementsOf, quoted, textOf } from "./payload-members.ts";
import type { NotificationKind, PushEvent, PushNotification } from "./push-notification.ts";

/** A push as a notification reports it, with unverified members. */
export interface ToldPush {
  /** `HOST[:PORT]`, or an address that begins with it, with or without a scheme. */
  readonly registry?: unknown;
  readonly repository: unknown;
  /** One name; a digest in its place counts as one. */
  readonly tag?: unknown;
  /** A list of such names. */
  readonly tags?: unknown;
  readonly digest?: unknown;
}

const mostReasons = 20;

/** Takes what a notification tells, and keeps of it what a reference can name. */
export class PushCollector {
  readonly #events = new Map<string, PushEvent>();
  readonly #rejected = new Set<string>();
  readonly #passedOver = new Set<string>();

  /**
   * A push. A digest that is not whole is left out, as is a tag that no registry would take; without a repository, or
   * with neither tag nor digest, it is rejected. Error: `limit-exceeded` for too many tags.
   */
  push(told: ToldPush): void {
    const registry = registryIn(told.registry);
    const repository = textOf(told.repository);
    if (repository === undefined) {
      this.reject("a push without a repository name");
      return;
    }
    if (!isRepository(repository)) {
      this.reject(`a push to ${quoted(repository)}, which is not a valid repository name`);
      return;
    }
    const names = [told.tag, ...elementsOf(told.tags)].map(textOf).filter((name) => name !== undefined);
    const tags = [...new Set(names.filter(isTag))];
    for (const name of names.filter(isNeither)) {
      this.reject(`a push of ${repository} with the invalid tag ${quoted(name)}`);
    }
    const digest = [textOf(told.digest) ?? "", ...names].find(isDigest);
    if (tags.length === 0 && digest === undefined) {
      this.reject(`a push to ${repository} with neither a tag nor a complete digest`);
      return;
    }
    const event: PushEvent = { registry, repository: fullName(registry, repository), tags, digest };
    this.#events.set(JSON.stringify(event), event);
  }

  /** Notes a push that cannot be followed: a clause, with outside text in it quoted. */
  reject(reason: string): void {
    if (this.#rejected.size < mostReasons) this.#rejected.add(reason);
  }

  /** Notes an entry that is not a push of an image: a clause, with outside text in it quoted. */
  passOver(reason: string): void {
    if (this.#passedOver.size < mostReasons) this.#passedOver.add(reason);
  }

  /** All reported entries; an empty result counts as rejected. */
  result(kind: NotificationKind): PushNotification {
    if (this.#events.size + this.#rejected.size + this.#passedOver.size === 0) this.reject("no pushed image");
    return {
      kind,
      events: [...this.#events.values()],
      rejected: [...this.#rejected],
      passedOver: [...this.#passedOver],
    };
  }
}

/** The registry that an address begins with, as references name it; undefined when it begins with none. */
export function registryIn(address: unknown): string | undefined {
  const host = textOf(address)
    ?.replace(/^https?:\/\//i, "")
    .split("/", 1)[0];
  if (host === undefined || !(/[.:]/.test(host) || host === "localhost")) return undefined;
  const reference = parseReference(`${host}/name`);
  return reference?.repository.endsWith("name") ? reference.registry : undefined;
}

/** What has a colon was to be a digest: there is nothing under it, and nothing to tell. */
function isNeither(name: string): boolean {
  return !isTag(name) && !name.includes(":");
}

/** Repositories of Docker Hub without a namespace are in `library`. */
function fullName(registry: string | undefined, repository: string): string {
  if (registry === undefined) return repository;
  return parseReference(`${registry}/${repository}`)?.repository ?? repository;
}
