// Core metadata: lines `Name: value` in the manner of e-mail headers, in UTF-8, up to the first empty line; the
// description may follow as a body. A line that starts with a space or tab continues the value before it. Names of
// fields ignore case. Lines end in LF or CRLF. Some fields may stand more than once.
//
// Source: PyPA specification "Core metadata".

import type { OpenFile } from "../../../model/images/file.ts";

/** The most bytes of headers that are read. */
export const headerLimit: number = 1024 * 1024;

const pieceLength = 16 * 1024;

/**
 * Values by lower-case field name, each in the order of the file; continuation lines are kept, joined by line feeds.
 */
export type Headers = ReadonlyMap<string, readonly string[]>;

/**
 * The headers of a metadata file. Lines that are not a header are passed over. `complete` is false when the headers go
 * on past {@link headerLimit}; what stands before is returned.
 */
export function readHeaders(file: OpenFile): { readonly headers: Headers; readonly complete: boolean } {
  const { bytes, complete } = readHeaderBlock(file);
  const headers = new Map<string, string[]>();
  let values: string[] | undefined;
  let lines: string[] = [];
  const finish = (): void => {
    values?.push(lines.join("\n").trim());
    values = undefined;
  };
  for (const line of bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)) {
    if (line.startsWith(" ") || line.startsWith("\t")) {
      lines.push(line.trim());
      continue;
    }
    finish();
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const field = line.slice(0, colon).trimEnd().toLowerCase();
    values = headers.get(field) ?? [];
    headers.set(field, values);
    lines = [line.slice(colon + 1)];
  }
  finish();
  return { headers, complete };
}

/** Reads in pieces, because the description behind the headers is often the larger part. */
function readHeaderBlock(file: OpenFile): { readonly bytes: Buffer; readonly complete: boolean } {
  const pieces: Buffer[] = [];
  const end = Math.min(file.size, headerLimit);
  let offset = 0;
  let tail = "";
  while (offset < end) {
    const read = file.read(offset, Math.min(pieceLength, end - offset));
    if (read.length === 0) break;
    const piece = Buffer.from(read.buffer, read.byteOffset, read.length);
    const text = tail + piece.toString("latin1");
    const empty = /\n\r?\n/.exec(text);
    if (empty !== null) {
      pieces.push(piece.subarray(0, Math.max(0, empty.index + 1 - tail.length)));
      return { bytes: Buffer.concat(pieces), complete: true };
    }
    pieces.push(piece);
    tail = text.slice(-2);
    offset += read.length;
  }
  return { bytes: Buffer.concat(pieces), complete: file.size <= headerLimit };
}

/** Whether this can be a project's name. Source: PyPA specification "Names and normalization". */
export function isProjectName(name: string): boolean {
  return name.length <= 256 && /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name);
}

/** Whether this is one word of sensible length; its meaning is for the version scheme to say. */
export function isProjectVersion(version: string): boolean {
  return version.length <= 256 && /^[\x21-\x7e]+$/.test(version);
}

/** What old tools write into a field for which the project gave no value. */
const placeholder = "UNKNOWN";
const classifierPrefix = "License :: ";

/**
 * The licences that the metadata declares: the `License-Expression`; else `License` when it is a name of one line, not
 * a whole text; else the last parts of the licence classifiers. Empty when there is none.
 */
export function declaredLicenses(headers: Headers): readonly string[] {
  for (const field of ["license-expression", "license"]) {
    const value = headers.get(field)?.[0];
    if (value && value !== placeholder && !value.includes("\n")) return [value];
  }
  const names = new Set<string>();
  for (const classifier of headers.get("classifier") ?? []) {
    if (!classifier.startsWith(classifierPrefix)) continue;
    const name = classifier.split(" :: ").at(-1)?.trim();
    if (name && name !== "OSI Approved") names.add(name);
  }
  return [...names];
}
