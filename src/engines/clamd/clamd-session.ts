import { PlimsollError } from "../../model/error.ts";
import { type ClamdAddress, clamdName } from "./clamd-address.ts";
import { ClamdConnection } from "./clamd-connection.ts";
import { askClamdVersion } from "./clamd-version.ts";

/** What clamd says of a file: the signature that it matches, or why it was not scanned. */
export type ClamdResult =
  | { readonly kind: "clean" }
  | { readonly kind: "found"; readonly signature: string }
  | { readonly kind: "not-scanned"; readonly reason: string };

/** More than clamd's own `MaxScanTime`, which is two minutes unless it is configured. */
const scannedWithin = 300_000;

/**
 * Files that clamd scans one after the other, over one connection as long as it lasts. clamd closes it when a file is
 * larger than its `StreamMaxLength`, often before its answer can be read.
 */
export class ClamdSession implements Disposable {
  readonly #address: ClamdAddress;
  #connection: ClamdConnection | undefined;
  #isInFile = false;

  constructor(address: ClamdAddress) {
    this.#address = address;
  }

  /** Sends the next bytes of the file. Error: `scanner-failed`. */
  async send(bytes: Uint8Array): Promise<void> {
    const connection = await this.#start();
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    await connection.write(length);
    await connection.write(bytes);
  }

  /** Ends the file. Error: `scanner-failed`. */
  async end(): Promise<ClamdResult> {
    const connection = await this.#start();
    this.#isInFile = false;
    await connection.write(new Uint8Array(4));
    const { text } = await connection.reply({ within: scannedWithin });
    const result = text === undefined ? undefined : parseClamdResult(text);
    if (text !== undefined && result === undefined) throw this.#unexpected(text);
    if (result === undefined || result.kind === "not-scanned") this.#close();
    if (result) return result;
    // A clamd that answers has closed the connection for the file; one that does not has ended.
    await askClamdVersion(this.#address);
    return {
      kind: "not-scanned",
      reason: "clamd closed the connection, as it does for files above its StreamMaxLength",
    };
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  async #start(): Promise<ClamdConnection> {
    if (!this.#connection) {
      this.#connection = await ClamdConnection.open(this.#address);
      await this.#connection.write("zIDSESSION\0");
    }
    if (!this.#isInFile) await this.#connection.write("zINSTREAM\0");
    this.#isInFile = true;
    return this.#connection;
  }

  #close(): void {
    this.#connection?.[Symbol.dispose]();
    this.#connection = undefined;
    this.#isInFile = false;
  }

  #unexpected(text: string): PlimsollError {
    return new PlimsollError("scanner-failed", `unexpected answer of clamd at ${clamdName(this.#address)}: ${text}`, {
      hint: "Read clamd's log.",
    });
  }
}

/** `1: stream: Win.Test.EICAR_HDB-1 FOUND`, `1: stream: OK`, `INSTREAM size limit exceeded. ERROR`. */
export function parseClamdResult(text: string): ClamdResult | undefined {
  const answer = text
    .replace(/^\d{1,20}: /, "")
    .replace(/^stream: /, "")
    .slice(0, 1000);
  if (answer === "OK") return { kind: "clean" };
  if (answer.endsWith(" FOUND")) return { kind: "found", signature: answer.slice(0, -" FOUND".length) };
  return answer.endsWith(" ERROR") ? { kind: "not-scanned", reason: answer.slice(0, -" ERROR".length) } : undefined;
}
