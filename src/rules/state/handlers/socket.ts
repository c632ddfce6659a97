import { kernelEventCode } from "../../../model/events/kernel-event-table.ts";
import { Descriptor, descriptorFlags, descriptorTypes, protocols, SocketEnds } from "../descriptor.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import { bytesOf, resultOf } from "../parameter-values.ts";
import { SocketChange } from "../socket-change.ts";
import { families, packedAddress, packedAddressText, packedTuple, packedTupleText } from "../socket-parameters.ts";

const acceptWithFlags = kernelEventCode("SOCKET_ACCEPT4_6_X");
const closeOnExec = 4096;

/** Types of `socket(2)`. */
const streamType = 1;
const datagramType = 2;
const rawType = 3;

/** A new socket, by the three numbers of `socket(2)`. */
export function newSocket(domain: number, type: number, protocol: number): Descriptor {
  const descriptor = new Descriptor();
  const ends = new SocketEnds();
  descriptor.ends = ends;
  if (domain === families.unix) descriptor.type = descriptorTypes.unixSocket;
  else if (domain === families.netlink) descriptor.type = descriptorTypes.netlink;
  else if (domain === families.inet || domain === families.inet6) {
    descriptor.type = domain === families.inet ? descriptorTypes.ipv4Socket : descriptorTypes.ipv6Socket;
    descriptor.protocol = protocolOf(type, protocol);
    ends.sourceAddress = "\0".repeat(domain === families.inet ? 4 : 16);
    ends.destinationAddress = ends.sourceAddress;
  }
  return descriptor;
}

/** By the numbers of the IP header; 0 leaves it to the type, whose higher bits are flags. */
function protocolOf(type: number, protocol: number): number {
  const orRaw = (named: number): number => (type === rawType ? protocols.raw : named);
  switch (protocol) {
    case 6:
      return orRaw(protocols.tcp);
    case 17:
      return orRaw(protocols.udp);
    case 1:
      return orRaw(protocols.icmp);
    case 255:
      return protocols.raw;
    case 0:
      if ((type & 0xff) === streamType) return protocols.tcp;
      return (type & 0xff) === datagramType ? protocols.udp : protocols.unknown;
    default:
      return protocols.unknown;
  }
}

const socket: StateHandler = (state, event) => {
  const fd = resultOf(event);
  if (event.thread === undefined || fd < 0) return;
  const descriptor = newSocket(event.unsigned(1), event.unsigned(2), event.unsigned(3));
  if (state.isHead) descriptor.openFlags = event.unsigned(4);
  state.open(event, fd, descriptor);
};

const bind: StateHandler = (state, event) => {
  const { descriptor } = event;
  if (descriptor === undefined || resultOf(event) < 0) return;
  const address = packedAddress(bytesOf(event, 1));
  if (address === undefined) return;
  const change = new SocketChange(descriptor);
  if (address.port > 0) change.listen(address.address, address.port);
  change.descriptor.name = packedAddressText(address);
  state.replace(event, change.descriptor);
};

const accept: StateHandler = (state, event) => {
  const { thread } = event;
  const fd = resultOf(event);
  if (thread === undefined || fd < 0) return;
  event.fd = fd;
  const tuple = packedTuple(event, 1);
  const isNetwork = tuple?.family === families.inet || tuple?.family === families.inet6;
  if (tuple === undefined || (!isNetwork && tuple.family !== families.unix)) {
    event.descriptor = thread.descriptors.get(fd);
    event.previousName = event.descriptor?.name ?? "";
    return;
  }
  const change = new SocketChange(undefined);
  const { descriptor, ends } = change;
  if (isNetwork) {
    change.setEnds(tuple, true);
    descriptor.protocol = protocols.tcp;
  } else {
    descriptor.type = descriptorTypes.unixSocket;
    ends.unixSource = tuple.unixSource;
    ends.unixDestination = tuple.unixDestination;
  }
  descriptor.name = packedTupleText(tuple);
  descriptor.flags = descriptorFlags.serverRole | descriptorFlags.connected;
  if (state.isHead && event.code === acceptWithFlags) descriptor.openFlags = event.unsigned(5) & closeOnExec;
  state.open(event, fd, descriptor);
};

/** Calls that make sockets, except for connect. */
export const socketHandlers: StateHandlers = {
  SOCKET_SOCKET_X: socket,
  SOCKET_BIND_X: bind,
  SOCKET_ACCEPT_X: accept,
  SOCKET_ACCEPT_5_X: accept,
  SOCKET_ACCEPT4_X: accept,
  SOCKET_ACCEPT4_5_X: accept,
  SOCKET_ACCEPT4_6_X: accept,
};
