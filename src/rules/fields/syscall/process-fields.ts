import type { FieldValue } from "../../language/field.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import type { Thread } from "../../state/thread.ts";
import { descriptorTypeName } from "./descriptor-type.ts";
import { type FieldContext, type FieldMakers, integer, plainFields, type ReadField } from "./field-reader.ts";
import { kernelId } from "./kernel-id.ts";
import { ancestorProcess, leaderOf } from "./lineage.ts";
import { argumentsOf, capabilityNames, commandLine } from "./process-text.ts";
import { moment, since } from "./time-fields.ts";

type OfThread = (thread: Thread, event: KernelEvent) => FieldValue | undefined;

/** The process that the event happened in, and its thread: `proc.*` and `thread.*` without their ancestors. */
export const processFields: FieldMakers = plainFields({
  "proc.exe": ofThread(({ exe }) => exe),
  "proc.exepath": ofThread(({ exepath }) => exepath),
  "proc.name": ofThread(({ comm }) => comm),
  "proc.cmdline": ofThread(commandLine),
  "proc.cmdnargs": ofThread(({ args }) => args.length),
  "proc.cmdlenargs": ofThread(({ args }) => args.reduce((length, argument) => length + argument.length, 0)),
  "proc.exeline": ofThread((thread) => `${thread.exe} ${argumentsOf(thread)}`),
  "proc.cwd": ofThread(({ cwd }) => cwd),
  "proc.tty": ofThread(({ tty }) => tty),
  "proc.pid": ofThread(({ pid }) => kernelId(pid)),
  "proc.vpid": ofThread(({ vpid }) => (vpid === -1 ? undefined : vpid)),
  "proc.pvpid": ofParentThread(({ vpid }) => vpid),
  "proc.pexe": ofParent(({ exe }) => exe),
  "proc.pexepath": ofParent(({ exepath }) => exepath),
  "proc.pname": ofParent(({ comm }) => comm),
  "proc.pcmdline": ofParent(commandLine),
  "proc.ppid": ofParent(({ pid }) => kernelId(pid)),
  ...leaderFields("proc.sid", "sid"),
  "proc.sname": ofLeader("sid", ({ comm }) => comm),
  ...leaderFields("proc.vpgid", "vpgid"),
  "proc.vpgid.name": ofLeader("vpgid", ({ comm }) => comm),
  ...leaderFields("proc.pgid", "pgid"),
  "proc.pgid.name": ofLeader("pgid", ({ comm }) => comm),
  "proc.is_sid_leader": ofThread(({ sid, vpid }) => sid === vpid),
  "proc.is_vpgid_leader": ofThread(({ vpgid, vpid }) => vpgid === vpid),
  "proc.is_pgid_leader": ofThread(({ pgid, pid }) => pgid === pid),
  "proc.duration": ofThread(({ cloneTime }, event) => since(event, cloneTime)),
  "proc.ppid.duration": () => parentDuration,
  "proc.pid.ts": ofThread(({ cloneTime }) => moment(cloneTime)),
  "proc.ppid.ts": ofParentThread(({ cloneTime }) => integer(cloneTime)),
  "proc.is_exe_writable": ofThread(({ exeWritable }) => exeWritable),
  "proc.is_exe_upper_layer": ofThread(({ exeUpperLayer }) => exeUpperLayer),
  "proc.is_exe_lower_layer": ofThread(({ exeLowerLayer }) => exeLowerLayer),
  "proc.is_exe_from_memfd": ofThread(({ exeFromMemfd }) => exeFromMemfd),
  "proc.exe_ino": ofThread(({ exeInode }) => moment(BigInt.asIntN(64, exeInode))),
  "proc.exe_ino.ctime": ofThread(({ exeInodeChangeTime }) => moment(exeInodeChangeTime)),
  "proc.exe_ino.mtime": ofThread(({ exeInodeModifyTime }) => moment(exeInodeModifyTime)),
  "proc.exe_ino.ctime_duration_proc_start": ofThread(({ exeInodeChangeToClone }) => moment(exeInodeChangeToClone)),
  "proc.exe_ino.ctime_duration_pidns_start": ofThread(({ namespaceStartToExeInodeChange }) =>
    moment(namespaceStartToExeInodeChange),
  ),
  "proc.pidns_init_start_ts": ofThread(({ pidNamespaceStart }) => moment(pidNamespaceStart)),
  "thread.cap_permitted": ofThread(({ capPermitted }) => capabilityNames(capPermitted)),
  "thread.cap_inheritable": ofThread(({ capInheritable }) => capabilityNames(capInheritable)),
  "thread.cap_effective": ofThread(({ capEffective }) => capabilityNames(capEffective)),
  "proc.fdopencount": ofThread(openDescriptors),
  "proc.fdlimit": ofThread(({ fdLimit }) => fdLimit),
  "proc.fdusage": ofThread((thread) => {
    const open = openDescriptors(thread);
    return thread.fdLimit <= 0 ? 0 : Math.min(100, (open * 100) / thread.fdLimit);
  }),
  "proc.vmsize": ofThread(({ vmSizeKb }) => vmSizeKb),
  "proc.vmrss": ofThread(({ vmRssKb }) => vmRssKb),
  "proc.vmswap": ofThread(({ vmSwapKb }) => vmSwapKb),
  "proc.nthreads": ofThread(({ threadCount }) => threadCount),
  "proc.nchilds": ofThread(({ otherThreadCount }) => otherThreadCount),
  "proc.stdin.type": ofDescriptor(0, ({ type }) => descriptorTypeName(type)),
  "proc.stdout.type": ofDescriptor(1, ({ type }) => descriptorTypeName(type)),
  "proc.stderr.type": ofDescriptor(2, ({ type }) => descriptorTypeName(type)),
  "proc.stdin.name": ofDescriptor(0, ({ name }) => name),
  "proc.stdout.name": ofDescriptor(1, ({ name }) => name),
  "proc.stderr.name": ofDescriptor(2, ({ name }) => name),
  "proc.loginshellid": ofThread((thread, { state }) => {
    const { main } = thread;
    if (main === undefined) return undefined;
    let shell = isShell(main) ? main.pid : undefined;
    for (const ancestor of state.threadTable.ancestors(main)) if (isShell(ancestor)) shell = ancestor.pid;
    return shell;
  }),
  "thread.tid":
    () =>
    ({ tid }) =>
      kernelId(tid),
  "thread.ismain": ofThread(({ isMain }) => isMain),
  "thread.vtid": ofThread(({ vtid }) => (vtid === -1 ? undefined : vtid)),
  "thread.nametid": ofThread(({ comm }, { tid }) => `${comm}${tid}`),
  "thread.pfmajor": ofThread(({ majorFaults }) => majorFaults),
  "thread.pfminor": ofThread(({ minorFaults }) => minorFaults),
  "thread.vmsize": ofThread(({ isMain, vmSizeKb }) => (isMain ? vmSizeKb : 0)),
  "thread.vmrss": ofThread(({ isMain, vmRssKb }) => (isMain ? vmRssKb : 0)),
  "thread.vmsize.b": ofThread(({ isMain, vmSizeKb }) => (isMain ? vmSizeKb * 1024 : 0)),
  "thread.vmrss.b": ofThread(({ isMain, vmRssKb }) => (isMain ? vmRssKb * 1024 : 0)),
  "thread.cgroups": ofThread(({ cgroups }) =>
    cgroups.length === 0 ? undefined : cgroups.map(([subsystem, path]) => `${subsystem}=${path}`).join(" "),
  ),
});

function ofThread(read: OfThread): (context: FieldContext) => ReadField {
  return () => (event) => (event.thread === undefined ? undefined : read(event.thread, event));
}

function ofParent(read: (parent: Thread) => FieldValue | undefined): (context: FieldContext) => ReadField {
  return ofThread((thread, { state }) => {
    const parent = ancestorProcess(state, thread, 1);
    return parent === undefined ? undefined : read(parent);
  });
}

/** A field of the very thread that made the process, where libsinsp asks that one. */
function ofParentThread(read: (parent: Thread) => FieldValue): (context: FieldContext) => ReadField {
  return ofThread((thread, { state }) => {
    const parent = state.threads.get(thread.ptid);
    return parent === undefined ? undefined : read(parent);
  });
}

function ofLeader(
  id: "sid" | "vpgid" | "pgid",
  read: (leader: Thread) => string,
): (context: FieldContext) => ReadField {
  return ofThread((thread, { state }) => {
    const leader = leaderOf(state, thread, id);
    return leader === undefined ? "" : read(leader);
  });
}

function leaderFields(
  name: string,
  id: "sid" | "vpgid" | "pgid",
): Record<string, (context: FieldContext) => ReadField> {
  return {
    [name]: ofThread((thread) => thread[id]),
    [`${name}.exe`]: ofLeader(id, ({ exe }) => exe),
    [`${name}.exepath`]: ofLeader(id, ({ exepath }) => exepath),
  };
}

function ofDescriptor(
  fd: number,
  read: (descriptor: { type: number; name: string }) => string,
): (context: FieldContext) => ReadField {
  return ofThread(({ descriptors }) => {
    const descriptor = descriptors.get(fd);
    return descriptor === undefined ? undefined : read(descriptor);
  });
}

// A parent whose begin is not known gives the number of open descriptors, as libsinsp does; rules and their lists of
// exceptions were written against that.
function parentDuration(event: KernelEvent): FieldValue | undefined {
  const { thread, state } = event;
  const parent = thread === undefined ? undefined : ancestorProcess(state, thread, 1);
  if (thread === undefined || parent === undefined) return undefined;
  return since(event, parent.cloneTime) ?? openDescriptors(thread);
}

function openDescriptors({ main }: Thread): number {
  return main?.descriptors.size ?? 0;
}

function isShell({ comm }: Thread): boolean {
  return comm.endsWith("sh");
}
