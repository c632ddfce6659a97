import type { JsonObject } from "../../model/objects/json-object.ts";
import { objectOf, quoted, textOf } from "./payload-members.ts";
import type { PushCollector, ToldPush } from "./push-collector.ts";

const prefix = "dev.cdevents.";
const published = /^dev\.cdevents\.artifact\.published\.\d/;
const purl = /^pkg:([a-z]+)\/+([^?#]*)(?:\?([^#]*))?/i;

/** True for the type of an event of CDEvents, which ends with a version. */
export function isCdEvent(type: string): boolean {
  return type.startsWith(prefix);
}

/**
 * An event of CDEvents as the `data` of a CloudEvent. It reports a push when its type is `artifact.published` and the
 * package URL of its subject is of an image: `pkg:oci/NAME@DIGEST?repository_url=HOST/PATH&tag=TAG` or
 * `pkg:docker/PATH@TAG-OR-DIGEST?repository_url=HOST`. An image whose repository is not named is rejected; other types
 * and other artifacts are passed over.
 *
 * Source: CDEvents 0.4, "CloudEvents Binding" and "Artifact"; Package URL, types `oci` and `docker`.
 */
export function readCdEvent(type: string, data: JsonObject, collector: PushCollector): void {
  const id = textOf(objectOf(data["subject"])["id"]);
  const [, kind = "", path = "", query = ""] = purl.exec(id ?? "") ?? [];
  if (!published.test(type)) collector.passOver(`unsupported CDEvent type ${quoted(type)}`);
  else if (id === undefined) collector.reject("a published artifact without an id");
  else if (kind === "") collector.reject(`a published artifact whose id is not a package URL, ${quoted(id)}`);
  else if (!["oci", "docker"].includes(kind.toLowerCase())) {
    collector.passOver(`a published artifact that is not an image, ${quoted(id)}`);
  } else {
    const told = imageAt({ isOci: kind.toLowerCase() === "oci", path, qualifiers: new URLSearchParams(query) });
    if (told) collector.push(told);
    else collector.reject(`an image without its repository_url, ${quoted(id)}`);
  }
}

interface ImageUrl {
  readonly isOci: boolean;
  readonly path: string;
  readonly qualifiers: URLSearchParams;
}

function imageAt({ isOci, path, qualifiers }: ImageUrl): ToldPush | undefined {
  const at = path.lastIndexOf("@");
  const name = decoded(at < 0 ? path : path.slice(0, at));
  const version = at < 0 ? undefined : decoded(path.slice(at + 1));
  const address = qualifiers.get("repository_url")?.replace(/^[a-z]+:\/\//i, "") || (isOci ? undefined : "docker.io");
  if (address === undefined) return undefined;
  const [host, ...below] = address.split("/").filter((part) => part !== "");
  // The address of an OCI image ends with its name, unless it is only the registry's.
  const repository = isOci && below.length > 0 ? below.join("/") : [...below, name].join("/");
  return { registry: host, repository, tag: version, tags: [qualifiers.get("tag")], digest: version };
}

/** Decodes percent-encoding; text with invalid encoding is returned unchanged. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
