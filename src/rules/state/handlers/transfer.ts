import { descriptorFlags, descriptorTypes, protocols } from "../descriptor.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import type { KernelEvent } from "../kernel-event.ts";
import type { KernelState } from "../kernel-state.ts";
import { has, resultOf } from "../parameter-values.ts";
import { SocketChange } from "../socket-change.ts";
import { families, packedTuple, packedTupleText } from "../socket-parameters.ts";
import { newSocket } from "./socket.ts";

const { ipv4Socket, ipv6Socket } = descriptorTypes;
const datagramType = 2;
const udpProtocol = 17;

/** A read (`isIncoming`) or a write; datagrams tell both ends in parameter `tuple` (-1 none). */
function transfer(isIncoming: boolean, tuple: number): StateHandler {
  return (state, event) => {
    const { descriptor } = event;
    if (descriptor === undefined) return;
    const isNetwork = descriptor.type === ipv4Socket || descriptor.type === ipv6Socket;
    if (!isNetwork && tuple < 0) return;
    const result = resultOf(event);
    if (result < 0) return;
    if (isNetwork) state.replace(event, descriptor.connected());
    if (tuple >= 0) takeEnds(state, event, { isIncoming, tuple });
  };
}

function takeEnds(
  state: KernelState,
  event: KernelEvent,
  { isIncoming, tuple: parameter }: { isIncoming: boolean; tuple: number },
): void {
  const { descriptor: before, thread } = event;
  if (before === undefined || thread === undefined || !has(event, parameter)) return;
  if (before.name !== "" && before.type === ipv4Socket && before.protocol === protocols.tcp) return;
  const tuple = packedTuple(event, parameter);
  if (tuple === undefined) return;
  const change = new SocketChange(before);
  const { descriptor } = change;
  const isChanged = change.transfer(tuple, state.interfaces);
  if (isChanged) {
    if (descriptor.type === ipv4Socket || descriptor.type === ipv6Socket) {
      change.guessRole(thread, isIncoming);
      const swaps = isIncoming ? descriptorFlags.clientRole : descriptorFlags.serverRole;
      if ((descriptor.flags & swaps) !== 0) change.swap();
      change.nameByEnds();
    } else descriptor.name = packedTupleText(tuple);
  }
  if (isChanged || descriptor.type !== before.type) state.replace(event, descriptor);
}

/** A send on an unknown descriptor: most likely a datagram socket that was there before. */
function send(tuple: number, fd: number): StateHandler {
  const then = transfer(false, tuple);
  return (state, event) => {
    if (event.descriptor === undefined && state.isHead && resultOf(event) >= 0) infer(state, event, { tuple, fd });
    then(state, event);
  };
}

/** The older library infers from the enter event of sendto, and only from that. */
const startSendTo: StateHandler = (state, event) => {
  if (event.descriptor === undefined) infer(state, event, { tuple: 2, fd: 0 });
};

function infer(state: KernelState, event: KernelEvent, { tuple, fd }: { tuple: number; fd: number }): void {
  const number = event.signed(fd, -1);
  if (event.thread === undefined || number < 0 || !has(event, tuple)) return;
  const family = event.bytes[event.offset(tuple)] as number;
  if (family !== families.inet && family !== families.inet6) return;
  state.open(event, number, newSocket(family, datagramType, udpProtocol));
}

/** The calls of `recvmmsg` and `sendmmsg` in old captures have no parameters at all. */
const read = transfer(true, -1);
const write = transfer(false, -1);

/** Calls that read and write. */
export const transferHandlers: StateHandlers = {
  SYSCALL_READ_X: read,
  SYSCALL_READV_X: read,
  SYSCALL_PREAD_X: read,
  SYSCALL_PREADV_X: read,
  SOCKET_RECV_X: transfer(true, 4),
  SOCKET_RECVFROM_X: transfer(true, 2),
  SOCKET_RECVMSG_X: transfer(true, 3),
  SOCKET_RECVMMSG_X: transfer(true, 4),
  SYSCALL_WRITE_X: write,
  SYSCALL_WRITEV_X: write,
  SYSCALL_PWRITE_X: write,
  SYSCALL_PWRITEV_X: write,
  SOCKET_SEND_X: send(4, 2),
  SOCKET_SENDTO_E: startSendTo,
  SOCKET_SENDTO_X: send(4, 2),
  SOCKET_SENDMSG_X: send(4, 2),
  SOCKET_SENDMMSG_X: transfer(false, 4),
};
