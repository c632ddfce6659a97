import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import { trimEnd } from "../../../model/text/trim-end.ts";
import { readFeedArchive } from "../../read-feed-archive.ts";
import { feedMalformed, feedOverLimit } from "../../read-feed-file.ts";

// The archive of the repository of specs, as GitHub packs it: Specs-master/Specs/a/b/c/NAME/VERSION/NAME.podspec.json,
// with {"name": NAME, "source": {"git": "https://github.com/apple/swift-nio.git", "tag": "2.41.0"}}; `source` may also
// name an archive (`http`) or another kind of repository.

const title = "the archive of CocoaPods specs";
const maxFile: number = 4 * 1024 * 1024;
/**
 * Some 100,000 pods exist; a repository that is in an advisory is the source of a few dozen, in some hundred versions
 * each.
 */
const mostVersions = 1_000_000;

/**
 * The versions of a pod that come from one repository, each with the repository's own version: the tag without words
 * before it.
 */
export type PodVersions = ReadonlyMap<string, string>;

/**
 * The pods that come from each of these repositories, by name and sorted by it; a repository without a pod is left out.
 * Specs that cannot be read are problems.
 *
 * Errors: `feed-malformed`, `limit-exceeded`, `cancelled`.
 */
export async function podsOfRepositories(
  archive: string,
  { repositories, context }: { readonly repositories: ReadonlySet<string>; readonly context: Context },
): Promise<ReadonlyMap<string, ReadonlyMap<string, PodVersions>>> {
  const pods = new Map<string, Map<string, Map<string, string>>>();
  let specs = 0;
  let found = 0;
  const wanted = (path: string): boolean => /(?:^|\/)Specs\/.+\.podspec\.json$/.test(path);
  for await (const { path, bytes } of readFeedArchive(archive, { title, wanted, maxFile, context })) {
    specs++;
    const spec = parseJson(bytes.toString("utf8"));
    const { name, version } = isJsonObject(spec) ? spec : {};
    if (!isJsonObject(spec) || typeof name !== "string" || !isPodName(name) || typeof version !== "string") {
      context.problem({ code: "unreadable", message: `${path} is not a valid podspec`, path });
      continue;
    }
    const { git, tag } = isJsonObject(spec["source"]) ? spec["source"] : {};
    const repository = typeof git === "string" ? repositoryOf(git) : "";
    if (!repositories.has(repository)) continue;
    const ofRepository = pods.get(repository) ?? new Map();
    const versions = ofRepository.get(name) ?? new Map();
    pods.set(repository, ofRepository.set(name, versions.set(version, versionOfTag(tag) ?? version)));
    if (++found > mostVersions) throw feedOverLimit(`${title} contains more than ${mostVersions} versions`);
  }
  if (specs === 0) throw feedMalformed(title, "it contains no podspecs");
  return new Map(
    [...pods].map(([repository, names]) => [repository, new Map([...names].sort(([a], [b]) => (a < b ? -1 : 1)))]),
  );
}

/** `10.1.0` of `CocoaPods-10.1.0`; undefined for a branch, a commit and what has no number. */
function versionOfTag(tag: unknown): string | undefined {
  return typeof tag === "string" ? /^[^\d]{0,100}(\d+\.\d.{0,100})$/.exec(tag)?.[1] : undefined;
}

/**
 * A Git repository in the form in which its addresses can be compared: `github.com/apple/swift-nio` for
 * `https://github.com/Apple/swift-nio.git`, `git@github.com:apple/swift-nio` and the like.
 */
export function repositoryOf(address: string): string {
  const path = address
    .trim()
    .slice(0, 1000)
    .replace(/^[a-z+]{1,20}:\/\//i, "")
    .replace(/^[^/@:]{1,100}@/, "")
    .replace(/^([^/:]{1,255}):(?!\d)/, "$1/");
  return trimEnd(path, "/")
    .replace(/\.git$/i, "")
    .toLowerCase();
}

/** Source: CocoaPods, the lint of a spec's name. */
function isPodName(name: string): boolean {
  return /^[^\s/.][^\s/]{0,199}$/.test(name);
}
