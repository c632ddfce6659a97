import type { Package } from "../../model/packages/package.ts";

/** More repositories than an image is built from. */
const mostRepositories = 1000;
const repositoryName = /^[\w.+-]{1,256}$/;

/** Adds what may be the name of a repository of Red Hat, as far as there is room. */
export function addRepository(repositories: Set<string>, name: string): void {
  if (repositories.size < mostRepositories && repositoryName.test(name)) repositories.add(name);
}

/**
 * Gathers the repositories that rpm packages themselves name, as those in documents of Red Hat do. When one of Red
 * Hat's packages does not name any, the others do not describe the whole target.
 */
export class OwnRepositories {
  readonly #names = new Set<string>();
  #isWhole = true;

  add({ type, name, purl }: Package, repository: string | undefined): void {
    if (type !== "rpm" || !purl.startsWith("pkg:rpm/redhat/")) return;
    if (repository !== undefined) addRepository(this.#names, repository);
    // The keys with which packages are signed are of no repository.
    else if (name !== "gpg-pubkey") this.#isWhole = false;
  }

  all(): Iterable<string> {
    return this.#isWhole ? this.#names : [];
  }
}
