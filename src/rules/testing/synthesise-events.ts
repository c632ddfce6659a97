import type { KernelEventBatch, KernelSnapshot } from "../../model/events/kernel-event.ts";
import {
  kernelEventCode,
  kernelEventTypes,
  kernelFlagSets,
  syscallNames,
} from "../../model/events/kernel-event-table.ts";
import { EventBatchBuilder } from "./event-batch-builder.ts";
import { malformedTest } from "./malformed-test.ts";
import { absentParameterBytes, integerBytes, parameterBytes, textListBytes } from "./parameter-bytes.ts";
import type { RuleTest, TestKernelEvent, TestPlace, TestProcess, TestValue } from "./rule-test.ts";
import { readSocketText } from "./socket-bytes.ts";
import {
  containerAddress,
  containerReport,
  executableFlags,
  firstEventTime,
  processParameters,
  snapshotOf,
} from "./test-machine.ts";
import { type LiveProcess, TestProcesses } from "./test-processes.ts";

type Parameters = Readonly<Record<string, Buffer>>;

/** Codes of the current events after a system call, by what `evt.type` prints. */
const codesByName: ReadonlyMap<string, number> = new Map(
  kernelEventTypes.flatMap(({ name, isExit, flags }, code) =>
    isExit && name !== "NA" && name !== "syscall" && !flags.includes("OLD_VERSION") ? [[name, code] as const] : [],
  ),
);
const genericIds: ReadonlyMap<string, number> = new Map(
  Object.entries(syscallNames).map(([id, name]) => [name, Number(id)]),
);
/** The flag of a new process in a process namespace of its own. */
const inNamespace = kernelFlagSets["clone_flags"]?.find(([name]) => name === "CLONE_CHILD_IN_PIDNS")?.[1] ?? 0;
const localEnds = { ipv4: "10.0.0.5:50000", ipv6: "[fd00::5]:50000" } as const;
const containerEnds = { ...localEnds, ipv4: `${containerAddress}:50000` } as const;
const noThread = -1;
/** Bytes, as the kernel side has lengths of 16 bits. */
const longestParameter = 0xffff;

/**
 * The events of a test of source `syscall` as a kernel source hands them out, after a process list with its processes.
 * Facts about its containers and users come first, as meta events. `PlimsollError` `file-malformed`: an event,
 * parameter, process or value that does not exist.
 */
export function synthesiseEvents(test: RuleTest): {
  readonly snapshot: KernelSnapshot;
  readonly batch: KernelEventBatch;
} {
  const processes = new TestProcesses(test.processes, test.place);
  // The list is taken now; the events go on to change the processes.
  const before = snapshotOf(processes);
  const synthesiser = new Synthesiser(processes, test.place);
  for (const event of test.kernelEvents) synthesiser.play(event);
  return { snapshot: { ...before, ...accountsOf(processes) }, batch: synthesiser.build() };
}

/** The users as they are known after all events named them. */
function accountsOf(processes: TestProcesses): Pick<KernelSnapshot, "users" | "groups"> {
  const { users, groups } = snapshotOf(processes);
  return { users, groups };
}

class Synthesiser {
  readonly #processes: TestProcesses;
  readonly #builder = new EventBatchBuilder();
  #time = firstEventTime;
  #process: LiveProcess;
  readonly #place: TestPlace;

  constructor(processes: TestProcesses, place: TestPlace) {
    this.#place = place;
    this.#processes = processes;
    this.#process = processes.all.at(-1) as LiveProcess;
  }

  play(event: TestKernelEvent): void {
    this.#time += BigInt(Math.round(event.after * 1_000_000)) * 1000n;
    if (event.process !== undefined) {
      const process = this.#processes.find(event.process);
      if (!process) throw malformedTest(event.place, `no process named ${event.process}`);
      this.#process = process;
    }
    if (event.type === "spawn" || event.type === "exec") {
      if (!event.becomes) throw malformedTest(event.place, `an event of type ${event.type} requires becomes`);
      if (event.becomes.files)
        throw malformedTest(event.place, "files is allowed only for processes that exist before the first event");
      if (event.type === "spawn") this.#process = this.#spawn(event.becomes);
      else this.#processes.become(this.#process, event.becomes);
      this.#emit(kernelEventCode("SYSCALL_EXECVE_19_X"), this.#execution(), event);
      return;
    }
    this.#syscall(event);
  }

  build(): KernelEventBatch {
    const all = new EventBatchBuilder();
    const time = firstEventTime - 1_000_000_000n;
    for (const container of this.#processes.containers.values()) {
      const code = kernelEventCode("CONTAINER_JSON_2_E");
      all.add({ code, thread: noThread, time, parameters: [textListBytes([containerReport(container)])] });
      for (const [name, uid] of this.#processes.usersInUse()) {
        all.add({
          code: kernelEventCode("USER_ADDED_E"),
          thread: noThread,
          time,
          parameters: userParameters(name, uid, container.fullId),
        });
      }
    }
    all.addAll(this.#builder);
    return all.build();
  }

  /** The events of a new process, seen by the old and by the new one. */
  #spawn(becomes: TestProcess): LiveProcess {
    const parent = this.#process;
    const child = this.#processes.add(becomes, parent);
    const flags = integerBytes(child.container === undefined ? 0 : inNamespace, 4);
    const code = kernelEventCode("SYSCALL_CLONE_20_X");
    const asParent = { ...processParameters(parent, this.#time), flags };
    this.#process = parent;
    this.#emit(code, { ...asParent, res: integerBytes(child.pid, 8) });
    this.#process = child;
    const { tid, pid, ptid, vtid, vpid, cgroups } = processParameters(child, this.#time);
    const own = Object.entries({ tid, pid, ptid, vtid, vpid, cgroups }).filter(([, bytes]) => bytes !== undefined);
    this.#emit(code, { ...asParent, ...(Object.fromEntries(own) as Parameters), res: integerBytes(0, 8) });
    return child;
  }

  #execution(): Parameters {
    const flags = integerBytes(executableFlags(this.#process), 4);
    return { ...processParameters(this.#process, this.#time), flags };
  }

  #syscall(event: TestKernelEvent): void {
    const code = codesByName.get(event.type);
    if (code === undefined) {
      this.#genericSyscall(event);
      return;
    }
    const args = this.#completed(code, event);
    const { parameters } = kernelEventTypes[code] as (typeof kernelEventTypes)[number];
    const unknown = Object.keys(args).find((name) => !parameters.some((parameter) => parameter.name === name));
    if (unknown !== undefined) {
      const names = parameters.map(({ name }) => name).join(", ");
      throw malformedTest(event.place, `${event.type} has no parameter ${unknown}; available: ${names}`);
    }
    const given: Record<string, Buffer> = event.type.startsWith("execve") ? { ...this.#execution() } : {};
    for (const parameter of parameters) {
      const value = args[parameter.name];
      if (value === undefined) continue;
      const bytes = parameterBytes(parameter, value);
      if (!bytes)
        throw malformedTest(
          event.place,
          `${event.type}: ${JSON.stringify(value)} is not a valid value for ${parameter.name}`,
        );
      given[parameter.name] = bytes;
    }
    this.#emit(code, given, event);
  }

  /** A system call without an event of its own: only its name is known. */
  #genericSyscall({ type, args, place }: TestKernelEvent): void {
    const id = genericIds.get(type);
    if (id === undefined) throw malformedTest(place, `no event named ${type}`);
    if (Object.keys(args).length > 0) throw malformedTest(place, `the event ${type} has no parameters`);
    this.#emit(kernelEventCode("GENERIC_X"), { ID: integerBytes(id, 2), nativeID: integerBytes(id, 2) });
  }

  /**
   * What follows from the given arguments: new descriptors, results that are descriptors, the other end of a
   * connection.
   */
  #completed(code: number, event: TestKernelEvent): Readonly<Record<string, TestValue>> {
    const args: Record<string, TestValue> = { ...event.args };
    const { flags, parameters } = kernelEventTypes[code] as (typeof kernelEventTypes)[number];
    if (event.type === "connect" || event.type === "bind" || event.type === "sendto" || event.type === "sendmsg") {
      this.#completeSocket(event, args);
    }
    if ((event.type === "dup2" || event.type === "dup3") && args["res"] === undefined) args["res"] = args["newfd"] ?? 0;
    if (!flags.includes("CREATES_FD")) return args;
    const names = parameters.map(({ name }) => name);
    const created = names.includes("fd1") ? ["fd1", "fd2"] : [names[0] as string];
    for (const name of created) args[name] ??= this.#process.nextFd++;
    return args;
  }

  /**
   * A connection needs a socket first, and both ends. `addr` alone is enough; `proto: udp` chooses another protocol.
   */
  #completeSocket(event: TestKernelEvent, args: Record<string, TestValue>): void {
    const proto = args["proto"] ?? "tcp";
    delete args["proto"];
    const text = args["tuple"] ?? args["addr"];
    if (typeof text !== "string") return;
    const socket = readSocketText(text);
    if (!socket) throw malformedTest(event.place, `${text} is not a valid address`);
    if (event.type === "connect") {
      args["addr"] ??= text;
      const isWhole = socket.family === "unix" || socket.source !== undefined;
      const ends = this.#process.container === undefined ? localEnds : containerEnds;
      args["tuple"] = isWhole ? text : `${ends[socket.family]}->${text}`;
    }
    if (args["fd"] !== undefined) return;
    const domain = socket.family === "unix" ? "AF_UNIX" : socket.family === "ipv4" ? "AF_INET" : "AF_INET6";
    const fd = this.#process.nextFd++;
    const type = proto === "udp" ? "SOCK_DGRAM" : "SOCK_STREAM";
    this.#syscall({
      ...event,
      type: "socket",
      args: { fd, domain, type, proto: socket.family === "unix" ? 0 : proto },
    });
    args["fd"] = fd;
  }

  #emit(code: number, given: Parameters, event?: TestKernelEvent): void {
    const result = event?.args["res"];
    const parameters = (kernelEventTypes[code]?.parameters ?? []).map((parameter) => {
      if (parameter.name === "res" && result !== undefined) return parameterBytes(parameter, result) ?? Buffer.alloc(0);
      return given[parameter.name] ?? absentParameterBytes(parameter);
    });
    const long = parameters.findIndex(({ length }) => length > longestParameter);
    if (long >= 0) {
      throw malformedTest(
        this.#place,
        `${kernelEventTypes[code]?.parameters[long]?.name} is longer than ${longestParameter} bytes`,
      );
    }
    this.#builder.add({ code, thread: this.#process.pid, time: this.#time, parameters });
  }
}

function userParameters(name: string, uid: number, containerId: string): readonly Buffer[] {
  return [
    integerBytes(uid, 4),
    integerBytes(uid, 4),
    textListBytes([name]),
    textListBytes([name === "root" ? "/root" : `/home/${name}`]),
    textListBytes(["/bin/sh"]),
    textListBytes([containerId.slice(0, 12)]),
  ];
}
