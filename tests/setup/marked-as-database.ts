import { applicationId } from "../../src/advisories/database/database-format.ts";

/** Bytes that begin like an advisory database and hold none: what may be replaced by one. */
export function markedAsDatabase(): Buffer {
  const bytes = Buffer.alloc(100);
  bytes.write("SQLite format 3\0");
  bytes.writeUInt32BE(applicationId, 68);
  return bytes;
}
