import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Arrival, type Download, type DownloadOptions, download } from "../../src/io/http/download.ts";
import { HttpClient } from "../../src/io/http/http-client.ts";
import { KeptDownloads } from "../../src/io/http/kept-downloads.ts";
import { type FeedFault, type FeedFileHeaders, type FeedServer, feedServer } from "./feed-server.ts";

/** Bytes. */
export const mebibyte: number = 1024 * 1024;
/** A file of four mebibytes that no compression makes shorter. */
export const body: Buffer = bytesOf("first", 4 * mebibyte);
let count = 0;

/** Bytes that no compression makes shorter. */
export function bytesOf(seed: string, length: number): Buffer {
  const pieces = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash("sha256").update(`${seed} ${index}`).digest(),
  );
  return Buffer.concat(pieces).subarray(0, length);
}

/** Runs that download for the same file in the making, one after the other. */
export class Runs {
  readonly folder: string;
  readonly output: string;
  readonly arrivals: Arrival[] = [];

  /** In a folder of their own within this one. */
  constructor(parent: string) {
    this.folder = mkdtempSync(join(parent, "runs-"));
    this.output = join(this.folder, "output");
  }

  /** One run, which is interrupted unless the download succeeds, or also then. */
  async run(address: string, options: RunOptions = {}): Promise<Download & { readonly content?: Buffer }> {
    const { interrupted, spareRoom = 0, ...others } = options;
    using kept = new KeptDownloads(this.output, { spareRoom });
    const path = join(this.folder, `file-${++count}`);
    const got = await download(address, path, {
      client: new HttpClient(),
      signal: new AbortController().signal,
      maxBytes: 100 * mebibyte,
      retryDelay: 1,
      idleTimeout: 5000,
      attempts: 1,
      kept,
      progress: (arrival) => this.arrivals.push(arrival),
      ...others,
    });
    const content = got.kind === "file" ? readFileSync(path) : undefined;
    if (interrupted) kept.leaveAll();
    else kept.forget();
    rmSync(path, { force: true });
    return { ...got, ...(content && { content }) };
  }

  /** The names of folders that are kept. */
  get keptFolders(): string[] {
    return readdirSync(this.folder).filter((name) => name.endsWith(".downloads"));
  }

  /** The paths of the files that are kept, the body before the state. */
  get kept(): string[] {
    return this.keptFolders.flatMap((name) =>
      readdirSync(join(this.folder, name))
        .sort()
        .map((file) => join(this.folder, name, file)),
    );
  }
}

/** How a run is. */
export interface RunOptions extends Partial<DownloadOptions> {
  /** True when the process ends before it has used the file. */
  readonly interrupted?: boolean;
  readonly spareRoom?: number;
}

/** The fault of a server that sends 2.5 MiB. */
export const beginning: FeedFault = { kind: "cut", after: 2.5 * mebibyte };

/** A download of which 2.5 MiB have come to a run in this folder. */
export async function begun(parent: string, headers: FeedFileHeaders = {}): Promise<Begun> {
  const server = await feedServer();
  server.put("h/f.zip", body, headers);
  server.fault("h/f.zip", beginning, 1);
  const runs = new Runs(parent);
  const address = `${server.address}/h/f.zip`;
  await expect(runs.run(address)).rejects.toMatchObject({ code: "feed-unreachable" });
  server.forget();
  return { server, runs, address };
}

/** What {@link begun} gives. */
export interface Begun {
  readonly server: FeedServer;
  readonly runs: Runs;
  readonly address: string;
}

/** Fails when there is no content. */
export function contentOf(got: Download & { readonly content?: Buffer }): Buffer {
  if (!got.content) throw new Error(`${got.kind} and no file`);
  return got.content;
}

/** Writes another byte into a file. */
export function writeAt(path: string, position: number): void {
  const descriptor = openSync(path, "r+");
  writeSync(descriptor, "x", Math.floor(position));
  closeSync(descriptor);
}
