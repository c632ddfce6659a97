import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { linkFile } from "../io/files/link-file.ts";
import { type Download, download } from "../io/http/download.ts";
import { checkSha256, isHtml, mayBeHtml, sha256Of } from "../io/http/download-content.ts";
import { cancelled, isHtmlPage, limitExceeded, notWritten, shownAddress } from "../io/http/download-error.ts";
import type { FeedServers } from "../io/http/feed-servers.ts";
import { HttpClient, type ProxyEnvironment } from "../io/http/http-client.ts";
import { isAddress } from "../io/http/is-address.ts";
import type { KeptDownloads } from "../io/http/kept-downloads.ts";
import { reasonOf } from "../io/reason-of.ts";
import { PlimsollError } from "../model/error.ts";
import { trimEnd } from "../model/text/trim-end.ts";
import type { FeedSource, Fetched, FetchFileOptions } from "./feed-source.ts";

/** Where a feed's files are looked for. */
export interface FeedSourceOptions {
  /** The feed's own address; ends in a slash. */
  readonly base: string;
  /**
   * A mirror, a folder or an http(s) address: `https://HOST/PATH` is at `MIRROR/HOST/PATH`. The publisher when absent.
   */
  readonly from?: string | undefined;
  /** A folder or an http(s) address that stands for `base` itself; what lies elsewhere is looked for as in a mirror. */
  readonly replaceBaseBy?: string | undefined;
  /** Where files go that are fetched; the caller removes it. */
  readonly workFolder: string;
  /** Where what arrives of large files outlives the process; nothing does when absent. */
  readonly kept?: KeptDownloads | undefined;
  readonly signal: AbortSignal;
  /** The variables that name proxies; no proxy when absent. */
  readonly proxy?: ProxyEnvironment | undefined;
  /** Milliseconds without a byte after which a server counts as silent; 60,000 unless given. */
  readonly idleTimeout?: number | undefined;
  /** Attempts without progress before a request has failed; 5 unless given. */
  readonly attempts?: number | undefined;
  /** Milliseconds before a request is repeated for the first time; 500 unless given. */
  readonly retryDelay?: number | undefined;
  /** Known states of the servers, shared by all feeds of a run. */
  readonly servers?: FeedServers | undefined;
  /** Called while a file comes from a server. */
  readonly progress?: ((progress: DownloadProgress) => void) | undefined;
}

/** How far the download of a file is. */
export interface DownloadProgress {
  /** The last part of its address: `all.zip`. */
  readonly file: string;
  /** Bytes. */
  readonly received: number;
  /** Bytes; undefined when the server does not say. */
  readonly total: number | undefined;
  /** Bytes that an earlier run brought, when the download goes on from there. */
  readonly before: number | undefined;
}

/**
 * Opens the place where a feed's files are.
 *
 * Positions hold the `sha256` of the file and, from a server, its `etag` and `last-modified` with the address that they
 * are `from`, as a digest: another address is not shown them, since what it says of its own file may be the same by
 * chance. A file is `unchanged` when the server says so or its SHA-256 is the same, unless another address has words of
 * its own for it: these are then remembered. A file in a folder is handed out as a link. In a folder, a path that ends
 * in a slash is its `index.html`, or where there is none a list of what it holds, in HTML as servers write it; and
 * queries do not count.
 *
 * Error: `feed-unreachable` when the mirror is a folder that is not there.
 */
export function openFeedSource(options: FeedSourceOptions): FeedSource {
  const { base, from, replaceBaseBy } = options;
  const mirror = replaceBaseBy ?? from;
  if (mirror !== undefined && !isAddress(mirror) && !statSync(mirror, { throwIfNoEntry: false })?.isDirectory()) {
    throw new PlimsollError("feed-unreachable", `${mirror} is not a folder`, {
      hint: "Specify the path of a folder, or an http(s) address.",
    });
  }
  const client = new HttpClient(options.proxy);
  const nextPath = fileNames(options.workFolder);
  return {
    async fetch(address, fetchOptions) {
      const whole = wholeAddress(address, base);
      const place =
        mirror === undefined ? whole : placeIn(mirror, pathIn(whole, replaceBaseBy === undefined ? undefined : base));
      if (!isAddress(place)) {
        const path = isBareFolder(place) ? listFolder(place, nextPath("file:///index.html")) : place;
        const opened = await openFile(path, fetchOptions, options.signal);
        if (opened.kind === "absent") return { kind: "absent", place };
        return opened.kind === "file" ? { ...opened, path: linkTo(path, nextPath(pathToFileURL(path).href)) } : opened;
      }
      const fetched = await fetchFile(place, nextPath(place), { ...options, client, ...fetchOptions });
      return fetched.kind === "absent" ? { kind: "absent", place: shownAddress(place) } : fetched;
    },
  };
}

function wholeAddress(address: string, base: string): string {
  const url = URL.parse(address, base);
  if (url) return url.href;
  throw new PlimsollError("feed-malformed", `${JSON.stringify(address.slice(0, 100))} is not a valid address`, {
    hint: "The publisher may have changed the format of the feed.",
  });
}

/** The path below the mirror, as an address writes it. */
function pathIn(address: string, base: string | undefined): string {
  if (base !== undefined && address.startsWith(base)) return address.slice(base.length);
  const { host, pathname, search } = new URL(address);
  return `${host}${pathname}${search}`;
}

function placeIn(mirror: string, path: string): string {
  if (isAddress(mirror)) return addressIn(mirror, path);
  const segments = path
    .replace(/[?#].*$/s, "")
    .split("/")
    .map(decoded);
  const bad = segments.find((segment) => segment === undefined || /^\.\.?$|[/\\\0]/.test(segment));
  if (bad !== undefined || segments.includes(undefined)) {
    throw new PlimsollError("feed-malformed", `${JSON.stringify(path.slice(0, 100))} is not a valid path in a folder`, {
      hint: "The publisher may have changed the format of the feed.",
    });
  }
  if (segments.at(-1) === "") segments.splice(-1, 1, "index.html");
  return join(mirror, ...segments.filter((segment) => segment !== undefined));
}

/** The mirror's own query, which may be what lets one in, stays at the end. */
function addressIn(mirror: string, path: string): string {
  const url = new URL(mirror);
  const [pathname = "", search] = path.split("?", 2);
  url.pathname = `${trimEnd(url.pathname, "/")}/${pathname}`;
  if (search !== undefined && url.search === "") url.search = search;
  return url.href;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Gives each download of a source a file of its own, named after what it is. */
function fileNames(workFolder: string): (address: string) => string {
  let folder: string | undefined;
  let count = 0;
  return (address) => {
    try {
      folder ??= mkdtempSync(join(workFolder, "fetched-"));
    } catch (cause) {
      throw notWritten(workFolder, cause);
    }
    return join(
      folder,
      `${++count}-${fileName(address)
        .replace(/[^A-Za-z0-9._-]+/g, "-")
        .slice(-80)}`,
    );
  };
}

function fileName(address: string): string {
  return (URL.parse(address)?.pathname ?? "").split("/").at(-1) ?? "";
}

interface FetchFile extends FetchFileOptions, FeedSourceOptions {
  readonly client: HttpClient;
}

async function fetchFile(address: string, path: string, options: FetchFile): Promise<Fetched> {
  const { previous, sha256 } = options;
  if (sha256 !== undefined && previous?.["sha256"] === sha256.toLowerCase()) return { kind: "unchanged" };
  const from = digestOf(address);
  const isFromHere = previous?.["from"] === from;
  const got: Download = await download(address, path, {
    ...options,
    progress: (progress) => options.progress?.({ file: fileName(address), ...progress }),
    previous: isFromHere ? { etag: previous["etag"], lastModified: previous["last-modified"] } : undefined,
  });
  if (got.kind !== "file") return got;
  const { etag, lastModified, sha256: digest } = got;
  const hasValidators = etag !== undefined || lastModified !== undefined;
  if (previous?.["sha256"] === digest && (isFromHere || !hasValidators)) {
    rmSync(path);
    return { kind: "unchanged" };
  }
  const validators = {
    ...(hasValidators && { from }),
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { "last-modified": lastModified }),
  };
  return { kind: "file", path, position: { ...validators, sha256: digest } };
}

/** Digest of an address without its query, which may hold a credential that is valid today. */
function digestOf(address: string): string {
  const { origin, pathname } = new URL(address);
  return createHash("sha256").update(`${origin}${pathname}`).digest("hex").slice(0, 16);
}

/** True for a folder without the page that its address asks for. */
function isBareFolder(index: string): boolean {
  return (
    basename(index) === "index.html" &&
    !existsSync(index) &&
    statSync(dirname(index), { throwIfNoEntry: false })?.isDirectory() === true
  );
}

function listFolder(index: string, target: string): string {
  try {
    const entries = readdirSync(dirname(index), { withFileTypes: true });
    const names = entries.map((entry) => `${entry.name}${entry.isDirectory() ? "/" : ""}`).sort();
    const links = names.map((name) => `<a href="./${name.split("/").map(encodeURIComponent).join("/")}"></a>\n`);
    writeFileSync(target, `<!DOCTYPE html>\n${links.join("")}`);
    return target;
  } catch (cause) {
    throw notWritten(target, cause);
  }
}

/** The receiver may remove the file, and the folder is not ours. */
function linkTo(path: string, target: string): string {
  try {
    linkFile(path, target);
  } catch (cause) {
    throw notWritten(target, cause);
  }
  return target;
}

async function openFile(path: string, options: FetchFileOptions, signal: AbortSignal): Promise<Fetched> {
  if (signal.aborted) throw cancelled(path);
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return { kind: "absent" };
    if (!stat.isFile()) throw unreadable(path, "it is not a regular file");
    if (stat.size > options.maxBytes) throw limitExceeded(path, options.maxBytes);
    if (isHtml(path) && !mayBeHtml(pathToFileURL(path).href)) throw isHtmlPage(path);
    const sha256 = await sha256Of(path, signal);
    checkSha256(path, { sha256, expected: options.sha256 });
    if (options.previous?.["sha256"] === sha256) return { kind: "unchanged" };
    return { kind: "file", path, position: { sha256 } };
  } catch (cause) {
    if (signal.aborted) throw cancelled(path);
    throw cause instanceof PlimsollError ? cause : unreadable(path, reasonOf(cause), cause);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError("feed-unreachable", `${path} cannot be read: ${reason}`, {
    hint: "Check the folder and its permissions.",
    ...(cause === undefined ? {} : { cause }),
  });
}
