import type { XmlElement } from "../../../io/documents/xml.ts";
import { childOf, childrenOf, readFeedXml, textOf } from "../../read-feed-xml.ts";

// updateinfo.xml of an rpm repository: <updates> of <update type="security" status="final">, in each <id>, <title>,
// <issued date="">, <updated date="">, <severity>, <description>, <references> of <reference type="cve" id="CVE-…"> and
// <pkglist> of <collection> of <package name="" epoch="" version="" release="" arch="">.
//
// Source: libdnf and createrepo_c, which write and read it; there is no other specification.

/** One package in the version that brings the update. */
export interface UpdatePackage {
  readonly name: string;
  /** Epoch, version and release: `0:4.9.76-38.79.amzn2`. */
  readonly version: string;
  /** `x86_64`, `noarch`, `src`. */
  readonly architecture: string;
}

/** One update of a repository. */
export interface Update {
  readonly id: string;
  /** `security`, `bugfix`, `enhancement`. */
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly severity?: string;
  /** As written: `2018-01-11 21:05`. */
  readonly issued?: string;
  readonly updated?: string;
  readonly cves: readonly string[];
  readonly packages: readonly UpdatePackage[];
}

/**
 * The updates in an updateinfo file, plain or compressed. An update without an id has an empty one.
 *
 * Errors: `feed-malformed`, `limit-exceeded`, `cancelled`.
 */
export async function* readUpdates(
  path: string,
  { label, signal }: { readonly label: string; readonly signal: AbortSignal },
): AsyncGenerator<Update> {
  const elements: ReadonlySet<string> = new Set(["update"]);
  for await (const element of readFeedXml(path, { label, signal, root: "updates", elements })) yield updateOf(element);
}

function updateOf(element: XmlElement): Update {
  const references = childrenOf(childOf(element, "references"), "reference");
  const collections = childrenOf(childOf(element, "pkglist"), "collection");
  const title = textOf(element, "title");
  const description = textOf(element, "description");
  const severity = textOf(element, "severity");
  const issued = childOf(element, "issued")?.attributes["date"];
  const updated = childOf(element, "updated")?.attributes["date"];
  return {
    id: textOf(element, "id") ?? "",
    type: element.attributes["type"] ?? "",
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(severity !== undefined && { severity }),
    ...(issued !== undefined && { issued }),
    ...(updated !== undefined && { updated }),
    cves: references.flatMap(({ attributes: { type, id } }) => (type === "cve" && id ? [id] : [])),
    packages: collections.flatMap((collection) => childrenOf(collection, "package").map(packageOf)),
  };
}

function packageOf({ attributes }: XmlElement): UpdatePackage {
  const { name = "", epoch = "0", version = "", release = "", arch = "" } = attributes;
  return { name, version: `${epoch || "0"}:${version}-${release}`, architecture: arch };
}
