import type { ByteString, KernelThread } from "../../model/events/kernel-event.ts";
import { joinPaths } from "./joined-path.ts";
import type { KernelState } from "./kernel-state.ts";
import { Thread, threadFlags } from "./thread.ts";

/** A thread from a list of processes, ready for the table. Its descriptors are not in it yet. */
export function listedThread(state: KernelState, listed: KernelThread): Thread {
  const thread = new Thread(listed.tid, listed.pid);
  thread.ptid = listed.ptid;
  thread.sid = listed.sid ?? -1;
  thread.pgid = listed.pgid ?? -1;
  thread.vpgid = listed.vpgid ?? -1;
  thread.vtid = listed.vtid ?? -1;
  thread.vpid = listed.vpid ?? -1;
  thread.comm = listed.comm;
  thread.exe = listed.exe;
  thread.exepath = listed.exepath.endsWith(" (deleted)")
    ? listed.exepath.slice(0, -" (deleted)".length)
    : listed.exepath;
  thread.argsText = listed.argsText ?? joined(listed.args);
  // Before the flags: the library asks for it then, and only ids count.
  if (thread.isMain) {
    thread.envText = listed.envText ?? joined(listed.env);
    const cwd = joinPaths("", listed.cwd);
    thread.ownCwd = cwd.endsWith("/") ? cwd : `${cwd}/`;
  }
  thread.root = listed.root;
  thread.cgroupSet = state.cgroups.read(listed.cgroupsText ?? joined(listed.cgroups)) ?? thread.cgroupSet;
  thread.ownFdLimit = listed.fdLimit;
  thread.flags = listed.flags | threadFlags.nameChanged | threadFlags.active;
  thread.uid = listed.uid;
  thread.gid = listed.gid;
  thread.loginUid = listed.loginUid ?? 0xffff_ffff;
  thread.tty = listed.tty ?? 0;
  thread.vmSizeKb = listed.vmSizeKb ?? 0;
  thread.vmRssKb = listed.vmRssKb ?? 0;
  thread.vmSwapKb = listed.vmSwapKb ?? 0;
  thread.majorFaults = listed.majorFaults ?? 0;
  thread.minorFaults = listed.minorFaults ?? 0;
  thread.pidNamespaceStart = listed.pidNamespaceStart ?? 0n;
  thread.capInheritable = listed.capInheritable ?? 0n;
  thread.capPermitted = listed.capPermitted ?? 0n;
  thread.capEffective = listed.capEffective ?? 0n;
  thread.exeWritable = listed.exeWritable ?? false;
  thread.exeUpperLayer = listed.exeUpperLayer ?? false;
  thread.exeLowerLayer = listed.exeLowerLayer ?? false;
  thread.exeFromMemfd = listed.exeFromMemfd ?? false;
  thread.exeInode = listed.exeInode ?? 0n;
  thread.exeInodeChangeTime = listed.exeInodeChangeTime ?? 0n;
  thread.exeInodeModifyTime = listed.exeInodeModifyTime ?? 0n;
  thread.cloneTime = listed.cloneTime ?? 0n;
  return thread;
}

function joined(texts: readonly ByteString[]): ByteString {
  return texts.length === 0 ? "" : `${texts.join("\0")}\0`;
}
