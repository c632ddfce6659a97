import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { FileInScan, FunctionForm, Module, Type, Value } from "../conditions/value.ts";
import { partOf } from "./part-of.ts";

/** Hashes of parts of a file, and of texts. */
export const hashModule: Module = {
  name: "hash",
  type: {
    kind: "structure",
    fields: {
      md5: hash("text", digest("md5")),
      sha1: hash("text", digest("sha1")),
      sha256: hash("text", digest("sha256")),
      crc32: hash("integer", (bytes) => crc32(bytes)),
      checksum32: hash("integer", (bytes) => bytes.reduce((sum, byte) => (sum + byte) >>> 0, 0)),
    },
  },
};

function digest(algorithm: string): (bytes: Uint8Array) => Value {
  return (bytes) => createHash(algorithm).update(bytes).digest("hex");
}

function hash(result: FunctionForm["result"], calculate: (bytes: Uint8Array) => Value): Type {
  const ofPart = (file: FileInScan, [offset, size]: readonly Value[]): Value => {
    const part = partOf(file, Number(offset), Number(size));
    return part && calculate(part);
  };
  const ofText = (_: FileInScan, [text]: readonly Value[]): Value => calculate(Buffer.from(String(text), "latin1"));
  return {
    kind: "function",
    forms: [
      { parameters: ["integer", "integer"], result, call: ofPart },
      { parameters: ["text"], result, call: ofText },
    ],
  };
}
