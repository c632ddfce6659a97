import type { ByteString } from "../../model/kernel-event.ts";

/** An open file descriptor as the state knows it. Threads of a process share the object. */
export class Descriptor {
  /** `SCAP_FD_*` in the numbers of falcosecurity/libs. */
  type = 0;
  /** What `fd.name` prints: a path, or the addresses of a socket. */
  name: ByteString = "";
  /** The name before it was made absolute and clean (`fd.nameraw`). */
  rawName: ByteString = "";
  /** `PPM_O_*`. */
  openFlags = 0;
  /** Other state: whether it is a client or a server, connected, cloned, … See {@link descriptorFlags}. */
  flags = 0;
  device = 0;
  inode = 0n;
  mountId = 0;
  /** Of a memfd, a pidfd and their like: what they are about. */
  subject = 0;
  /** Of sockets, addresses of 4 or 16 bytes; a listening socket has the local side as its source. */
  sourceAddress: ByteString = "";
  sourcePort = 0;
  destinationAddress: ByteString = "";
  destinationPort = 0;
  /** 0 unknown, 1 none, 2 TCP, 3 UDP, 4 ICMP, 5 raw. */
  protocol = 0;
}

export const descriptorFlags = {
  clientRole: 1,
  serverRole: 2,
  connected: 4,
  pendingConnect: 8,
  failedConnect: 16,
  nameChanged: 32,
  overlayUpper: 64,
  overlayLower: 128,
  cloned: 256,
} as const;
