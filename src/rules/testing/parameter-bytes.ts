import {
  errnoNames,
  type KernelParameter,
  kernelFlagSets,
  signalNames,
} from "../../model/events/kernel-event-table.ts";
import type { TestValue } from "./rule-test.ts";
import { readSocketText, socketAddressBytes, socketTupleBytes } from "./socket-bytes.ts";

const errors = new Map(Object.entries(errnoNames).map(([number, name]) => [name, Number(number)]));
const signals = new Map(Object.entries(signalNames).map(([number, name]) => [name, Number(number)]));
/** Linux: the directory descriptor that stands for the working directory. */
const workingDirectory = -100;

// Numbers that people write as names, in parameters for which the event table has no names.
const plainNames: ReadonlyMap<string, number> = new Map([
  ["AT_FDCWD", workingDirectory],
  ["SOCK_STREAM", 1],
  ["SOCK_DGRAM", 2],
  ["SOCK_RAW", 3],
  ["SOCK_SEQPACKET", 5],
  ["icmp", 1],
  ["tcp", 6],
  ["udp", 17],
]);

const sizes: Readonly<Record<string, number>> = {
  INT8: 1,
  UINT8: 1,
  FLAGS8: 1,
  ENUMFLAGS8: 1,
  SIGTYPE: 1,
  L4PROTO: 1,
  SOCKFAMILY: 1,
  INT16: 2,
  UINT16: 2,
  FLAGS16: 2,
  ENUMFLAGS16: 2,
  PORT: 2,
  SYSCALLID: 2,
  INT32: 4,
  UINT32: 4,
  FLAGS32: 4,
  ENUMFLAGS32: 4,
  MODE: 4,
  UID: 4,
  GID: 4,
  BOOL: 4,
  SIGSET: 4,
  INT64: 8,
  UINT64: 8,
  FD: 8,
  PID: 8,
  ERRNO: 8,
  RELTIME: 8,
  ABSTIME: 8,
};

/**
 * The bytes of a parameter as the kernel side writes them. Flags are names (`O_RDONLY|O_CREAT`, or a list), errors are
 * names (`EACCES` where a result or a descriptor is expected), addresses as {@link readSocketText} reads them, lists of
 * texts are each ended by a zero byte. `undefined` for a value that does not fit the parameter.
 */
export function parameterBytes(parameter: KernelParameter, value: TestValue): Buffer | undefined {
  switch (parameter.type) {
    case "CHARBUF":
    case "FSPATH":
    case "FSRELPATH":
      return Array.isArray(value) ? undefined : Buffer.from(`${value}\0`, "utf8");
    case "BYTEBUF":
      return Array.isArray(value) ? textListBytes(value.map(String)) : Buffer.from(String(value), "utf8");
    case "SOCKADDR":
    case "SOCKTUPLE": {
      const socket = typeof value === "string" ? readSocketText(value) : undefined;
      if (socket === undefined) return undefined;
      return parameter.type === "SOCKADDR" ? socketAddressBytes(socket) : socketTupleBytes(socket);
    }
    default: {
      const size = sizes[parameter.type];
      const number = size === undefined ? undefined : numberOf(parameter, value);
      return size === undefined || number === undefined ? undefined : integerBytes(number, size);
    }
  }
}

/** What a parameter has when a test does not name it: success, no flags, no text. */
export function absentParameterBytes(parameter: KernelParameter): Buffer {
  const size = sizes[parameter.type];
  if (size === undefined) return Buffer.alloc(0);
  return integerBytes(parameter.type === "FD" && /dir/.test(parameter.name) ? workingDirectory : 0, size);
}

/** Texts, each ended by a zero byte: arguments, environments, control groups. */
export function textListBytes(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\0`).join(""), "utf8");
}

/** An integer, little-endian, in two's complement. Above 2^53 as the sum of its flags, which numbers hold exactly. */
export function integerBytes(value: number | bigint, size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return bytes.subarray(0, size);
}

function numberOf(parameter: KernelParameter, value: TestValue): number | undefined {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  const words = typeof value === "string" ? value.split("|") : value;
  let sum = 0;
  for (const word of words) {
    const part = typeof word === "number" ? word : wordNumber(parameter, word.trim());
    if (part === undefined) return undefined;
    // Flags may overlap (O_RDWR is O_RDONLY and O_WRONLY), and the bits go past 31.
    sum = words.length === 1 ? part : Number(BigInt(sum) | BigInt(part));
  }
  return sum;
}

function wordNumber({ name, type, set, format }: KernelParameter, word: string): number | undefined {
  const named = set === undefined ? undefined : kernelFlagSets[set]?.find(([flag]) => flag === word)?.[1];
  if (named !== undefined) return named;
  if (name === "res" || type === "FD" || type === "ERRNO" || type === "PID") {
    const error = errors.get(word);
    if (error !== undefined) return -error;
  }
  if (type === "SIGTYPE" && signals.has(word)) return signals.get(word);
  if (plainNames.has(word)) return plainNames.get(word);
  if (/^0[0-7]+$/.test(word) && (type === "MODE" || format === "OCT")) return Number.parseInt(word, 8);
  const isNumber = /^(?:-?[0-9]{1,15}|0x[0-9a-fA-F]{1,12}|0o[0-7]{1,16})$/.test(word);
  return isNumber ? Number(word) : undefined;
}
