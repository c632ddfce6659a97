import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import { isRepository } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../connection/registry-client.ts";
import { vendors } from "./builtin.ts";
import { isAtOrBelow, isNo } from "./listing.ts";
import { signsOf } from "./registry-signs.ts";
import type { ListedPlace, RegistrySigns, Vendor } from "./vendor.ts";
import { vendorOfHost } from "./vendor-of-host.ts";

/** How a list of repositories is made. */
export interface ListingOptions {
  /**
   * Hears, as a clause, why the list may lack something. Without it such a list ends with an error, after the names
   * that there are.
   */
  readonly problem?: (reason: string) => void;
}

const mostNames = 2_000_000;

/**
 * The names of the repositories of a registry, or of those at or below a path, by components: `team` covers `team` and
 * `team/app`, not `teamwork`. Each comes once, in no order. A path that is itself a repository is among them, whether
 * the registry lists it or not.
 *
 * The kind of the registry follows from its host or from its anonymous answers; each kind lists in its own way.
 *
 * Errors: `usage` for a path that cannot be one of a repository, and where a registry lists only what is below some
 * path; `image-not-found` for a path below which the registry knows nothing; `registry-refused` and `registry-failed`
 * for one that does not list; `limit-exceeded`; those of a request.
 */
export async function* repositoriesBelow(
  client: RegistryClient,
  registry: string,
  prefix: string,
  options: ListingOptions = {},
): AsyncGenerator<string> {
  if (prefix !== "" && !isRepository(prefix)) {
    throw new PlimsollError("usage", `${JSON.stringify(prefix.slice(0, 100))} is not a valid repository path`, {
      hint: "Use lower case, without a slash at the start or the end.",
    });
  }
  const seen = new Set<string>();
  const gaps: string[] = [];
  let firstMisfit: string | undefined;
  const misfit = (name: string, isText = true): void => {
    // A value that is not a name may stand for one below any path.
    if (!isText || isAtOrBelow(name, prefix)) firstMisfit ??= name;
  };
  let failure: PlimsollError | undefined;
  try {
    for await (const name of listed(client, { registry, prefix, gaps, misfit })) {
      if (!isRepository(name)) misfit(name);
      if (seen.has(name) || !isRepository(name) || !isAtOrBelow(name, prefix)) continue;
      seen.add(name);
      if (seen.size > mostNames)
        throw new PlimsollError("limit-exceeded", `${registry} lists more than ${mostNames} names`);
      yield name;
    }
  } catch (cause) {
    if (!isNo(cause) && !isUsage(cause)) throw cause;
    failure = cause;
  }
  if (prefix !== "" && !seen.has(prefix) && (await isThere(client, { registry, repository: prefix }))) {
    yield prefix;
    seen.add(prefix);
    if (failure) gaps.push(`the repositories below ${registry}/${prefix} cannot be listed: ${failure.message}`);
  } else if (failure) throw withAdvice(failure);
  if (firstMisfit !== undefined) {
    const example = JSON.stringify(oneLine(client.host(registry).hide(firstMisfit).slice(0, 100)));
    gaps.push(`it has invalid repository names, such as ${example}`);
  }
  if (seen.size === 0 && prefix !== "") throw nothingBelow(registry, prefix);
  for (const gap of gaps) report(gap, { options, failure, registry });
}

async function* listed(
  client: RegistryClient,
  { registry, prefix, gaps, misfit }: Pick<ListedPlace, "registry" | "prefix" | "misfit"> & { readonly gaps: string[] },
): AsyncGenerator<string> {
  let signs: Promise<RegistrySigns> | undefined;
  const place: ListedPlace = {
    client,
    registry,
    prefix,
    credential: () => client.host(registry).credential(prefix === "" ? undefined : prefix),
    signs: () => (signs ??= signsOf(client.host(registry))),
    problem: (reason) => void gaps.push(reason),
    misfit,
  };
  yield* (await vendorOf(place)).list(place);
}

/** The kind of a registry: by its host where that is enough, else by what it shows. Errors: those of a request. */
async function vendorOf({ registry, signs }: ListedPlace): Promise<Vendor> {
  const named = vendorOfHost(registry);
  if (named) return named;
  const shown = await signs();
  const vendor = vendors.find(({ isShown }) => isShown?.(shown));
  if (!vendor) throw new Error("the last kind is shown by all registries");
  return vendor;
}

/** Whether a path is a repository: a refusal says nothing, since many registries give one for what does not exist. */
async function isThere(
  client: RegistryClient,
  place: { readonly registry: string; readonly repository: string },
): Promise<boolean> {
  const tags = client.tags(place);
  try {
    const first = await tags.next();
    return first.done !== true;
  } catch (cause) {
    if (isNo(cause)) return false;
    throw cause;
  } finally {
    await tags.return(undefined);
  }
}

function isUsage(cause: unknown): cause is PlimsollError {
  return cause instanceof PlimsollError && cause.code === "usage";
}

function report(
  gap: string,
  {
    options,
    failure,
    registry,
  }: { readonly options: ListingOptions; readonly failure: PlimsollError | undefined; readonly registry: string },
): void {
  if (options.problem) options.problem(gap);
  else
    throw failure
      ? withAdvice(failure)
      : new PlimsollError("registry-failed", `the repository list of ${registry} is incomplete: ${gap}`);
}

/** The error with what can be done about it: an image that is named needs no list. */
function withAdvice(error: PlimsollError): PlimsollError {
  if (error.code === "usage") return error;
  const advice = "To scan without a list, specify the images one by one.";
  return new PlimsollError(error.code, error.message, {
    hint: error.hint === undefined ? advice : `${error.hint} ${advice}`,
    cause: error,
  });
}

function nothingBelow(registry: string, prefix: string): PlimsollError {
  return new PlimsollError("image-not-found", `the registry ${registry} lists no repository at or below ${prefix}`, {
    hint: "Check the path; a registry lists only repositories that the credentials can access.",
  });
}
