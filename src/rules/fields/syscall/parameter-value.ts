import type { FieldValue } from "../../language/field.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import { pathParameter } from "./parameter-text.ts";

/**
 * A parameter as its number or its bytes (`evt.rawarg.flags`), by its type in the event table; `undefined` when it is
 * empty.
 */
export function parameterValue(event: KernelEvent, place: number, type: string): FieldValue | undefined {
  const length = event.length(place);
  if (type === "CHARBUF" || type === "FSPATH" || type === "FSRELPATH") return pathParameter(event, place);
  if (length <= 0) return undefined;
  const at = event.offset(place);
  const { bytes } = event;
  switch (type) {
    case "INT8":
      return bytes.readInt8(at);
    case "INT16":
      return length >= 2 ? bytes.readInt16LE(at) : bytes.readInt8(at);
    case "INT32":
      return length >= 4 ? bytes.readInt32LE(at) : undefined;
    case "INT64":
    case "FD":
    case "PID":
    case "ERRNO": {
      if (length < 8) return length >= 4 ? bytes.readInt32LE(at) : undefined;
      const value = bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
      return Number.isSafeInteger(value) ? value : bytes.readBigInt64LE(at);
    }
    case "UINT64":
    case "RELTIME":
    case "ABSTIME": {
      if (length < 8) return length >= 4 ? bytes.readUInt32LE(at) : undefined;
      const value = bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
      return Number.isSafeInteger(value) ? value : bytes.readBigUInt64LE(at);
    }
    case "UINT8":
    case "FLAGS8":
    case "ENUMFLAGS8":
    case "SIGTYPE":
      return bytes[at] as number;
    case "UINT16":
    case "FLAGS16":
    case "ENUMFLAGS16":
    case "SYSCALLID":
    case "PORT":
      return length >= 2 ? bytes.readUInt16LE(at) : (bytes[at] as number);
    case "UINT32":
    case "FLAGS32":
    case "ENUMFLAGS32":
    case "MODE":
    case "UID":
    case "GID":
    case "SIGSET":
      return event.unsigned(place);
    default:
      return bytes.toString("latin1", at, at + length);
  }
}
