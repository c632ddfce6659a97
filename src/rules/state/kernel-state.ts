import type {
  ByteString,
  KernelEventBatch,
  KernelGroup,
  KernelMachine,
  KernelSnapshot,
  KernelUser,
} from "../../model/events/kernel-event.ts";
import { CgroupReader } from "./cgroup-set.ts";
import { ContainerTable } from "./container-table.ts";
import type { Descriptor } from "./descriptor.ts";
import { DescriptorTable } from "./descriptor-table.ts";
import { eventTraits, handlersOf, type StateHandler, traits } from "./event-handlers.ts";
import { belongsTo } from "./handlers/enter.ts";
import { KernelEvent } from "./kernel-event.ts";
import { NetworkInterfaces } from "./network-interfaces.ts";
import { restoreSnapshot } from "./restore-snapshot.ts";
import { TextPool } from "./text-pool.ts";
import { type Thread, threadFlags } from "./thread.ts";
import { type StateLimits, ThreadTable } from "./thread-table.ts";
import { AccountTable } from "./user-table.ts";

/** Which generation of Falco's library the state behaves as: `head` (no enter events), or `0.40` with enter events. */
export type Generation = "head" | "0.40";

/** How a state is kept. */
export interface StateOptions {
  /** What the state may hold; beyond that it drops and counts. */
  readonly limits?: Partial<StateLimits>;
}

/** What found no room in the state. */
export interface StateDrops {
  readonly threads: number;
  readonly descriptors: number;
  /** Threads that went because nothing was heard of them for long and room was needed. */
  readonly purgedThreads: number;
}

const defaultLimits: StateLimits = { threads: 131_072, descriptorsOfProcess: 65_536, descriptors: 8_000_000 };

/** State of a container whose runtime gave no facts: the older library does not hand that out. */
const failedLookup = 2;

/** Everything that is known of a machine from its snapshot and its events so far. */
export class KernelState {
  readonly machine: KernelMachine;
  readonly generation: Generation;
  readonly threads: Map<number, Thread>;
  /** The one event that moves over the batches. */
  readonly event: KernelEvent;
  readonly threadTable: ThreadTable;
  readonly containers: ContainerTable;
  readonly cgroups: CgroupReader;
  readonly interfaces: NetworkInterfaces;
  readonly users: AccountTable<KernelUser> = new AccountTable();
  readonly groups: AccountTable<KernelGroup> = new AccountTable();
  readonly texts: TextPool = new TextPool();
  /** Ports that processes of the machine listened on when its events began. */
  readonly serverPorts: Set<number> = new Set();
  readonly limits: StateLimits;
  readonly isHead: boolean;
  readonly #handlers: readonly (StateHandler | undefined)[];
  readonly #traits: Readonly<Uint8Array>;
  readonly #places: Readonly<Int8Array>;
  #isBeginning = true;
  #firstLow = 0;
  #firstHigh = 0;
  /** What the last event ended: it is still visible until the next one. */
  #closing: Thread | undefined;
  #closingFd = -1;
  #ending: Thread | undefined;
  /** Threads of a list that is still going on: their parents may follow. */
  #unlinked: Thread[] | undefined;
  #droppedDescriptors = 0;

  constructor(snapshot: KernelSnapshot, generation: Generation = "head", options: StateOptions = {}) {
    this.machine = snapshot.machine;
    this.generation = generation;
    this.isHead = generation === "head";
    this.limits = { ...defaultLimits, ...options.limits };
    this.cgroups = new CgroupReader(generation);
    this.containers = new ContainerTable();
    this.interfaces = new NetworkInterfaces(snapshot.interfaces);
    const { containers } = this;
    this.threadTable = new ThreadTable(this.limits.threads, (cgroups) => containers.slotOf(cgroups));
    this.threads = this.threadTable.threads;
    this.event = new KernelEvent(this);
    this.#handlers = handlersOf(generation);
    const { flags, places } = eventTraits(generation);
    this.#traits = flags;
    this.#places = places;
    restoreSnapshot(this, snapshot);
  }

  /**
   * The user of this id on the host, or in a container. Only those that the events or the snapshot told of are known.
   */
  user(uid: number, containerId = ""): KernelUser | undefined {
    return this.users.get(uid, containerId);
  }

  group(gid: number, containerId = ""): KernelGroup | undefined {
    return this.groups.get(gid, containerId);
  }

  /**
   * Whether the address (4 or 16 bytes) is local for the thread: on the host an address of an interface, for IPv6 of
   * its network; in a container the address of the container, or one of the host. When the runtime reports no address
   * of the container, the addresses of all containers count. IPv6 addresses of containers are not known. Source:
   * `is_ipv4addr_in_local_machine` of falcosecurity/libs; see decision 0061 for the one difference.
   */
  isLocalAddress(address: ByteString, thread: Thread | undefined): boolean {
    const slot = thread?.containerSlot;
    if (slot !== undefined) {
      if (address.length !== 4) return slot.container.hostNetwork === true && this.interfaces.isLocal(address);
      if (slot.address === undefined ? this.containers.hasAddress(address) : slot.address === address) return true;
    }
    return this.interfaces.isLocal(address);
  }

  /** When the first event happened that is more than a description: nanoseconds since 1970, 0 before it. */
  get firstTime(): bigint {
    return (BigInt(this.#firstHigh) << 32n) | BigInt(this.#firstLow);
  }

  get drops(): StateDrops {
    return {
      threads: this.threadTable.dropped,
      descriptors: this.#droppedDescriptors,
      purgedThreads: this.threadTable.purged,
    };
  }

  /**
   * Moves {@link event} to the event at `index` and takes it into the state. False for an event that rules do not see
   * (what only feeds the state).
   */
  advance(batch: KernelEventBatch, index: number): boolean {
    const { event } = this;
    event.moveTo(batch, index);
    if (this.#ending !== undefined) this.#removeEnded();
    if (this.#closing !== undefined) this.#removeClosed();
    const { code } = event;
    const kind = this.#traits[code] as number;
    if (this.#unlinked !== undefined && (kind & traits.isList) === 0) this.#linkListed(this.#unlinked);
    if ((kind & traits.hasThread) !== 0) {
      const thread = this.threads.get(event.tid);
      if (thread !== undefined) {
        thread.lastSeen = event.timeHigh;
        event.thread = thread;
        if ((kind & traits.invents) !== 0) this.#locate(thread, kind);
      } else if ((kind & traits.invents) !== 0) {
        const invented = this.threadTable.getOrInvent(event.tid, event.timeHigh);
        event.thread = invented;
        if (invented !== undefined) this.#locate(invented, kind);
      }
    }
    if (this.#firstHigh === 0 && (kind & traits.isMeta) === 0) {
      this.#firstHigh = event.timeHigh;
      this.#firstLow = event.timeLow;
    }
    const handler = this.#handlers[code];
    if (handler !== undefined) handler(this, event);
    if (event.thread === undefined) event.thread = this.threads.get(event.tid);
    if (this.#isBeginning) {
      if ((kind & traits.describesBeginning) !== 0) return false;
      this.#isBeginning = false;
    }
    if ((kind & traits.describesBeginning) !== 0 && !this.isHead)
      return event.thread?.container?.lookupState !== failedLookup;
    return (kind & traits.isHidden) === 0 && batch.hidden?.[index] !== 1;
  }

  /** Puts a new descriptor into the table of the event's thread; the event is about it then. */
  open(event: KernelEvent, fd: number, descriptor: Descriptor): void {
    this.put(event, fd, descriptor);
    event.previousName = "";
  }

  /** Like {@link open}, for one that was there under another number before. */
  put(event: KernelEvent, fd: number, descriptor: Descriptor): void {
    const owner = event.thread?.descriptorOwner;
    if (owner === undefined) {
      event.descriptor = undefined;
      return;
    }
    event.fd = fd;
    owner.ownDescriptors ??= new DescriptorTable();
    const table = owner.ownDescriptors;
    if (!table.has(fd)) {
      if (
        table.size >= this.limits.descriptorsOfProcess ||
        this.threadTable.descriptorCount >= this.limits.descriptors
      ) {
        this.#droppedDescriptors++;
        event.descriptor = undefined;
        return;
      }
      this.threadTable.descriptorCount++;
    }
    table.set(fd, descriptor);
    event.descriptor = descriptor;
  }

  /** So many descriptors more have room; counted as dropped when not. */
  hasRoomFor(descriptors: number): boolean {
    if (this.threadTable.descriptorCount + descriptors <= this.limits.descriptors) return true;
    this.#droppedDescriptors += descriptors;
    return false;
  }

  /** Puts a changed copy into the place of the event's descriptor. */
  replace(event: KernelEvent, descriptor: Descriptor): void {
    if (descriptor === event.descriptor) return;
    event.descriptor = descriptor;
    event.thread?.descriptorOwner?.ownDescriptors?.set(event.fd, descriptor);
  }

  /** The thread gets its relatives when the list that it is from is complete. */
  linkLater(thread: Thread): void {
    this.#unlinked ??= [];
    this.#unlinked.push(thread);
  }

  /** The event's descriptor goes with the next event. */
  closeLater(thread: Thread, fd: number): void {
    this.#closing = thread;
    this.#closingFd = fd;
  }

  /** The thread goes with the next event. */
  endLater(thread: Thread): void {
    this.#ending = thread;
  }

  #locate(thread: Thread, kind: number): void {
    thread.flags |= threadFlags.active;
    const { event } = this;
    const place = this.#places[event.code] as number;
    if ((kind & traits.isEnter) !== 0) {
      thread.enterCode = event.code;
      thread.enterTimeLow = event.timeLow;
      thread.enterTimeHigh = event.timeHigh;
      thread.enterFd = place < 0 ? -1 : event.signed(place, -1);
      if (place >= 0) this.#find(thread, thread.enterFd);
      return;
    }
    const { remembered } = thread;
    if (remembered !== undefined && !belongsTo(event.code, remembered.code)) thread.remembered = undefined;
    if ((kind & traits.usesDescriptor) === 0) return;
    const isSame = event.code === thread.enterCode + 1 && thread.enterFd !== -1;
    this.#find(thread, isSame ? thread.enterFd : place < 0 ? -1 : event.signed(place, -1));
  }

  #find(thread: Thread, fd: number): void {
    const { event } = this;
    event.fd = fd;
    if (fd < 0) return;
    const descriptor = thread.descriptors.get(fd);
    if (descriptor === undefined) return;
    event.descriptor = descriptor;
    event.previousName = descriptor.name;
  }

  #linkListed(threads: readonly Thread[]): void {
    this.#unlinked = undefined;
    for (const thread of threads) if (this.threads.get(thread.tid) === thread) this.threadTable.link(thread);
  }

  #removeEnded(): void {
    const thread = this.#ending as Thread;
    this.#ending = undefined;
    const { event, threadTable } = this;
    if (this.isHead) threadTable.rememberExit(thread, event);
    if (this.threads.get(thread.tid) === thread) threadTable.remove(thread.tid, event.timeHigh);
  }

  #removeClosed(): void {
    const owner = (this.#closing as Thread).descriptorOwner;
    this.#closing = undefined;
    if (owner?.ownDescriptors?.delete(this.#closingFd) === true) this.threadTable.descriptorCount--;
  }
}
