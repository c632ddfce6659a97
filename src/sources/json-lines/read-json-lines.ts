import { decompress } from "../../io/compression/decompress.ts";
import { reasonOf } from "../../io/reason-of.ts";
import type { JsonEvent } from "../../model/events/json-event.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import type { Context } from "../../model/plugin.ts";
import { inBatches } from "./in-batches.ts";
import { type JsonDocument, JsonDocuments } from "./json-documents.ts";
import { ProblemCounter } from "./problem-counter.ts";
import { type Producer, recogniseProducer, sourceOf, timeOf } from "./recognise-producer.ts";
import { unpackEnvelope } from "./unpack-envelope.ts";

/** The producer of the JSON; `auto` looks at each object. */
export type JsonLinesFormat = "auto" | Producer;

/** How JSON lines are read. */
export interface JsonLinesOptions {
  readonly format: JsonLinesFormat;
  readonly context: Context;
  /** What the input is called in problems; `input` when absent. */
  readonly name?: string;
  /** A larger document is a problem; 16 MiB when absent, and 64 MiB for CloudTrail, whose files are one document. */
  readonly maxDocumentBytes?: number;
  /** Nanoseconds since 1970, for events without a time of their own; the clock when absent. */
  readonly now?: () => bigint;
}

const defaultLimit: number = 16 * 1024 * 1024;
const defaultFileLimit: number = 64 * 1024 * 1024;
/** The most bytes that the input may unpack to. */
const largestInput: number = 1024 * 1024 * 1024 * 1024;

/**
 * Reads events from JSON, plain or packed with gzip or Zstandard, one object a line (or over several lines, or in an
 * array, or in what a service puts around its events): the alerts of Falco as source `falco`, the events of Tetragon
 * and Tracee as `tetragon` and `tracee`, records of CloudTrail as `aws_cloudtrail`, webhook events of GitHub as
 * `github`, of Okta's system log as `okta`, of the audit logs of Google Cloud as `gcp_auditlog`, all others as `json`.
 * A batch is at most what one piece of input completed, so that nothing waits. Any other value is a problem, as is
 * input that cannot be read to its end, and the rest goes on. Ends with the input or, silently, with the signal.
 */
export async function* readJsonLines(
  input: AsyncIterable<Uint8Array>,
  options: JsonLinesOptions,
): AsyncGenerator<readonly JsonEvent[]> {
  const { context, name = "input", format } = options;
  const { maxDocumentBytes = format === "cloudtrail" ? defaultFileLimit : defaultLimit } = options;
  const problems = new ProblemCounter(context, name);
  const documents = new JsonDocuments(problems, { maxDocumentBytes });
  const events = new EventNumbering(options, problems);
  try {
    for await (const piece of decompress(buffersOf(input), { signal: context.signal, limit: largestInput })) {
      if (context.signal.aborted) return;
      yield* inBatches(events.of(documents.push(piece)));
    }
  } catch (cause) {
    if (context.signal.aborted) return;
    problems.add("unreadable", `it cannot be read completely: ${reasonOf(cause)}`);
  }
  yield* inBatches(events.of(documents.end()));
  problems.end();
}

async function* buffersOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const piece of input) yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}

class EventNumbering {
  readonly #format: JsonLinesFormat;
  readonly #now: () => bigint;
  readonly #problems: ProblemCounter;
  #number = 0;

  constructor({ format, now }: JsonLinesOptions, problems: ProblemCounter) {
    this.#format = format;
    this.#now = now ?? (() => BigInt(Date.now()) * 1_000_000n);
    this.#problems = problems;
  }

  *of(documents: Iterable<JsonDocument>): Generator<JsonEvent> {
    for (const { value, line } of documents) {
      for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
        const unpacked = isJsonObject(one) ? unpackEnvelope(one, this.#format) : [{ value: one }];
        for (const { value: found, time } of unpacked) {
          const event = this.#eventOf(found, { line, time });
          if (event) yield event;
        }
      }
    }
  }

  #eventOf(
    value: unknown,
    { line, time: delivered }: { readonly line: number; readonly time: bigint | undefined },
  ): JsonEvent | undefined {
    if (!isJsonObject(value)) {
      this.#problems.add("unreadable", `line ${line} is not a JSON object`);
      return undefined;
    }
    const producer = this.#format === "json" ? "json" : recogniseProducer(value);
    if (this.#format !== "auto" && producer !== this.#format) {
      this.#problems.add("unreadable", `line ${line} is not in the format ${this.#format}`);
      return undefined;
    }
    const time = timeOf(value, producer) ?? delivered ?? this.#now();
    return { number: ++this.#number, time, source: sourceOf(producer), value };
  }
}
