import { writtenMembers } from "./json-text.ts";

/*
 * The documents of an image, which Docker, containerd and Podman read with Go's package encoding/json: a member whose
 * name differs from that of a field only in case counts as that field, and of two the last, put together with the
 * first where it is an object. A reader that goes by the very name sees another image.
 *
 * Source: Go, encoding/json, "Unmarshal"; OCI image-spec 1.1 for the names.
 */

/** Which members of a document are looked at. */
export interface DocumentMembers {
  /** Names that no other member may be taken for. */
  readonly exact: readonly string[];
  /** Names of which there may be one in any case: people write some by hand, and old images have `Size`. */
  readonly anyCase?: readonly string[];
  /** The members whose objects are looked into; of a list all are. What is in others has names of its own. */
  readonly within?: readonly string[];
}

/** An index, a manifest, or the config of an image. */
export const ociMembers: DocumentMembers = {
  exact: [
    ...["manifests", "config", "layers", "digest", "annotations", "rootfs", "diff_ids"],
    ...["platform", "os", "architecture", "variant", "os.version"],
  ],
  anyCase: [
    ...["mediaType", "artifactType", "size", "urls", "data", "history", "created_by", "empty_layer"],
    ...["User", "Env", "Entrypoint", "Cmd", "ExposedPorts", "Volumes", "Labels", "WorkingDir"],
    ...["Healthcheck", "Shell", "StopSignal", "OnBuild"],
  ],
  within: ["manifests", "config", "layers", "platform", "rootfs", "history"],
};

/** The list of images in an archive of `docker save`. */
export const dockerListMembers: DocumentMembers = { exact: ["Config", "RepoTags", "Layers"] };

/** Why programs may read valid JSON otherwise than it is read here, as a clause about "it"; undefined when none may. */
export function ambiguityOf(text: string, members: DocumentMembers): string | undefined {
  const { exact, anyCase = [], within = [] } = members;
  const names = new Map([...exact, ...anyCase].map((name) => [folded(name), name]));
  return ambiguityIn(text, { start: text.search(/[^ \t\r\n]/), depth: 0, names, exact, within: within.map(folded) });
}

/** Nothing that is read lies deeper. */
const deepest = 8;

interface Place {
  readonly start: number;
  readonly depth: number;
  /** By how Go compares them. */
  readonly names: ReadonlyMap<string, string>;
  readonly exact: readonly string[];
  readonly within: readonly string[];
}

function ambiguityIn(text: string, place: Place): string | undefined {
  const { start, depth, names, exact, within } = place;
  const seen = new Set<string>();
  for (const { key, valueStart } of writtenMembers(text, start)) {
    const folds = typeof key === "string" ? folded(key) : undefined;
    const name = folds === undefined ? undefined : names.get(folds);
    if (folds !== undefined && name !== undefined) {
      if (seen.has(folds)) return `it has "${name}" twice, and programs differ in which one counts`;
      seen.add(folds);
      if (key !== name && exact.includes(name)) return `it has "${key}", which programs take for "${name}"`;
    }
    if (depth >= deepest || (folds !== undefined && !within.includes(folds))) continue;
    const inner = ambiguityIn(text, { ...place, start: valueStart, depth: depth + 1 });
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Equal for names that Go takes for the same: beside the letters of ASCII only two others fold to one of them. */
function folded(name: string): string {
  return name.replaceAll("\u017f", "s").toLowerCase();
}
