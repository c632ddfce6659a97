import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import { isRepository } from "../../model/packages/reference.ts";
import { hasNextPage, nextPage } from "../connection/next-page.ts";
import { failed } from "../connection/registry-failure.ts";
import { pullPurpose, type RepositoryAt } from "../connection/repository-at.ts";
import { googleCredential } from "./google/google-credential.ts";
import { isNo, prefixNeeded } from "./listing.ts";
import type { ListedPlace, Vendor } from "./vendor.ts";

const mostNames = 200_000;
const mostPages = 1000;
const largestList = 128 * 1024 * 1024;
/** What Google gives in one answer, when it is asked for so many; it does not tell the rest. */
const mostEntries = 10_000;

/**
 * Google Artifact Registry, which also answers for `gcr.io`: its lists of tags name the repositories below, so that a
 * project can be walked through.
 *
 * Source: google/go-containerregistry `pkg/v1/google/list.go`; Google's documentation, "Repository and image names",
 * "Quotas and limits": the method to list images.
 */
export const googleArtifactRegistry: Vendor = {
  id: "google-artifact-registry",
  name: "Google Artifact Registry",
  isHost: (host) => isContainerRegistry(host) || /^[a-z0-9]+(?:-[a-z0-9]+)*-docker\.pkg\.dev$/.test(host),
  list: walk,
  credential: (_, accounts) => googleCredential(accounts),
  allowsAnonymousAccess: () => true,
  tagsOnPage: mostEntries,
};

/** Also the older hosts, `gcr.io` and those below it. */
function isContainerRegistry(host: string): boolean {
  return /^(?:[a-z0-9-]+\.)?gcr\.io$/.test(host);
}

async function* walk({ client, registry, prefix, misfit, problem }: ListedPlace): AsyncGenerator<string> {
  const depth = isContainerRegistry(registry) ? 1 : 2;
  if (prefix.split("/").filter(Boolean).length < depth) {
    throw prefixNeeded(registry, depth === 1 ? `${registry}/PROJECT` : `${registry}/PROJECT/REPOSITORY`);
  }
  const names = [prefix];
  for (let seen = 0; seen < names.length; seen++) {
    const repository = names[seen] ?? "";
    const found = await look({ host: client.host(registry), repository }).catch((cause: unknown) => {
      if (seen === 0 || !isNo(cause)) throw cause;
      problem(`the repositories at and below ${registry}/${repository} cannot be listed: ${cause.message}`);
    });
    if (!found) continue;
    const { children, hasImages, isCut } = found;
    if (isCut) {
      const most = mostEntries.toLocaleString("en");
      problem(`Google lists at most ${most} entries of ${registry}/${repository}, so names below it may be missing`);
    }
    if (hasImages) yield repository;
    for (const child of children) {
      const name = `${repository}/${child}`;
      if (isRepository(name)) names.push(name);
      else misfit(name);
    }
    if (names.length > mostNames)
      throw new PlimsollError("limit-exceeded", `${registry}/${prefix} has more than ${mostNames} names`);
  }
}

/** What a list of tags says of a name. */
interface Found {
  readonly children: ReadonlySet<string>;
  readonly hasImages: boolean;
  /** True for a list that is as long as it can be, and promises no more. */
  readonly isCut: boolean;
}

/** The content at a name, and below it: `manifest` by digest, and `child`. A name of a folder has no manifests. */
async function look(place: RepositoryAt): Promise<Found> {
  const { host, repository } = place;
  const what = `the tags of ${host.name}/${repository}`;
  const purpose = pullPurpose(place);
  const children = new Set<string>();
  let [hasImages, isCut] = [false, false];
  const asked = new Set<string>();
  let path: string | undefined = `/v2/${repository}/tags/list?n=${mostEntries}`;
  while (path !== undefined && !asked.has(path)) {
    if (asked.size >= mostPages) throw new PlimsollError("limit-exceeded", `${what} have more than ${mostPages} pages`);
    asked.add(path);
    const answer = await host.document(
      { path, headers: { accept: "application/json" }, ...purpose },
      { limit: largestList, what },
    );
    if (answer.status === 404 && asked.size === 1) break;
    if (answer.status !== 200) throw await host.refusal(answer, what, purpose);
    const link = answer.header("link");
    const json = parseJson(answer.bytes.toString("utf8"));
    if (!isJsonObject(json)) throw failed(what, { registry: host.name, reason: "the response is not a list of tags" });
    const { child, manifest, tags } = json;
    const below: readonly unknown[] = Array.isArray(child) ? child : [];
    for (const name of below) if (typeof name === "string") children.add(name);
    const images = isJsonObject(manifest) ? Object.keys(manifest).length : 0;
    const named = Array.isArray(tags) ? tags.length : 0;
    hasImages ||= images > 0 || named > 0;
    path = nextPage(link, await host.address(path));
    isCut = path === undefined && Math.max(below.length, images, named) >= mostEntries;
    if (path === undefined && hasNextPage(link))
      throw failed(what, { registry: host.name, reason: "it sends to another server for the rest" });
  }
  return { children, hasImages, isCut };
}
