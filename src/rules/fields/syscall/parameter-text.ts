import {
  errnoNames,
  type KernelParameter,
  signalNames,
  syscallNames,
} from "../../../model/events/kernel-event-table.ts";
import { joinPaths } from "../../state/joined-path.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import { descriptorTypeCharacter } from "./descriptor-type.ts";
import type { EventFacts } from "./event-facts.ts";
import { enumerationNames, flagNames, modeNames } from "./flag-names.ts";
import { generalFormat, integerText } from "./number-text.ts";
import { socketAddressText, socketTupleText } from "./socket-parameter-text.ts";
import { localDateTime } from "./time-text.ts";

/** What printing a parameter needs beside the event. */
export interface ParameterContext {
  readonly facts: readonly EventFacts[];
  /** IANA name of the zone of absolute times. */
  readonly timeZone: string;
  /** Whether text is cleaned where libsinsp 0.20 did so before rules saw it. */
  readonly cleansText: boolean;
}

/** A parameter without a value prints so in these types, and as `<NA>` in all others. */
const printedAsNull = new Set(["BYTEBUF", "SOCKTUPLE", "FDLIST", "CHARBUFARRAY", "CHARBUF_PAIR_ARRAY", "DYN"]);
const workingDirectory = -100;

/** Where the bytes of a parameter lie, with the type that they have in this event. */
interface Part {
  readonly parameter: KernelParameter;
  readonly format: string;
  readonly at: number;
  readonly length: number;
}

/**
 * The parameter as its plain text: the number, the bytes with dots for what does not print, the path as it was given.
 * As `sinsp_evt::get_param_as_str` of falcosecurity/libs. `undefined` when the event does not have the parameter.
 */
export function plainText(event: KernelEvent, place: number, context: ParameterContext): string | undefined {
  const part = partOf(event, place, context);
  if (typeof part !== "object") return part;
  const { at, length, format } = part;
  const { bytes } = event;
  const width = integerWidth(part.parameter.type);
  if (length < width) return "<NA>";
  switch (part.parameter.type) {
    case "INT8":
    case "INT16":
    case "INT32":
    case "INT64":
    case "UINT8":
    case "UINT16":
    case "UINT32":
    case "UINT64":
      // Decimal numbers print as signed ones from 32 bits up, whatever the type says.
      return integerText(bytes, at, { width, format, isSigned: !isSmallUnsigned(part.parameter.type) });
    case "FD":
    case "PID":
    case "ERRNO":
      return integerText(bytes, at, { width: 8, format: "DEC", isSigned: true });
    case "FLAGS8":
    case "FLAGS16":
    case "FLAGS32":
    case "ENUMFLAGS8":
    case "ENUMFLAGS16":
    case "ENUMFLAGS32":
    case "SIGTYPE":
      return `${bytes.readUIntLE(at, width)}`;
    case "SYSCALLID":
      return systemCall(bytes.readUInt16LE(at)) === undefined ? "<unknown syscall>" : `${bytes.readUInt16LE(at)}`;
    case "MODE":
      return integerText(bytes, at, { width, format, isSigned: true });
    case "CHARBUF":
      return textOf(event, part);
    case "FSPATH":
    case "FSRELPATH":
      return cleaned(textOf(event, part), context);
    case "BYTEBUF":
      return printable(bytes.toString("latin1", at, at + length));
    case "SOCKADDR":
      return cleaned(socketAddressText(bytes, at, length), context);
    case "SOCKTUPLE":
      return cleaned(socketTupleText(bytes, at, length), context);
    case "FDLIST":
      return descriptorList(event, part);
    case "RELTIME": {
      const text = integerText(bytes, at, { width: 8, format: "DEC", isSigned: false });
      return text === "18446744073709551615" ? "none" : text;
    }
    case "ABSTIME":
      return localDateTime(bytes.readBigUInt64LE(at), context.timeZone);
    case "UID":
    case "GID": {
      const id = bytes.readUInt32LE(at);
      return id === 0xffff_ffff ? "-1" : `${id | 0}`;
    }
    case "SIGSET":
      return signalSet(bytes.readUInt32LE(at));
    case "CHARBUFARRAY":
    case "CHARBUF_PAIR_ARRAY":
      return "";
    case "DYN":
      return "INVALID DYNAMIC PARAMETER";
    default:
      return "(n.a.)";
  }
}

/**
 * What the parameter stands for: names of flags, the descriptor behind a number, the process behind an id, a path made
 * absolute. Empty when its plain text says it all.
 */
export function meaning(event: KernelEvent, place: number, context: ParameterContext): string {
  const part = partOf(event, place, context);
  if (typeof part !== "object") return "";
  const { at, parameter, length } = part;
  const { bytes } = event;
  if (length < integerWidth(parameter.type)) return "";
  switch (parameter.type) {
    case "FD":
      return descriptorMeaning(event, int64(bytes, at), context);
    case "PID":
      return event.state.threads.get(int64(bytes, at))?.comm ?? "";
    case "ERRNO": {
      const result = int64(bytes, at);
      return result < 0 ? errnoName(result) : "";
    }
    case "FSPATH":
    case "FSRELPATH":
      return absolutePath(event, part, context);
    case "SYSCALLID":
      return systemCall(bytes.readUInt16LE(at)) ?? "";
    case "SIGTYPE":
      return signalNames[bytes[at] as number] ?? "";
    case "RELTIME": {
      const nanoseconds = bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
      return nanoseconds >= 2 ** 64 ? "" : `${generalFormat(nanoseconds / 1e9)}s`;
    }
    case "FLAGS8":
    case "FLAGS16":
    case "FLAGS32":
      return parameter.set ? flagNames(parameter.set, bytes.readUIntLE(at, integerWidth(parameter.type))) : "";
    case "ENUMFLAGS8":
    case "ENUMFLAGS16":
    case "ENUMFLAGS32":
      return parameter.set ? enumerationNames(parameter.set, bytes.readUIntLE(at, integerWidth(parameter.type))) : "";
    case "MODE":
      return parameter.set ? modeNames(parameter.set, bytes.readUInt32LE(at)) : "";
    case "UID":
    case "GID":
      return ownerName(event, { type: parameter.type, at }, context);
    default:
      return "";
  }
}

/** A parameter as rules compare it (`evt.arg.flags`): its meaning, or its plain text when that says it all. */
export function argumentText(event: KernelEvent, place: number, context: ParameterContext): string | undefined {
  return meaning(event, place, context) || plainText(event, place, context);
}

/**
 * A text parameter as rules see it: `<NA>` where the kernel gave none. `undefined` when the event does not have the
 * parameter.
 */
export function pathParameter(event: KernelEvent, place: number): string | undefined {
  if (event.length(place) < 0) return undefined;
  const text = event.text(place);
  return text === undefined || text === "(NULL)" ? "<NA>" : text;
}

/** Without the bytes that do not print, as libsinsp 0.20 cleaned text. */
export function withoutControls(text: string): string {
  return isPrintable(text) ? text : text.replaceAll(/[^\x20-\x7e]/g, "");
}

/** Bytes as text with a dot for each that does not print. */
export function printable(text: string): string {
  return isPrintable(text) ? text : text.replaceAll(/[^\x20-\x7e]/g, ".");
}

/** The part itself, or the text of a parameter that is missing. */
function partOf(event: KernelEvent, place: number, context: ParameterContext): Part | string | undefined {
  const length = event.length(place);
  const parameter = context.facts[event.code]?.parameters[place];
  if (length < 0 || parameter === undefined) return undefined;
  const { type, format } = parameter;
  const isText = type === "CHARBUF" || type === "FSPATH" || type === "FSRELPATH";
  if (length === 0 && !isText) return printedAsNull.has(type) || context.cleansText ? "NULL" : "<NA>";
  const at = event.offset(place);
  const variant = type === "DYN" ? parameter.variants?.[event.bytes[at] as number] : undefined;
  return variant ? { parameter: variant, format, at: at + 1, length: length - 1 } : { parameter, format, at, length };
}

function integerWidth(type: string): number {
  return widths[type] ?? 0;
}

const widths: Readonly<Record<string, number>> = {
  ...{ INT8: 1, UINT8: 1, FLAGS8: 1, ENUMFLAGS8: 1, SIGTYPE: 1 },
  ...{ INT16: 2, UINT16: 2, FLAGS16: 2, ENUMFLAGS16: 2, SYSCALLID: 2 },
  ...{ INT32: 4, UINT32: 4, FLAGS32: 4, ENUMFLAGS32: 4, MODE: 4, UID: 4, GID: 4, SIGSET: 4 },
  ...{ INT64: 8, UINT64: 8, FD: 8, PID: 8, ERRNO: 8, RELTIME: 8, ABSTIME: 8 },
};

function isSmallUnsigned(type: string): boolean {
  return type === "UINT8" || type === "UINT16";
}

function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
}

function textOf(event: KernelEvent, { at, length }: Part): string {
  if (length === 0) return "<NA>";
  const end = event.bytes.indexOf(0, at);
  const text = event.bytes.toString("latin1", at, end < 0 || end > at + length ? at + length : end);
  return text === "(NULL)" ? "<NA>" : text;
}

function absolutePath(event: KernelEvent, part: Part, context: ParameterContext): string {
  const { thread } = event;
  const path = textOf(event, part);
  if (thread === undefined || path === "<NA>" || path === "" || path.startsWith("/")) return "";
  return cleaned(joinPaths(baseDirectory(event, part.parameter), path), context);
}

function baseDirectory(event: KernelEvent, { type, directory }: KernelParameter): string {
  const cwd = event.thread?.cwd ?? "";
  if (type !== "FSRELPATH" || directory === undefined) return cwd;
  const fd = event.signed(directory, workingDirectory);
  if (fd === workingDirectory) return cwd;
  const name = event.thread?.descriptors.get(fd)?.name ?? "";
  return name === "" || name.endsWith("/") ? name : `${name}/`;
}

function descriptorMeaning(event: KernelEvent, fd: number, context: ParameterContext): string {
  if (event.thread === undefined) return "";
  if (fd === workingDirectory) return "AT_FDCWD";
  if (fd < 0) return errnoName(fd);
  const descriptor = event.thread.descriptors.get(fd);
  if (descriptor === undefined) return "";
  const isInternet = descriptor.type >= 3 && descriptor.type <= 6;
  const protocol = isInternet ? (["", "", "t", "u", "i", "r"][descriptor.shownProtocol] ?? "") : "";
  return `<${descriptorTypeCharacter(descriptor.type)}${protocol}>${cleaned(descriptor.name, context)}`;
}

function descriptorList({ thread, bytes }: KernelEvent, { at, length }: Part): string | undefined {
  if (thread === undefined) return undefined;
  const count = length < 2 ? 0 : Math.min(bytes.readUInt16LE(at), Math.floor((length - 2) / 10));
  let text = "";
  for (let next = 0; next < count; next++) {
    const entry = at + 2 + next * 10;
    const fd = int64(bytes, entry);
    const descriptor = thread.descriptors.get(fd);
    const events = bytes.readInt16LE(entry + 8) >>> 0;
    const type = descriptor ? descriptorTypeCharacter(descriptor.type) : "?";
    text += `${next === 0 ? "" : " "}${fd}:${type}${events.toString(16)}`;
  }
  return text;
}

function systemCall(code: number): string | undefined {
  return code === 0 ? "unknown" : syscallNames[code];
}

function errnoName(result: number): string {
  return errnoNames[`${-result}`] ?? "";
}

function signalSet(bits: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const name = bits & (1 << bit) ? signalNames[`${bit + 1}`] : undefined;
    if (name !== undefined) names.push(name);
  }
  return names.join(" ");
}

function ownerName(event: KernelEvent, { type, at }: { type: string; at: number }, context: ParameterContext): string {
  const { state, thread, bytes } = event;
  const id = bytes.readUInt32LE(at);
  if (id === 0xffff_ffff) return "<NONE>";
  if (thread === undefined) return "<NA>";
  const owner = type === "UID" ? state.user(id, thread.container?.id) : state.group(id, thread.container?.id);
  // Root is root everywhere, even when the users of the container are unknown.
  return owner?.name || (id === 0 && !context.cleansText ? "root" : "<NA>");
}

function cleaned(text: string, context: ParameterContext): string {
  return context.cleansText ? withoutControls(text) : text;
}

function isPrintable(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}
