import type { KernelDescriptor } from "../../model/events/kernel-event.ts";
import { Descriptor, descriptorFlags, descriptorTypes, protocols, SocketEnds } from "./descriptor.ts";
import { DescriptorTable } from "./descriptor-table.ts";
import type { KernelState } from "./kernel-state.ts";
import { endText, isMappedIpv4 } from "./socket-text.ts";
import type { Thread } from "./thread.ts";

const { ipv4Socket, ipv6Socket, ipv4ServerSocket, ipv6ServerSocket, unixSocket } = descriptorTypes;

/** Remembers the port of a listening socket: connections to it are those of a server. */
export function noteServerPort(state: KernelState, { type, source }: KernelDescriptor): void {
  const isListening = type === ipv4ServerSocket || type === ipv6ServerSocket;
  if (isListening && source !== undefined) state.serverPorts.add(source.port);
}

/**
 * Puts a descriptor of a list into the thread's own table, also when the thread shares that of its process; `undefined`
 * when there is no room. A connection is to be settled with {@link settleConnection}.
 */
export function addListedDescriptor(
  state: KernelState,
  thread: Thread,
  listed: KernelDescriptor,
): Descriptor | undefined {
  thread.ownDescriptors ??= new DescriptorTable();
  const table = thread.ownDescriptors;
  if (!table.has(listed.fd)) {
    if (!state.hasRoomFor(1)) return undefined;
    state.threadTable.descriptorCount++;
  }
  const descriptor = descriptorOf(state, listed);
  table.set(listed.fd, descriptor);
  return descriptor;
}

/** Whether it is a socket with two ends. */
export function isConnection({ type }: Descriptor): boolean {
  return type === ipv4Socket || type === ipv6Socket;
}

/** Says of a connection of a list which side is the server, by the ports that are known, and names it. */
export function settleConnection(state: KernelState, descriptor: Descriptor): void {
  const { ends } = descriptor;
  if (ends === undefined) return;
  if (descriptor.type === ipv4Socket) {
    state.interfaces.complete(descriptor, ends);
    const isServer = state.serverPorts.has(ends.sourcePort);
    descriptor.flags |= isServer ? descriptorFlags.serverRole : descriptorFlags.clientRole;
    if (isServer) {
      [ends.sourceAddress, ends.destinationAddress] = [ends.destinationAddress, ends.sourceAddress];
      [ends.sourcePort, ends.destinationPort] = [ends.destinationPort, ends.sourcePort];
    }
  }
  const source = endText(ends.sourceAddress, ends.sourcePort);
  descriptor.name = state.texts.share(`${source}->${endText(ends.destinationAddress, ends.destinationPort)}`);
}

function descriptorOf(state: KernelState, listed: KernelDescriptor): Descriptor {
  const descriptor = new Descriptor();
  descriptor.type = listed.type;
  descriptor.inodeLow = Number(BigInt.asIntN(32, listed.inode));
  descriptor.inodeHigh = Number(BigInt.asIntN(32, listed.inode >> 32n));
  descriptor.name = state.texts.share(listed.name ?? "");
  descriptor.openFlags = listed.openFlags ?? 0;
  descriptor.device = listed.device ?? 0;
  switch (listed.type) {
    case ipv4Socket:
    case ipv6Socket:
    case ipv4ServerSocket:
    case ipv6ServerSocket:
      restoreSocket(state, descriptor, listed);
      break;
    case unixSocket: {
      const ends = new SocketEnds();
      ends.unixSource = listed.unixSource ?? 0n;
      ends.unixDestination = listed.unixDestination ?? 0n;
      descriptor.ends = ends;
      descriptor.flags = descriptor.name === "" ? descriptorFlags.clientRole : descriptorFlags.serverRole;
      break;
    }
    default:
  }
  return descriptor;
}

function restoreSocket(state: KernelState, descriptor: Descriptor, listed: KernelDescriptor): void {
  const ends = new SocketEnds();
  descriptor.ends = ends;
  descriptor.protocol = listed.protocol ?? protocols.unknown;
  ends.sourceAddress = state.texts.share(listed.source?.address ?? "");
  ends.sourcePort = listed.source?.port ?? 0;
  if (listed.type === ipv4ServerSocket || listed.type === ipv6ServerSocket) {
    descriptor.name = endText(ends.sourceAddress, ends.sourcePort);
    return;
  }
  ends.destinationAddress = state.texts.share(listed.destination?.address ?? "");
  ends.destinationPort = listed.destination?.port ?? 0;
  if (descriptor.protocol === protocols.tcp) descriptor.flags |= descriptorFlags.connected;
  if (listed.type === ipv6Socket && isMappedIpv4(ends.sourceAddress) && isMappedIpv4(ends.destinationAddress)) {
    descriptor.type = ipv4Socket;
    ends.sourceAddress = ends.sourceAddress.slice(12);
    ends.destinationAddress = ends.destinationAddress.slice(12);
  }
}
