import { ConditionError } from "./condition.ts";
import type { FieldType, FieldValue } from "./field.ts";
import { parseIpv4, parseIpv6 } from "./ip-address.ts";
import { servicePort } from "./service-ports.ts";

/** A network as a value of a condition. */
export interface Network {
  /** 4 or 16 bytes. */
  readonly address: string;
  readonly prefix: number;
}

// Room for a value, with its terminator.
const valueRoom = 256;

const signedWidths: Partial<Record<FieldType, number>> = {
  INT8: 8,
  INT16: 16,
  INT32: 32,
  INT64: 64,
  FD: 64,
  ERRNO: 64,
  PID: 64,
};

const unsignedWidths: Partial<Record<FieldType, number>> = {
  L4PROTO: 8,
  FLAGS8: 8,
  UINT8: 8,
  ENUMFLAGS8: 8,
  SIGTYPE: 8,
  FLAGS16: 16,
  UINT16: 16,
  ENUMFLAGS16: 16,
  SYSCALLID: 16,
  FLAGS32: 32,
  UINT32: 32,
  MODE: 32,
  ENUMFLAGS32: 32,
  UID: 32,
  GID: 32,
  UINT64: 64,
  RELTIME: 64,
  ABSTIME: 64,
};

/**
 * A value of a condition (a byte string) as a value of the type of the field it is compared with, as libsinsp reads it:
 * numbers wrap to the width of the type, ports may be names of services. A `ConditionError` when it is none. Networks:
 * {@link parseNetwork}.
 */
export function parseValue(text: string, type: FieldType): FieldValue {
  checkText(text, type);
  const signed = signedWidths[type];
  if (signed !== undefined) return plain(BigInt.asIntN(signed, parseSigned(text)));
  const unsigned = unsignedWidths[type];
  if (unsigned !== undefined) return plain(BigInt.asUintN(unsigned, parseUnsigned(text)));
  switch (type) {
    case "PORT":
      return parsePort(text);
    case "BOOL":
      if (text === "true" || text === "false") return text === "true";
      throw new ConditionError(`filter error: unrecognized boolean value ${text}`);
    case "DOUBLE":
      return plain(BigInt.asIntN(32, parseSigned(text)));
    case "IPADDR":
      return parseAddress(text, text.includes(".") ? 4 : 6);
    case "IPV4ADDR":
      return parseAddress(text, 4);
    case "IPV6ADDR":
      return parseAddress(text, 6);
    default:
      return text;
  }
}

/** A network in CIDR form; a `ConditionError` when it is none, or not of the family that the type has. */
export function parseNetwork(text: string, type: FieldType): Network {
  checkText(text, type);
  const slash = text.indexOf("/");
  const [host, mask] = [text.slice(0, slash === -1 ? undefined : slash), text.slice(slash + 1)];
  if (type === "IPV4NET" || (type === "IPNET" && text.includes("."))) {
    if (slash === -1) throw new ConditionError(`unrecognized IP network ${text}`);
    const address = parseIpv4(host);
    if (address === undefined) throw new ConditionError(`unrecognized IP address ${text}`);
    const prefix = parseMask(mask);
    if (prefix > 32) throw new ConditionError(`invalid netmask ${mask}`);
    return { address, prefix };
  }
  if (slash === -1) throw new ConditionError(`invalid v6 netmask: ${text}`);
  const address = parseIpv6(host);
  if (address === undefined) throw new ConditionError(`unrecognized IPv6 address ${text}`);
  const prefix = parseMask(mask);
  if (prefix === 0 || prefix > 128) throw new ConditionError(`invalid v6 netmask ${mask}`);
  return { address, prefix };
}

/** The bytes of a value in hexadecimal (`bcontains`); `undefined` when it is none. */
export function parseHex(text: string): string | undefined {
  return /^(?:[0-9a-fA-F]{2})*$/.test(text) ? Buffer.from(text, "hex").toString("latin1") : undefined;
}

/** An unsigned number of 64 bits as a condition has it; `undefined` when it is none. */
export function parseUnsigned64(text: string): bigint | undefined {
  return isNumber(text) ? BigInt.asUintN(64, parseUnsigned(text)) : undefined;
}

function checkText(text: string, type: FieldType): void {
  if (type === "BYTEBUF") {
    if (text.length >= valueRoom) throw new ConditionError("filter parameter too long (byte buf)");
    return;
  }
  if (text.includes("\0")) throw new ConditionError("filter error: filter value cannot contain a NUL byte (\\x00)");
  if (text.length >= valueRoom) {
    throw new ConditionError(`filter parameter too long (used=${text.length + 1}, available=${valueRoom}):${text}`);
  }
}

function isNumber(text: string): boolean {
  return /^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(text);
}

// As strtoll: what does not fit is the nearest that does.
function parseSigned(text: string): bigint {
  const value = integerOf(text);
  const limit = 1n << 63n;
  if (value >= limit) return limit - 1n;
  return value < -limit ? -limit : value;
}

// As strtoull: a minus sign negates the unsigned number.
function parseUnsigned(text: string): bigint {
  const value = integerOf(text);
  const limit = 1n << 64n;
  return value >= limit || value <= -limit ? limit - 1n : BigInt.asUintN(64, value);
}

function integerOf(text: string): bigint {
  if (!isNumber(text)) throw new ConditionError(`${text} is not a valid number`);
  const trimmed = text.trim();
  return trimmed.startsWith("-") ? -BigInt(trimmed.slice(1)) : BigInt(trimmed.replace("+", ""));
}

function plain(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function parsePort(text: string): number {
  if (/^[0-9]*$/.test(text)) {
    const port = Number(text);
    if (port > 0x7fff_ffff) throw new ConditionError("stoi");
    return port & 0xffff;
  }
  const port = servicePort(text);
  if (port === undefined) throw new ConditionError(`unrecognized protocol ${text}`);
  return port;
}

function parseAddress(text: string, version: 4 | 6): string {
  const address = version === 4 ? parseIpv4(text) : parseIpv6(text);
  if (address === undefined) throw new ConditionError(`unrecognized IPv${version} address ${text}`);
  return address;
}

function parseMask(text: string): number {
  return Number(BigInt.asUintN(8, parseUnsigned(text)));
}
