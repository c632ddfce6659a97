import type { UpdateProgress } from "../../../pipeline/database/update-database.ts";
import type { TargetProgress } from "../../../pipeline/scan/examine-target.ts";
import { printable } from "../../../reporters/terminal-text.ts";
import { keepBelowNotes } from "./output.ts";

const millisecondsBetweenUpdates = 100;

/**
 * One line on a terminal that shows the progress of a scan, and is removed when the scan ends. Without a terminal, or
 * when quiet, it writes nothing.
 */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #shown: boolean;
  #last = 0;
  #drawn = false;
  #text = "";
  /** Draws what fell to the limit, so that a stall does not show an older state. */
  #later: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream, quiet: boolean) {
    this.#stream = stream;
    this.#shown = stream.isTTY === true && !quiet && process.env["TERM"] !== "dumb";
  }

  scan({ stage, done, total }: TargetProgress): void {
    if (stage === "opening") this.text("opening");
    else if (stage === "matching") this.text("comparing with the advisories");
    else if (total === 0) this.text(`reading  ${megabytes(done)}`);
    else this.text(`reading  ${bar(done / total)}  ${megabytes(done)} of ${megabytes(total)}`);
  }

  fetch({ stage, feed, number, of, part, items, download }: UpdateProgress): void {
    if (stage === "writing") {
      // Nothing is drawn until it is done, so this one may not fall to the limit.
      this.#last = Number.NEGATIVE_INFINITY;
      this.text("writing the database");
      return;
    }
    const place = of > 1 ? ` ${number} of ${of}` : "";
    if (stage === "reading") {
      this.text(`reading${place}  ${feed}  ${part}  ${items} entries`);
      return;
    }
    const { received = 0, total, before } = download ?? {};
    const size = total === undefined ? megabytes(received) : `${megabytes(received)} of ${megabytes(total)}`;
    const resumed = before === undefined ? "" : `, goes on at ${megabytes(before)}`;
    this.text(`fetching${place}  ${feed}  ${part}${received === 0 ? "" : `  ${size}${resumed}`}`);
  }

  /** Draws a text, at most ten times a second; the last one always. */
  text(text: string): void {
    if (!this.#shown) return;
    this.#text = text;
    const wait = this.#last + millisecondsBetweenUpdates - performance.now();
    if (wait <= 0) this.#draw();
    else this.#later ??= setTimeout(() => this.#draw(), wait).unref();
  }

  #draw(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#last = performance.now();
    this.#drawn = true;
    const line = printable(this.#text).slice(0, Math.max(10, (this.#stream.columns || 80) - 1));
    this.#stream.write(`\r\u001b[2K${line}`);
    keepBelowNotes(line);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#later);
    if (this.#drawn) this.#stream.write("\r\u001b[2K");
    this.#drawn = false;
    keepBelowNotes("");
  }
}

const barWidth = 24;

function bar(part: number): string {
  const full = Math.round(Math.min(1, Math.max(0, part)) * barWidth);
  return `${"━".repeat(full)}${"╌".repeat(barWidth - full)}`;
}

/** Bytes as a person reads them. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
