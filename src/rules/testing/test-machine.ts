import type { KernelDescriptor, KernelSnapshot, KernelThread } from "../../model/events/kernel-event.ts";
import { kernelFlagSets } from "../../model/events/kernel-event-table.ts";
import { integerBytes, textListBytes } from "./parameter-bytes.ts";
import { readSocketText } from "./socket-bytes.ts";
import { type LiveContainer, type LiveProcess, podUid, type TestProcesses } from "./test-processes.ts";

/** Nanoseconds since 1970 of the first event of every test: 2025 began. */
export const firstEventTime: bigint = 1_735_689_600_000_000_000n;
/** The address of the containers of every test. */
export const containerAddress = "172.17.0.2";
const bootTime = firstEventTime - 30n * 86_400_000_000_000n;

const allCapabilities = (1n << 41n) - 1n;
// The order is that of the kernel: the place is the bit.
const capabilityNames: readonly string[] =
  `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST
  NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE
  SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM
  BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`
    .split(/\s+/)
    .map((name) => `CAP_${name}`);
/** `SCAP_FD_*` of falcosecurity/libs. */
const descriptorTypes = { file: 16, ipv4: 3, ipv6: 4, unix: 8 } as const;
const fileLimit = 1024;
const terminalDevice = 34_816;

/** The machine that a test runs on, before its first event. Byte strings hold the UTF-8 bytes of its texts. */
export function snapshotOf(processes: TestProcesses): KernelSnapshot {
  return {
    machine: {
      cpuCount: 2,
      memoryBytes: 8 * 1024 ** 3,
      maxProcessId: 4_194_304,
      hostname: "test-host",
      bootTime,
    },
    threads: processes.all.map(threadOf),
    interfaces: [
      {
        name: "lo",
        address: Buffer.of(127, 0, 0, 1).toString("latin1"),
        netmask: Buffer.of(255, 0, 0, 0).toString("latin1"),
      },
      {
        name: "eth0",
        address: Buffer.of(10, 0, 0, 5).toString("latin1"),
        netmask: Buffer.of(255, 0, 0, 0).toString("latin1"),
      },
    ],
    users: [...processes.users].map(([name, uid]) => ({ uid, gid: uid, name: bytesOf(name), ...homeOf(name) })),
    groups: [...processes.users].map(([name, gid]) => ({ gid, name: bytesOf(name) })),
  };
}

/** What runtimes report of a container, as the JSON of a `container` event. */
export function containerReport(container: LiveContainer): string {
  const { fullId, image = "registry.example/app:1.0", name = container.id, pod, labels = {} } = container;
  const colon = image.lastIndexOf(":") > image.lastIndexOf("/") ? image.lastIndexOf(":") : image.length;
  const podLabels = {
    "io.kubernetes.pod.name": pod,
    "io.kubernetes.pod.namespace": container.namespace ?? "default",
    "io.kubernetes.pod.uid": podUid(fullId),
    "io.kubernetes.container.name": name,
  };
  const created = Number(firstEventTime / 1_000_000_000n) - Math.round(container.age ?? 3600);
  return JSON.stringify({
    container: {
      id: fullId.slice(0, 12),
      full_id: fullId,
      // The numbers of falcosecurity/libs: Docker, containerd.
      type: pod === undefined ? 0 : 7,
      name,
      image,
      imageid: fullId,
      imagerepo: image.slice(0, colon),
      imagetag: image.slice(colon + 1) || "latest",
      imagedigest: `sha256:${fullId}`,
      privileged: container.privileged ?? false,
      is_pod_sandbox: false,
      ip: containerAddress,
      created_time: created,
      env: [],
      labels: pod === undefined ? labels : { ...labels, ...podLabels },
      ...(pod !== undefined && { pod_sandbox_labels: podLabels, pod_sandbox_id: podUid(fullId) }),
      port_mappings: [],
      Mounts: (container.mounts ?? []).map(mountOf),
    },
  });
}

/**
 * The parameters that describe a process in the events of its birth and of its programs, by name in the event table.
 */
export function processParameters(live: LiveProcess, executedAt: bigint): Readonly<Record<string, Buffer>> {
  const capabilities = integerBytes(capabilityBits(live), 8);
  const changedAt = executedAt - BigInt(Math.round(live.exeAge * 1000)) * 1_000_000n;
  return {
    exe: textListBytes([live.exe]),
    args: textListBytes(live.args),
    tid: integerBytes(live.pid, 8),
    pid: integerBytes(live.pid, 8),
    ptid: integerBytes(live.parentPid, 8),
    cwd: textListBytes([live.cwd]),
    fdlimit: integerBytes(fileLimit, 8),
    comm: textListBytes([live.name]),
    cgroups: textListBytes(live.container?.cgroups ?? ["cpuset=/"]),
    env: textListBytes(live.env),
    tty: integerBytes(live.tty === 0 ? 0 : terminalDevice + live.tty, 4),
    vpgid: integerBytes(live.vpgid, 8),
    pgid: integerBytes(live.vpgid, 8),
    loginuid: integerBytes(live.loginUid, 4),
    cap_inheritable: integerBytes(0, 8),
    cap_permitted: capabilities,
    cap_effective: capabilities,
    exe_ino: integerBytes(4711, 8),
    exe_ino_ctime: integerBytes(changedAt, 8),
    exe_ino_mtime: integerBytes(changedAt, 8),
    uid: integerBytes(live.uid, 4),
    gid: integerBytes(live.uid, 4),
    trusted_exepath: textListBytes([live.exepath]),
    filename: textListBytes([live.exepath]),
    vtid: integerBytes(live.vpid, 8),
    vpid: integerBytes(live.vpid, 8),
    // The kernel counts it from when the machine started.
    pidns_init_start_ts: integerBytes(live.container ? containerStart(live.container) - bootTime : 0, 8),
  };
}

/** `EXE_*` bits of the `flags` of an execve event. */
export function executableFlags({ exeFlags }: LiveProcess): number {
  const names = exeFlags.map((flag) => (flag === "memfd" ? "EXE_FROM_MEMFD" : `EXE_${flag.toUpperCase()}`));
  return (kernelFlagSets["execve_flags"] ?? []).reduce((sum, [name, bit]) => sum | (names.includes(name) ? bit : 0), 0);
}

function threadOf(live: LiveProcess): KernelThread {
  const capabilities = capabilityBits(live);
  const changedAt = firstEventTime - BigInt(Math.round((3600 + live.exeAge) * 1000)) * 1_000_000n;
  return {
    tid: live.pid,
    pid: live.pid,
    ptid: live.parentPid,
    sid: live.sid,
    pgid: live.vpgid,
    vpgid: live.vpgid,
    vtid: live.vpid,
    vpid: live.vpid,
    comm: bytesOf(live.name),
    exe: bytesOf(live.exe),
    exepath: bytesOf(live.exepath),
    args: live.args.map(bytesOf),
    env: live.env.map(bytesOf),
    cwd: bytesOf(live.cwd.endsWith("/") ? live.cwd : `${live.cwd}/`),
    root: "/",
    cgroups: live.container?.cgroups ?? ["cpuset=/"],
    fdLimit: fileLimit,
    flags: 0,
    uid: live.uid,
    gid: live.uid,
    loginUid: live.loginUid,
    tty: live.tty === 0 ? 0 : terminalDevice + live.tty,
    ...(live.container ? { pidNamespaceStart: containerStart(live.container) } : {}),
    capInheritable: 0n,
    capPermitted: capabilities,
    capEffective: capabilities,
    exeWritable: live.exeFlags.includes("writable"),
    exeUpperLayer: live.exeFlags.includes("upper_layer"),
    exeLowerLayer: live.exeFlags.includes("lower_layer"),
    exeFromMemfd: live.exeFlags.includes("memfd"),
    exeInode: 4711n,
    exeInodeChangeTime: changedAt,
    exeInodeModifyTime: changedAt,
    descriptors: [...live.files].map(([fd, file]) => descriptorOf(fd, file)),
  };
}

function descriptorOf(fd: number, file: string): KernelDescriptor {
  const socket = readSocketText(file);
  const inode = BigInt(8000 + fd);
  if (socket === undefined) return { fd, type: descriptorTypes.file, inode, name: bytesOf(file), openFlags: 3 };
  if (socket.family === "unix") return { fd, type: descriptorTypes.unix, inode, name: bytesOf(socket.path) };
  const end = ({ address, port }: { address: Buffer; port: number }) => ({ address: address.toString("latin1"), port });
  return {
    fd,
    type: descriptorTypes[socket.family],
    inode,
    ...(socket.source ? { source: end(socket.source) } : {}),
    destination: end(socket.destination),
    protocol: 2,
  };
}

function capabilityBits({ capabilities }: LiveProcess): bigint {
  if (capabilities === "all") return allCapabilities;
  return capabilities.reduce((sum, name) => {
    const bit = capabilityNames.indexOf(name);
    return bit < 0 ? sum : sum | (1n << BigInt(bit));
  }, 0n);
}

function containerStart({ age = 3600 }: LiveContainer): bigint {
  return firstEventTime - BigInt(Math.round(age * 1000)) * 1_000_000n;
}

function mountOf(mount: string): Readonly<Record<string, string | boolean>> {
  const [Source = "", Destination = "", Mode = ""] = mount.split(":");
  return { Source, Destination, Mode, RW: Mode !== "ro", Propagation: "rprivate" };
}

function homeOf(name: string): { home: string; shell: string } {
  return { home: bytesOf(name === "root" ? "/root" : `/home/${name}`), shell: "/bin/sh" };
}

function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
