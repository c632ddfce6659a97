import { isIP } from "node:net";

/** One end of a connection: an address of 4 or 16 bytes, and a port. */
export interface SocketEnd {
  readonly address: Buffer;
  readonly port: number;
}

/**
 * What a text says of a connection: one end (`1.2.3.4:80`), both (`1.2.3.4:5->6.7.8.9:80`), or a Unix socket
 * (`unix:/path`).
 */
export type SocketText =
  | { readonly family: "unix"; readonly path: string }
  | { readonly family: "ipv4" | "ipv6"; readonly source: SocketEnd | undefined; readonly destination: SocketEnd };

const families = { unix: 1, ipv4: 2, ipv6: 10 } as const;

/** Reads a socket from text; IPv6 addresses stand in brackets (`[::1]:80`). `undefined` when it is none. */
export function readSocketText(text: string): SocketText | undefined {
  if (text.startsWith("unix:")) return { family: "unix", path: text.slice("unix:".length) };
  const [first = "", second, more] = text.split("->");
  if (more !== undefined) return undefined;
  const source = second === undefined ? undefined : readEnd(first);
  const destination = readEnd(second ?? first);
  if (destination === undefined || (second !== undefined && source?.address.length !== destination.address.length)) {
    return undefined;
  }
  return { family: destination.address.length === 4 ? "ipv4" : "ipv6", source, destination };
}

/** A `SOCKADDR` parameter: one end. From a text with both ends the second is taken. */
export function socketAddressBytes(socket: SocketText): Buffer {
  const family = Buffer.of(families[socket.family]);
  if (socket.family === "unix") return Buffer.concat([family, terminated(socket.path)]);
  return Buffer.concat([family, endBytes(socket.destination)]);
}

/** A `SOCKTUPLE` parameter: both ends. A missing source is an address and a port of zeros. */
export function socketTupleBytes(socket: SocketText): Buffer {
  const family = Buffer.of(families[socket.family]);
  if (socket.family === "unix") return Buffer.concat([family, Buffer.alloc(16), terminated(socket.path)]);
  const source = socket.source ?? { address: Buffer.alloc(socket.destination.address.length), port: 0 };
  return Buffer.concat([family, endBytes(source), endBytes(socket.destination)]);
}

function endBytes({ address, port }: SocketEnd): Buffer {
  return Buffer.concat([address, Buffer.of(port & 255, port >> 8)]);
}

function terminated(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf8");
}

function readEnd(text: string): SocketEnd | undefined {
  const [, bracketed, plain, digits = ""] =
    /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):([0-9]{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535) return undefined;
  if (plain !== undefined)
    return isIP(plain) === 4 ? { address: Buffer.from(plain.split(".").map(Number)), port } : undefined;
  return bracketed !== undefined && isIP(bracketed) === 6 ? { address: ipv6Bytes(bracketed), port } : undefined;
}

function ipv6Bytes(text: string): Buffer {
  const dotted = /^(.*:)([0-9.]+)$/.exec(text);
  const [, before = "", v4 = ""] = dotted?.[2]?.includes(".") ? dotted : [];
  const [a = 0, b = 0, c = 0, d = 0] = v4.split(".").map(Number);
  const groups = v4 === "" ? text : `${before}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  const [head = "", tail] = groups.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...left, ...middle, ...right].entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  }
  return bytes;
}
