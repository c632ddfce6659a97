import type {
  KernelDescriptor,
  KernelGroup,
  KernelInterface,
  KernelMachine,
  KernelSnapshot,
  KernelUser,
} from "../../model/events/kernel-event.ts";
import { CaptureDamage } from "./capture-damage.ts";
import { CaptureThread } from "./capture-thread.ts";
import { EntryLists } from "./entry-lists.ts";
import { type EntryReader, upToNul } from "./entry-reader.ts";
import { readDescriptor, skipDescriptor } from "./read-descriptor.ts";
import { readInterface } from "./read-interface.ts";
import { readThread, SharedTexts } from "./read-thread.ts";
import { readUser } from "./read-user.ts";

/** The most entries that a snapshot may have, far above what a machine has. */
const most = {
  threads: 1_000_000,
  descriptors: 2_000_000,
  users: 200_000,
  groups: 200_000,
  interfaces: 20_000,
} as const;

const allThreads = 0;

type ListKind = "threads" | "descriptors" | "interfaces" | "users";

/**
 * Collects the machine state in the lists before the events. Threads and descriptors are only checked, and read when
 * they are asked for: all that is said of a large machine takes more memory than the state that is made of it.
 */
export class SnapshotBuilder {
  #machine: KernelMachine = { cpuCount: 0, memoryBytes: 0, maxProcessId: 0, hostname: "", bootTime: 0n };
  /** Under the one key {@link allThreads}. */
  readonly #threads = new EntryLists();
  readonly #descriptors = new EntryLists();
  /** Each thread is read into it once to see that it can be. */
  readonly #checked = new CaptureThread(() => []);
  #threadCount = 0;
  #descriptorCount = 0;
  #interfaces: KernelInterface[] = [];
  #users: KernelUser[] = [];
  #groups: KernelGroup[] = [];

  /**
   * Reads what stands in front of the entries of a list. A later list of interfaces or users replaces the one before.
   */
  beginList(kind: ListKind, reader: EntryReader, version: number): void {
    if (kind === "threads") this.#threads.begin(allThreads, version);
    if (kind === "descriptors") this.#descriptors.begin(reader.i64(), version);
    if (kind === "interfaces") this.#interfaces = [];
    if (kind === "users") [this.#users, this.#groups] = [[], []];
  }

  /** Reads one entry; returns the length that it states. Error: {@link CaptureDamage} when there are too many. */
  addEntry(kind: ListKind, reader: EntryReader, version: number): number | undefined {
    if (kind === "threads") return this.#addThread(reader, version);
    if (kind === "descriptors") return this.#addDescriptor(reader, version);
    return kind === "users" ? this.#addUser(reader, version) : this.#addInterface(reader, version);
  }

  readMachine(reader: EntryReader): void {
    this.#machine = {
      cpuCount: reader.u32(),
      memoryBytes: reader.i64(),
      maxProcessId: reader.i64(),
      hostname: upToNul(reader.raw(128)),
      bootTime: reader.u64(),
    };
  }

  build(): KernelSnapshot {
    const [threads, descriptors] = [this.#threads, this.#descriptors];
    const descriptorsOf = (tid: number): KernelDescriptor[] => [...descriptors.read(tid, readDescriptor)];
    const eachThread = (): Iterable<CaptureThread> => threads.read(allThreads, threadReader(descriptorsOf));
    return {
      machine: this.#machine,
      get threads() {
        return [...eachThread()];
      },
      eachThread,
      interfaces: this.#interfaces,
      users: this.#users,
      groups: this.#groups,
    };
  }

  #addThread(reader: EntryReader, version: number): number | undefined {
    const start = reader.at;
    const size = readThread(reader, version, { thread: this.#checked });
    checkCount("threads", this.#threadCount++);
    this.#threads.add(reader, start);
    return size;
  }

  #addDescriptor(reader: EntryReader, version: number): number | undefined {
    const start = reader.at;
    const size = skipDescriptor(reader, version);
    checkCount("descriptors", this.#descriptorCount++);
    this.#descriptors.add(reader, start);
    return size;
  }

  #addUser(reader: EntryReader, version: number): number | undefined {
    const { user, group, size } = readUser(reader, version);
    checkCount("users", this.#users.length);
    checkCount("groups", this.#groups.length);
    if (user) this.#users.push(user);
    if (group) this.#groups.push(group);
    return size;
  }

  #addInterface(reader: EntryReader, version: number): number | undefined {
    const entry = readInterface(reader, version);
    checkCount("interfaces", this.#interfaces.length);
    if (entry.interface) this.#interfaces.push(entry.interface);
    return entry.size;
  }
}

function threadReader(
  descriptorsOf: (tid: number) => readonly KernelDescriptor[],
): (reader: EntryReader, version: number) => CaptureThread {
  const shared = new SharedTexts();
  return (reader, version) => {
    const thread = new CaptureThread(descriptorsOf);
    readThread(reader, version, { thread, shared });
    return thread;
  };
}

function checkCount(kind: keyof typeof most, count: number): void {
  if (count >= most[kind]) throw new CaptureDamage(`it lists more than ${most[kind]} ${kind}`, "limit-exceeded");
}
