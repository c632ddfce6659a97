import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { openBytes } from "../../io/bytes/open-bytes.ts";
import { decompress } from "../../io/compression/decompress.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { JsonEvent } from "../../model/events/json-event.ts";
import type { Context } from "../../model/plugin.ts";
import { inBatches } from "../json-lines/in-batches.ts";
import { type JsonDocument, JsonDocuments } from "../json-lines/json-documents.ts";
import { ProblemCounter } from "../json-lines/problem-counter.ts";
import { AuditEvents, type AuditFilter } from "./audit-events.ts";

/** How audit logs are read. */
export interface K8sAuditFileOptions extends AuditFilter {
  readonly context: Context;
  /** What a stream is called in problems; `input` when absent. */
  readonly name?: string;
  /** A larger document is a problem; 64 MiB when absent. */
  readonly maxDocumentBytes?: number;
}

const defaultLimit: number = 64 * 1024 * 1024;
/** The most bytes that one log may unpack to. */
const largestLog: number = 1024 * 1024 * 1024 * 1024;
const mostFiles = 10_000;

/**
 * Reads Kubernetes audit events: from a file, plain or packed, from all files of a folder, the oldest first, or from a
 * stream. A document is an event, an `EventList`, or an array, on one line or on several. Any other document is a
 * problem, as is a log that cannot be read to its end, and the rest goes on. A batch is at most what one piece of input
 * completed.
 *
 * Errors: `target-not-found`, `target-unreadable` for a folder, `limit-exceeded` for one with too many files. Ends
 * silently with the signal.
 */
export async function* readK8sAuditFile(
  input: string | AsyncIterable<Uint8Array>,
  options: K8sAuditFileOptions,
): AsyncGenerator<readonly JsonEvent[]> {
  let problem: (what: string) => void = () => {};
  const events = new AuditEvents(options, (what) => problem(what));
  for (const { name, open } of await logsOf(input, options)) {
    if (options.context.signal.aborted) return;
    const problems = new ProblemCounter(options.context, name);
    let line = 0;
    problem = (what) => problems.add("unreadable", `the document on line ${line} ${what}`);
    const eventsOf = function* (documents: Iterable<JsonDocument>): Generator<JsonEvent> {
      for (const document of documents) {
        line = document.line;
        yield* events.of(document.value);
      }
    };
    for await (const documents of documentsOf(open, { ...options, problems })) yield* inBatches(eventsOf(documents));
    problems.end();
  }
}

interface Log {
  readonly name: string;
  open(): AsyncIterable<Uint8Array>;
}

async function logsOf(
  input: string | AsyncIterable<Uint8Array>,
  { context, name = "input" }: K8sAuditFileOptions,
): Promise<readonly Log[]> {
  if (typeof input !== "string") return [{ name, open: () => input }];
  const target = await statOf(input);
  const paths = target.isFile ? [input] : await filesOf(input);
  return paths.map((path) => ({ name: path, open: () => logFile(path, context.signal) }));
}

interface Target {
  readonly isFile: boolean;
  readonly time: number;
}

async function statOf(path: string): Promise<Target> {
  try {
    const facts = await stat(path);
    return { isFile: !facts.isDirectory(), time: facts.mtimeMs };
  } catch (cause) {
    throw new PlimsollError("target-not-found", `no audit log found at ${path}`, {
      cause,
      hint: "Specify a file with audit events, or a folder of such files.",
    });
  }
}

/** The files of a folder by the time of their last change, which is the order in which logs are rotated. */
async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new PlimsollError("target-unreadable", `${folder} cannot be read: ${reasonOf(cause)}`, { cause });
  });
  if (names.length > mostFiles) {
    throw new PlimsollError("limit-exceeded", `${folder} contains more than ${mostFiles} files`, {
      hint: "Move the logs that should be read to a separate folder.",
    });
  }
  const files: { path: string; time: number }[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    // A log may be rotated away in the meantime.
    const target = await statOf(path).catch(() => undefined);
    if (target?.isFile) files.push({ path, time: target.time });
  }
  return files.sort((one, other) => one.time - other.time).map(({ path }) => path);
}

async function* logFile(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream: AsyncIterable<Buffer> = openBytes(path, signal);
  yield* decompress(stream, { signal, limit: largestLog });
}

async function* documentsOf(
  open: () => AsyncIterable<Uint8Array>,
  { context, problems, maxDocumentBytes = defaultLimit }: K8sAuditFileOptions & { readonly problems: ProblemCounter },
): AsyncGenerator<Iterable<JsonDocument>> {
  const documents = new JsonDocuments(problems, { maxDocumentBytes });
  try {
    for await (const piece of open()) {
      if (context.signal.aborted) return;
      yield documents.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    }
  } catch (cause) {
    if (context.signal.aborted) return;
    problems.add("unreadable", `it cannot be read completely: ${reasonOf(cause)}`);
  }
  yield documents.end();
}
