import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { type TarMember, tar } from "./tar.ts";
import { writeMembers } from "./write-files.ts";

/** A line of a record of a tar. */
export type RecordLine = Readonly<Record<string, unknown>>;

/** Writes a layer as engines keep it: the files of its members below `folder`, and the record of its tar. Gives the tar. */
export function writeUnpackedLayer(
  { folder, record }: { readonly folder: string; readonly record: string },
  members: readonly TarMember[],
): Buffer {
  mkdirSync(dirname(record), { recursive: true });
  writeMembers(folder, members);
  writeFileSync(record, gzipSync(recordText(recordLines(members))));
  return tar(members);
}

/** The record of a tar of these members. */
export function recordLines(members: readonly TarMember[]): RecordLine[] {
  const lines = members.flatMap((member): RecordLine[] => {
    const content = Buffer.from(member.content ?? "");
    const whole = tar([member], { zeroBlocks: 0 });
    const end = whole.length - Math.ceil(content.length / 512) * 512;
    const file = {
      type: 1,
      ...nameOf(member.name),
      ...(content.length === 0 ? {} : { size: content.length }),
      payload: null,
    };
    const padding = whole.subarray(end + content.length);
    return [segment(whole.subarray(0, end)), file, ...(padding.length === 0 ? [] : [segment(padding)])];
  });
  return [...lines, segment(Buffer.alloc(1024))];
}

/** A record as text. */
export function recordText(lines: readonly RecordLine[]): string {
  return lines.map((line, position) => `${JSON.stringify({ ...line, position })}\n`).join("");
}

function segment(bytes: Uint8Array): RecordLine {
  return { type: 2, payload: Buffer.from(bytes).toString("base64") };
}

function nameOf(name: string | Uint8Array): RecordLine {
  return typeof name === "string" ? { name } : { name_raw: Buffer.from(name).toString("base64") };
}
