import type {
  KernelDescriptor,
  KernelGroup,
  KernelInterface,
  KernelMachine,
  KernelSnapshot,
  KernelUser,
} from "../../model/kernel-event.ts";
import { CaptureDamage } from "./capture-damage.ts";
import { type EntryReader, upToNul } from "./entry-reader.ts";
import { readDescriptor } from "./read-descriptor.ts";
import { readInterface } from "./read-interface.ts";
import { readThread, SharedTexts, type ThreadEntry } from "./read-thread.ts";
import { readUser } from "./read-user.ts";

/** The most entries that a snapshot may have, far above what a machine has. */
const most = {
  threads: 1_000_000,
  descriptors: 2_000_000,
  users: 200_000,
  groups: 200_000,
  interfaces: 20_000,
} as const;

type ListKind = "threads" | "descriptors" | "interfaces" | "users";

/** Collects what the lists before the events tell of a machine. */
export class SnapshotBuilder {
  #machine: KernelMachine = { cpuCount: 0, memoryBytes: 0, maxProcessId: 0, hostname: "", bootTime: 0n };
  readonly #threads: (ThreadEntry & { readonly descriptors: KernelDescriptor[] })[] = [];
  readonly #descriptors = new Map<number, KernelDescriptor[]>();
  readonly #shared = new SharedTexts();
  #descriptorCount = 0;
  #of: KernelDescriptor[] = [];
  #interfaces: KernelInterface[] = [];
  #users: KernelUser[] = [];
  #groups: KernelGroup[] = [];

  /** Reads what stands in front of the entries of a list. A later list of interfaces or users replaces the one before. */
  beginList(kind: ListKind, reader: EntryReader): void {
    if (kind === "descriptors") this.#of = this.#descriptorsOf(reader.i64());
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
    return {
      machine: this.#machine,
      threads: this.#threads,
      interfaces: this.#interfaces,
      users: this.#users,
      groups: this.#groups,
    };
  }

  #descriptorsOf(tid: number): KernelDescriptor[] {
    let list = this.#descriptors.get(tid);
    if (list === undefined) {
      list = [];
      this.#descriptors.set(tid, list);
    }
    return list;
  }

  #addThread(reader: EntryReader, version: number): number | undefined {
    const { thread, size } = readThread(reader, version, { shared: this.#shared });
    checkCount("threads", this.#threads.length);
    this.#threads.push({ ...thread, descriptors: this.#descriptorsOf(thread.tid) });
    return size;
  }

  #addDescriptor(reader: EntryReader, version: number): number | undefined {
    const { descriptor, size } = readDescriptor(reader, version);
    checkCount("descriptors", this.#descriptorCount++);
    this.#of.push(descriptor);
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

function checkCount(kind: keyof typeof most, count: number): void {
  if (count >= most[kind]) throw new CaptureDamage(`it lists more than ${most[kind]} ${kind}`, "limit-exceeded");
}
