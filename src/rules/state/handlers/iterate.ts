import type { ByteString, KernelDescriptor } from "../../../model/events/kernel-event.ts";
import { descriptorTypes, protocols } from "../descriptor.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import type { KernelEvent } from "../kernel-event.ts";
import { addListedDescriptor, isConnection, noteServerPort, settleConnection } from "../listed-descriptor.ts";
import { listedThread } from "../listed-thread.ts";
import { bytesOf } from "../parameter-values.ts";
import { threadFlags } from "../thread.ts";

/** These events have the id of the process in the upper half of that of the thread. */
const halfId = 0x1_0000_0000;
/** What an anonymous inode is of, in the order of `anon_inode_fd_types`. */
const anonymousTypes: readonly number[] = [
  descriptorTypes.unsupported,
  descriptorTypes.event,
  descriptorTypes.eventPoll,
  descriptorTypes.inotify,
  descriptorTypes.signal,
  descriptorTypes.timer,
  descriptorTypes.ioUring,
  descriptorTypes.userfault,
  descriptorTypes.process,
  descriptorTypes.bpf,
  descriptorTypes.bpf,
  descriptorTypes.bpf,
  descriptorTypes.bpf,
];

const listThread: StateHandler = (state, event) => {
  const pid = Math.floor(event.tid / halfId);
  const tid = event.tid % halfId;
  const [exe = "", ...args] = textsOf(event, 5);
  const flags = event.unsigned(7);
  const thread = listedThread(state, {
    tid,
    pid,
    ptid: event.signed(0, -1),
    pgid: event.signed(1, -1),
    vpgid: event.signed(2, -1),
    sid: event.signed(3, -1),
    comm: (event.text(4) ?? "").slice(0, 4096),
    exe,
    args,
    exepath: event.text(6) ?? "",
    exeWritable: (flags & 1) !== 0,
    exeUpperLayer: (flags & 2) !== 0,
    exeFromMemfd: (flags & 4) !== 0,
    exeLowerLayer: (flags & 8) !== 0,
    env: textsOf(event, 8),
    cwd: event.text(9) ?? "",
    fdLimit: event.signed(10, -1),
    flags: tid === pid ? 0 : threadFlags.cloneThread | threadFlags.cloneFiles,
    uid: event.unsigned(11),
    gid: event.unsigned(12),
    capPermitted: event.unsigned64(13) ?? 0n,
    capEffective: event.unsigned64(14) ?? 0n,
    capInheritable: event.unsigned64(15) ?? 0n,
    exeInode: event.unsigned64(16) ?? 0n,
    exeInodeChangeTime: event.unsigned64(17) ?? 0n,
    exeInodeModifyTime: event.unsigned64(18) ?? 0n,
    vmSizeKb: event.unsigned(19),
    vmRssKb: event.unsigned(20),
    vmSwapKb: event.unsigned(21),
    majorFaults: event.signed(22, 0),
    minorFaults: event.signed(23, 0),
    vpid: event.signed(24, -1),
    vtid: event.signed(25, -1),
    pidNamespaceStart: event.unsigned64(26) ?? 0n,
    cgroups: textsOf(event, 27),
    root: event.text(28) ?? "",
    cloneTime: event.unsigned64(29) ?? 0n,
    tty: event.unsigned(30),
    loginUid: event.unsigned(31, 0xffff_ffff),
    descriptors: [],
  });
  thread.lastSeen = event.timeHigh;
  if (state.threadTable.addUnlinked(thread)) state.linkLater(thread);
};

function textsOf(event: KernelEvent, parameter: number): readonly ByteString[] {
  const text = bytesOf(event, parameter);
  if (text === "") return [];
  return (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
}

/** A descriptor; `inode` is the place of its number, and `describe` tells the rest. */
function list(
  inode: number,
  describe: (event: KernelEvent) => Partial<KernelDescriptor> & { type: number },
): StateHandler {
  return (state, event) => {
    const thread = state.threads.get(event.tid % halfId);
    const fd = event.signed(0, -1);
    if (thread === undefined || fd < 0) return;
    const descriptor = { fd, inode: event.unsigned64(inode) ?? 0n, ...describe(event) };
    noteServerPort(state, descriptor);
    const added = addListedDescriptor(state, thread, descriptor);
    if (added !== undefined && isConnection(added)) settleConnection(state, added);
  };
}

function named(type: number): StateHandler {
  return list(2, (event) => ({ type, name: event.text(1) ?? "" }));
}

/** A socket without a remote end listens. */
function inet(socket: number, server: number): StateHandler {
  return list(7, (event) => {
    const remote = bytesOf(event, 5);
    const ends = {
      protocol: protocolOf(event.unsigned(1), event.unsigned(2)),
      source: { address: bytesOf(event, 3), port: event.unsigned(4) },
    };
    if (/^\0*$/.test(remote)) return { ...ends, type: server };
    return { ...ends, type: socket, destination: { address: remote, port: event.unsigned(6) } };
  });
}

/** By the numbers of `socket(2)` and of the IP header. */
function protocolOf(type: number, protocol: number): number {
  if (type === 3) return protocols.raw;
  if (type === 1 && (protocol === 6 || protocol === 0)) return protocols.tcp;
  if (type !== 2) return protocols.unknown;
  if (protocol === 17 || protocol === 0) return protocols.udp;
  return protocol === 1 ? protocols.icmp : protocols.unknown;
}

/** The kernel's dump of all its threads and their files on request: a list of processes as events. */
export const iterateHandlers: StateHandlers = {
  ITER_TASK_E: listThread,
  ITER_TASK_FILE_PIPE_E: named(descriptorTypes.fifo),
  ITER_TASK_FILE_MEMFD_E: named(descriptorTypes.memory),
  ITER_TASK_FILE_DIRECTORY_E: named(descriptorTypes.directory),
  ITER_TASK_FILE_REGULAR_E: list(4, (event) => ({
    type: descriptorTypes.openedFile,
    name: event.text(1) ?? "",
    openFlags: event.unsigned(2),
  })),
  ITER_TASK_FILE_SOCKET_INET_E: inet(descriptorTypes.ipv4Socket, descriptorTypes.ipv4ServerSocket),
  ITER_TASK_FILE_SOCKET_INET6_E: inet(descriptorTypes.ipv6Socket, descriptorTypes.ipv6ServerSocket),
  ITER_TASK_FILE_SOCKET_UNIX_E: list(5, (event) => ({
    type: descriptorTypes.unixSocket,
    unixSource: event.unsigned64(3) ?? 0n,
    name: event.text(4) ?? "",
  })),
  ITER_TASK_FILE_SOCKET_NETLINK_E: list(3, () => ({ type: descriptorTypes.netlink })),
  ITER_TASK_FILE_ANON_INODE_E: list(3, (event) => {
    const type = anonymousTypes[event.unsigned(1)] ?? descriptorTypes.unsupported;
    return { type, name: type === descriptorTypes.unsupported ? (event.text(2) ?? "") : "" };
  }),
};
