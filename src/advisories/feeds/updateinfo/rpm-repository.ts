import { PlimsollError } from "../../../model/error.ts";
import { trimEnd } from "../../../model/text/trim-end.ts";
import type { FeedSource } from "../../feed-source.ts";
import { feedMalformed, readFeedText } from "../../read-feed-file.ts";
import { childOf, readFeedXml, textOf } from "../../read-feed-xml.ts";

// A mirror list has one address a line, each the root of the same repository; $basearch may stand for the architecture.
// Below a root, repodata/repomd.xml lists the metadata: <data type="updateinfo"> with <location href="">, from the
// root, and <checksum type="sha256"> of the file there. Roots have a digest of the repository's state in their path, so
// they change.

/** The file with a repository's updates. */
export interface UpdateinfoPlace {
  /** Absolute. */
  readonly address: string;
  /** As the repository states it, by whatever algorithm: it changes with the file. */
  readonly checksum: string;
  /** Hexadecimal, when the repository states one. */
  readonly sha256?: string;
}

/** Where to look. */
export interface MirrorListOptions {
  /** Absolute address of the mirror list. */
  readonly address: string;
  readonly architecture: string;
  /** Only mirrors on these hosts and those below them are asked. */
  readonly hosts: readonly string[];
  readonly signal: AbortSignal;
}

const largestMirrorList: number = 64 * 1024;
const largestMetadata: number = 16 * 1024 * 1024;
const mostMirrors = 10;

/**
 * Finds the updates of a repository through its mirror list; `absent` when there is no such repository, `none` when it
 * has never had an update.
 *
 * Errors: those of {@link FeedSource.fetch}, of the last mirror when none answers; `feed-malformed`.
 */
export async function findUpdateinfo(
  source: FeedSource,
  options: MirrorListOptions,
): Promise<UpdateinfoPlace | "absent" | "none"> {
  const list = await source.fetch(options.address, { maxBytes: largestMirrorList });
  if (list.kind !== "file") return "absent";
  const mirrors = mirrorsOf(readFeedText(list.path, { title: options.address, maxBytes: largestMirrorList }), options);
  if (mirrors.length === 0) throw feedMalformed(options.address, "it lists no allowed mirror");
  let failure: unknown;
  for (const mirror of mirrors) {
    try {
      const metadata = await source.fetch(`${mirror}repodata/repomd.xml`, { maxBytes: largestMetadata });
      if (metadata.kind === "file") return await placeIn(metadata.path, { mirror, signal: options.signal });
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.code !== "feed-unreachable") throw error;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  return "absent";
}

function mirrorsOf(text: string, { architecture, hosts }: MirrorListOptions): string[] {
  const mirrors = text.split(/\r?\n/, 100).flatMap((line) => {
    const url = URL.parse(line.trim().replaceAll("$basearch", architecture));
    if (!url || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") return [];
    if (!hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`))) return [];
    return [`${trimEnd(url.href, "/")}/`];
  });
  return mirrors.slice(0, mostMirrors);
}

async function placeIn(
  path: string,
  { mirror, signal }: { readonly mirror: string; readonly signal: AbortSignal },
): Promise<UpdateinfoPlace | "none"> {
  const label = `${mirror}repodata/repomd.xml`;
  for await (const data of readFeedXml(path, { label, root: "repomd", elements: new Set(["data"]), signal })) {
    if (data.attributes["type"] !== "updateinfo") continue;
    const href = childOf(data, "location")?.attributes["href"] ?? "";
    if (!/^[\w.+~%-]+(\/[\w.+~%-]+)*$/.test(href) || /(^|\/)\.\.?(\/|$)/.test(href)) {
      throw feedMalformed(label, "it has no usable location for its list of updates");
    }
    const checksum = textOf(data, "checksum")?.toLowerCase() ?? "";
    if (!/^[0-9a-f]{32,128}$/.test(checksum)) throw feedMalformed(label, "it has no checksum for its list of updates");
    const sha256 = checksum.length === 64 ? { sha256: checksum } : {};
    return { address: `${mirror}${href}`, checksum, ...sha256 };
  }
  return "none";
}
