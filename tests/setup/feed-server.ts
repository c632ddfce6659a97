import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** What goes wrong with the answers for one address. */
export type FeedFault =
  /** The headers and the first `after` bytes come, then nothing. */
  | { readonly kind: "stall"; readonly after: number }
  /** The connection breaks after so many bytes of the body. */
  | { readonly kind: "cut"; readonly after: number }
  /** A page of HTML with status 200. */
  | { readonly kind: "html" }
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: "redirect"; readonly to: string }
  /** `Range`, `If-None-Match` and `If-Modified-Since` are ignored. */
  | { readonly kind: "simple" };

/** A request that the server got. */
export interface FeedRequest {
  /** As a publisher's address, without its scheme: `HOST/PATH`. */
  readonly address: string;
  readonly headers: IncomingMessage["headers"];
  /** The status of the answer. */
  readonly status: number;
}

/** What a file is besides its bytes; each header is made up from the content unless given, and left out when it is null. */
export interface FeedFileHeaders {
  readonly etag?: string | null;
  readonly lastModified?: string | null;
  /** Further headers, in lower case. */
  readonly others?: Readonly<Record<string, string>>;
}

/** A server of publishers' files on the loopback interface. Addresses are `https://HOST/PATH` or `HOST/PATH`. */
export interface FeedServer {
  /** What `from` of a feed source is to be. */
  readonly address: string;
  /** Every request so far, in order. */
  readonly requests: readonly FeedRequest[];
  /** Forgets the requests so far. */
  forget(): void;
  put(address: string, content: string | Uint8Array, headers?: FeedFileHeaders): void;
  remove(address: string): void;
  /** Makes the next `times` answers for an address faulty; all of them unless given. */
  fault(address: string, fault: FeedFault, times?: number): void;
}

/**
 * Starts a server that has these files, by their addresses, or those of a folder laid out as `HOST/PATH`. It answers
 * conditional and range requests (RFC 9110, sections 13 and 14). Call it in a test: it stops when the test is done.
 */
export async function feedServer(
  files: Readonly<Record<string, string | Uint8Array>> | string = {},
): Promise<FeedServer> {
  const content = new Map<string, ServedFile>();
  const faults = new Map<string, { fault: FeedFault; left: number }>();
  const requests: FeedRequest[] = [];
  const server = createServer((request, response) => {
    const address = decodeURIComponent((request.url ?? "").replace(/^\/|\?.*$/g, ""));
    const pending = faults.get(address);
    const fault = pending && pending.left-- > 0 ? pending.fault : undefined;
    const file = content.get(address) ?? (typeof files === "string" ? fromFolder(files, address) : undefined);
    answer({ request, response, file, fault });
    requests.push({ address, headers: request.headers, status: response.statusCode });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const started: FeedServer = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    forget: () => void requests.splice(0),
    put: (address, bytes, headers = {}) => void content.set(keyOf(address), servedFile(bytes, headers)),
    remove: (address) => void content.delete(keyOf(address)),
    fault: (address, fault, times = Number.POSITIVE_INFINITY) =>
      void faults.set(keyOf(address), { fault, left: times }),
  };
  if (typeof files !== "string") for (const [address, bytes] of Object.entries(files)) started.put(address, bytes);
  return started;
}

interface ServedFile {
  readonly bytes: Buffer;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly others: Readonly<Record<string, string>>;
}

function keyOf(address: string): string {
  return decodeURIComponent(address.replace(/^https?:\/\//, ""));
}

function servedFile(content: string | Uint8Array, { etag, lastModified, others }: FeedFileHeaders): ServedFile {
  const bytes = Buffer.from(content);
  const digest = createHash("sha256").update(bytes).digest("hex");
  // Different content has a different date, so that a test may leave out the tag.
  const date = new Date(Date.UTC(2024, 0, 1) + Number.parseInt(digest.slice(0, 6), 16) * 1000).toUTCString();
  return {
    bytes,
    etag: etag === undefined ? `"${digest.slice(0, 16)}"` : etag,
    lastModified: lastModified === undefined ? date : lastModified,
    others: others ?? {},
  };
}

function fromFolder(folder: string, address: string): ServedFile | undefined {
  const path = join(folder, address);
  if (!path.startsWith(folder) || !existsSync(path) || !statSync(path).isFile()) return undefined;
  return servedFile(readFileSync(path), { lastModified: statSync(path).mtime.toUTCString() });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly file: ServedFile | undefined;
  readonly fault: FeedFault | undefined;
}

function answer({ request, response, file, fault }: Exchange): void {
  if (fault?.kind === "status") return void response.writeHead(fault.status, fault.headers).end("no");
  if (fault?.kind === "redirect") return void response.writeHead(302, { location: fault.to }).end();
  if (fault?.kind === "html") {
    return void response.writeHead(200, { "content-type": "text/html" }).end("<!DOCTYPE html><title>Log in</title>");
  }
  if (!file) return void response.writeHead(404).end("no");
  const headers: Record<string, string> = { ...file.others };
  if (file.etag !== null) headers["etag"] = file.etag;
  if (file.lastModified !== null) headers["last-modified"] = file.lastModified;
  const simple = fault?.kind === "simple";
  if (!simple && isUnchanged(request, file)) return void response.writeHead(304, headers).end();
  const start = simple ? 0 : rangeStart(request, file);
  if (start > 0) headers["content-range"] = `bytes ${start}-${file.bytes.length - 1}/${file.bytes.length}`;
  const body = file.bytes.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, { ...headers, "content-length": String(body.length) });
  if (fault?.kind !== "cut" && fault?.kind !== "stall") return void response.end(body);
  // A fault that lasts to the end of the file would be none.
  response.write(body.subarray(0, Math.min(fault.after, body.length - 1)), () => {
    if (fault.kind === "cut") setTimeout(() => response.destroy(), 20);
  });
}

function isUnchanged({ headers }: IncomingMessage, { etag, lastModified }: ServedFile): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined) return etag !== null && tags.split(", ").includes(etag);
  const since = headers["if-modified-since"];
  return since !== undefined && lastModified !== null && Date.parse(lastModified) <= Date.parse(since);
}

function rangeStart({ headers }: IncomingMessage, { bytes, etag, lastModified }: ServedFile): number {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
  const condition = headers["if-range"];
  if (condition !== undefined && condition !== etag && condition !== lastModified) return 0;
  return start < bytes.length ? start : 0;
}
