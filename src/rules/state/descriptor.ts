import type { ByteString } from "../../model/events/kernel-event.ts";

/** `SCAP_FD_*` of falcosecurity/libs: what an open descriptor is of. */
export const descriptorTypes = {
  unknown: 0,
  file: 1,
  directory: 2,
  ipv4Socket: 3,
  ipv6Socket: 4,
  ipv4ServerSocket: 5,
  ipv6ServerSocket: 6,
  fifo: 7,
  unixSocket: 8,
  event: 9,
  unsupported: 10,
  signal: 11,
  eventPoll: 12,
  inotify: 13,
  timer: 14,
  netlink: 15,
  openedFile: 16,
  bpf: 17,
  userfault: 18,
  ioUring: 19,
  memory: 20,
  process: 21,
} as const;

/** The layer 4 protocols of {@link Descriptor.protocol}. */
export const protocols = { unknown: 0, none: 1, tcp: 2, udp: 3, icmp: 4, raw: 5 } as const;

/** The bits of {@link Descriptor.flags}. */
export const descriptorFlags = {
  clientRole: 1,
  serverRole: 2,
  connected: 4,
  overlayUpper: 64,
  overlayLower: 128,
} as const;

const anyRole = descriptorFlags.clientRole | descriptorFlags.serverRole;

/** `PPM_O_CLOEXEC`. */
export const closeOnExec = 4096;
/** What says the same in the flags of an epoll and of a memory descriptor. */
export const closeSpecialOnExec = 1;

/** The two ends of a socket. Only sockets have one, so that the many descriptors of files stay small. */
export class SocketEnds {
  sourceAddress: ByteString = "";
  destinationAddress: ByteString = "";
  sourcePort = 0;
  destinationPort = 0;
  /** The kernel's addresses of both ends of a Unix socket. */
  unixSource = 0n;
  unixDestination = 0n;

  copy(): SocketEnds {
    const copy = new SocketEnds();
    copy.sourceAddress = this.sourceAddress;
    copy.destinationAddress = this.destinationAddress;
    copy.sourcePort = this.sourcePort;
    copy.destinationPort = this.destinationPort;
    copy.unixSource = this.unixSource;
    copy.unixDestination = this.unixDestination;
    return copy;
  }
}

/**
 * An open file descriptor as the state knows it. Tables of parents and children and duplicated numbers share the
 * object, so it is not changed once it stands in a table: a change puts a copy into its place.
 */
export class Descriptor {
  /** Type, flags and protocol, eight bits each: a machine may have a million of these objects. */
  #bits = 0;
  /** What `fd.name` prints: a path, or the addresses of a socket. */
  name: ByteString = "";
  /** The name before it was made absolute and clean (`fd.nameraw`). */
  rawName: ByteString = "";
  /** `PPM_O_*`. */
  openFlags = 0;
  device = 0;
  /** The halves of the inode's number, as signed integers. */
  inodeLow = 0;
  inodeHigh = 0;
  /** For a pidfd, the process id that it is about. */
  subject = 0;
  ends: SocketEnds | undefined;

  /** A member of {@link descriptorTypes}. */
  get type(): number {
    return this.#bits & 0xff;
  }

  set type(type: number) {
    this.#bits = (this.#bits & ~0xff) | (type & 0xff);
  }

  /** Other state: whether it is a client or a server, connected, … See {@link descriptorFlags}. */
  get flags(): number {
    return (this.#bits >> 8) & 0xff;
  }

  set flags(flags: number) {
    this.#bits = (this.#bits & ~0xff00) | ((flags & 0xff) << 8);
  }

  /** 0 unknown, 1 none, 2 TCP, 3 UDP, 4 ICMP, 5 raw: what the socket was made with; see also {@link shownProtocol}. */
  get protocol(): number {
    return this.#bits >> 16;
  }

  set protocol(protocol: number) {
    this.#bits = (this.#bits & 0xffff) | ((protocol & 0xff) << 16);
  }

  get inode(): bigint {
    return (BigInt(this.inodeHigh >>> 0) << 32n) | BigInt(this.inodeLow >>> 0);
  }

  /** For sockets, addresses of 4 or 16 bytes; a listening socket has the local side as its source. Empty for others. */
  get sourceAddress(): ByteString {
    return this.ends === undefined ? "" : this.ends.sourceAddress;
  }

  get sourcePort(): number {
    return this.ends === undefined ? 0 : this.ends.sourcePort;
  }

  get destinationAddress(): ByteString {
    return this.ends === undefined ? "" : this.ends.destinationAddress;
  }

  get destinationPort(): number {
    return this.ends === undefined ? 0 : this.ends.destinationPort;
  }

  /** It is not known yet whether it is a client or a server. */
  get hasNoRole(): boolean {
    return (this.flags & anyRole) === 0;
  }

  /** The protocol as fields print it: a socket whose role is not known does not have one, unless it is raw. */
  get shownProtocol(): number {
    switch (this.type) {
      case descriptorTypes.ipv4Socket:
      case descriptorTypes.ipv6Socket:
        return this.protocol !== protocols.raw && this.hasNoRole ? protocols.none : this.protocol;
      case descriptorTypes.ipv4ServerSocket:
      case descriptorTypes.ipv6ServerSocket:
        return this.protocol;
      default:
        return protocols.none;
    }
  }

  get closesOnExec(): boolean {
    return (this.openFlags & (this.#isSpecial ? closeOnExec | closeSpecialOnExec : closeOnExec)) !== 0;
  }

  get #isSpecial(): boolean {
    return this.type === descriptorTypes.eventPoll || this.type === descriptorTypes.memory;
  }

  /** A copy that may be changed until it is put into a table. */
  copy(): Descriptor {
    const copy = new Descriptor();
    copy.#bits = this.#bits;
    copy.name = this.name;
    copy.rawName = this.rawName;
    copy.openFlags = this.openFlags;
    copy.device = this.device;
    copy.inodeLow = this.inodeLow;
    copy.inodeHigh = this.inodeHigh;
    copy.subject = this.subject;
    copy.ends = this.ends === undefined ? undefined : this.ends.copy();
    return copy;
  }

  /** What a duplicate of it is, where only `closes` says whether it lives over an exec. */
  duplicate(closes: boolean): Descriptor {
    const cleared = this.#isSpecial ? closeOnExec | closeSpecialOnExec : closeOnExec;
    const openFlags = (this.openFlags & ~cleared) | (closes ? closeOnExec : 0);
    if (openFlags === this.openFlags) return this;
    const copy = this.copy();
    copy.openFlags = openFlags;
    return copy;
  }

  /** It as the end of a connection. */
  connected(): Descriptor {
    if ((this.flags & descriptorFlags.connected) !== 0) return this;
    const copy = this.copy();
    copy.flags |= descriptorFlags.connected;
    return copy;
  }
}
