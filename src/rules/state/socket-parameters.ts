import type { ByteString } from "../../model/events/kernel-event.ts";
import type { KernelEvent } from "./kernel-event.ts";
import { bytesOf } from "./parameter-values.ts";
import { addressText, endText, isMappedIpv4 } from "./socket-text.ts";

/** The address families of sockets that are distinguished. */
export const families = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;

/** One end of a socket, as events pack it: `family(1) address(4|16) port(2)`, or `family(1) path`. */
export interface PackedAddress {
  readonly family: number;
  readonly address: ByteString;
  readonly port: number;
  /** Path of a Unix socket. */
  readonly path: ByteString;
}

/**
 * Both ends, as events pack them: `family(1) source port destination port`, or
 * `family(1) source(8) destination(8) path`.
 */
export interface PackedTuple {
  readonly family: number;
  readonly sourceAddress: ByteString;
  readonly sourcePort: number;
  readonly destinationAddress: ByteString;
  readonly destinationPort: number;
  /** For a Unix socket: the kernel's addresses of both ends. */
  readonly unixSource: bigint;
  readonly unixDestination: bigint;
  readonly path: ByteString;
}

const noTuple: PackedTuple = {
  family: 0,
  sourceAddress: "",
  sourcePort: 0,
  destinationAddress: "",
  destinationPort: 0,
  unixSource: 0n,
  unixDestination: 0n,
  path: "",
};

/** The address that a parameter's bytes hold; `undefined` when there is none, or it is cut off. */
export function packedAddress(bytes: ByteString): PackedAddress | undefined {
  if (bytes === "") return undefined;
  const family = bytes.charCodeAt(0);
  const size = family === families.inet ? 4 : family === families.inet6 ? 16 : 0;
  if (size > 0) {
    if (bytes.length < size + 3) return undefined;
    return { family, address: bytes.slice(1, size + 1), port: portAt(bytes, size + 1), path: "" };
  }
  if (family !== families.unix) return { family, address: "", port: 0, path: "" };
  if (bytes.length < 2 || !bytes.endsWith("\0")) return undefined;
  return { family, address: "", port: 0, path: bytes.slice(1, bytes.indexOf("\0", 1)) };
}

/** The two ends that a parameter holds; `undefined` when there are none, or they are cut off. */
export function packedTuple(event: KernelEvent, parameter: number): PackedTuple | undefined {
  const bytes = bytesOf(event, parameter);
  if (bytes === "") return undefined;
  const family = bytes.charCodeAt(0);
  const size = family === families.inet ? 4 : family === families.inet6 ? 16 : 0;
  if (size > 0) {
    if (bytes.length < 2 * size + 5) return undefined;
    return {
      family,
      sourceAddress: bytes.slice(1, size + 1),
      sourcePort: portAt(bytes, size + 1),
      destinationAddress: bytes.slice(size + 3, 2 * size + 3),
      destinationPort: portAt(bytes, 2 * size + 3),
      unixSource: 0n,
      unixDestination: 0n,
      path: "",
    };
  }
  if (family !== families.unix) return { ...noTuple, family };
  if (bytes.length < 18 || !bytes.endsWith("\0")) return undefined;
  const at = event.offset(parameter);
  return {
    ...noTuple,
    family,
    unixSource: event.bytes.readBigUInt64LE(at + 1),
    unixDestination: event.bytes.readBigUInt64LE(at + 9),
    path: bytes.slice(17, bytes.indexOf("\0", 17)),
  };
}

/** As `evt.args` prints it. */
export function packedAddressText({ family, address, port, path }: PackedAddress): ByteString {
  if (family === families.unix) return path;
  return address === "" ? `family ${family}` : endText(address, port);
}

/** As `evt.args` prints it. */
export function packedTupleText(tuple: PackedTuple): ByteString {
  const { family, sourceAddress, sourcePort, destinationAddress, destinationPort } = tuple;
  if (family === families.unix) {
    return `${tuple.unixSource.toString(16)}->${tuple.unixDestination.toString(16)} ${tuple.path}`;
  }
  if (sourceAddress === "") return `family ${family}`;
  if (isMappedIpv4(sourceAddress) && isMappedIpv4(destinationAddress)) {
    return `${endText(sourceAddress.slice(12), sourcePort)}->${endText(destinationAddress.slice(12), destinationPort)}`;
  }
  return `${addressText(sourceAddress)}:${sourcePort}->${addressText(destinationAddress)}:${destinationPort}`;
}

function portAt(bytes: ByteString, at: number): number {
  return bytes.charCodeAt(at) | (bytes.charCodeAt(at + 1) << 8);
}
