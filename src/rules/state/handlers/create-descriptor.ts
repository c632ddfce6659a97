import { closeOnExec, closeSpecialOnExec, Descriptor, descriptorTypes, SocketEnds } from "../descriptor.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import { pathOf, resultOf } from "../parameter-values.ts";

/** A call whose result is a descriptor without a name; its flags stand in parameter `flags`, if anywhere. */
function plain(type: number, flags = -1): StateHandler {
  return (state, event) => {
    const fd = resultOf(event);
    if (event.thread === undefined || fd < 0) return;
    const descriptor = new Descriptor();
    descriptor.type = type;
    if (flags >= 0) descriptor.openFlags = event.unsigned(flags);
    state.open(event, fd, descriptor);
  };
}

const createEventPoll: StateHandler = (state, event) => {
  const fd = resultOf(event);
  if (event.thread === undefined || fd < 0) return;
  const descriptor = new Descriptor();
  descriptor.type = descriptorTypes.eventPoll;
  if ((event.unsigned(1) & closeSpecialOnExec) !== 0) descriptor.openFlags = closeOnExec;
  state.open(event, fd, descriptor);
};

const createMemory: StateHandler = (state, event) => {
  const fd = resultOf(event);
  if (event.thread === undefined || fd < 0) return;
  const descriptor = new Descriptor();
  descriptor.type = descriptorTypes.memory;
  descriptor.name = pathOf(event, 1);
  descriptor.openFlags = event.unsigned(2);
  state.open(event, fd, descriptor);
};

const openProcess: StateHandler = (state, event) => {
  const fd = resultOf(event);
  if (event.thread === undefined || fd < 0) return;
  const descriptor = new Descriptor();
  descriptor.type = descriptorTypes.process;
  descriptor.subject = event.signed(1);
  descriptor.name = `/proc/${descriptor.subject}`;
  descriptor.openFlags = event.unsigned(2);
  state.open(event, fd, descriptor);
};

/** Takes a descriptor of the process that another descriptor is about. */
const getDescriptorOfProcess: StateHandler = (state, event) => {
  const fd = resultOf(event);
  const { thread } = event;
  if (thread === undefined || fd < 0) return;
  const process = thread.descriptors.get(event.signed(1));
  if (process === undefined || process.type !== descriptorTypes.process) return;
  const target = state.threads.get(process.subject)?.descriptors.get(event.signed(2));
  if (target === undefined) return;
  event.previousName = target.name;
  state.put(event, fd, target.duplicate(true));
};

function pipe(flags: number): StateHandler {
  return (state, event) => {
    if (event.thread === undefined || resultOf(event) < 0) return;
    const descriptor = new Descriptor();
    descriptor.type = descriptorTypes.fifo;
    if (event.length(3) >= 8) {
      const at = event.offset(3);
      descriptor.inodeLow = event.bytes.readInt32LE(at);
      descriptor.inodeHigh = event.bytes.readInt32LE(at + 4);
    }
    if (flags >= 0) descriptor.openFlags = event.unsigned(flags);
    state.open(event, event.signed(1), descriptor);
    state.open(event, event.signed(2), descriptor);
  };
}

const socketPair: StateHandler = (state, event) => {
  if (event.thread === undefined || resultOf(event) < 0) return;
  const [first, second] = [event.signed(1), event.signed(2)];
  if (first === second) {
    event.descriptor = undefined;
    return;
  }
  const descriptor = new Descriptor();
  descriptor.type = descriptorTypes.unixSocket;
  descriptor.ends = new SocketEnds();
  descriptor.ends.unixSource = event.unsigned64(3) ?? 0n;
  descriptor.ends.unixDestination = event.unsigned64(4) ?? 0n;
  state.open(event, first, descriptor);
  state.open(event, second, descriptor);
};

const { signal, timer, inotify, bpf, userfault, ioUring, eventPoll, event } = descriptorTypes;

/** Calls that make a descriptor out of nothing. */
export const createDescriptorHandlers: StateHandlers = {
  SYSCALL_EVENTFD_X: plain(event),
  SYSCALL_EVENTFD2_X: plain(event, 1),
  SYSCALL_SIGNALFD_X: plain(signal),
  SYSCALL_SIGNALFD4_X: plain(signal, 1),
  SYSCALL_TIMERFD_CREATE_X: plain(timer, 2),
  SYSCALL_INOTIFY_INIT_X: plain(inotify),
  SYSCALL_INOTIFY_INIT1_X: plain(inotify, 1),
  SYSCALL_BPF_2_X: plain(bpf),
  SYSCALL_USERFAULTFD_X: plain(userfault),
  SYSCALL_IO_URING_SETUP_X: plain(ioUring),
  SYSCALL_EPOLL_CREATE_X: plain(eventPoll),
  SYSCALL_EPOLL_CREATE1_X: createEventPoll,
  SYSCALL_MEMFD_CREATE_X: createMemory,
  SYSCALL_PIDFD_OPEN_X: openProcess,
  SYSCALL_PIDFD_GETFD_X: getDescriptorOfProcess,
  SYSCALL_PIPE_X: pipe(-1),
  SYSCALL_PIPE2_X: pipe(4),
  SOCKET_SOCKETPAIR_X: socketPair,
};
