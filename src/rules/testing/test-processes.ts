import { createHash } from "node:crypto";
import { malformedTest } from "./malformed-test.ts";
import type { TestContainer, TestPlace, TestProcess } from "./rule-test.ts";

/** A container of a test with the names that runtimes give it. */
export interface LiveContainer extends TestContainer {
  /** 64 hexadecimal digits. */
  readonly fullId: string;
  readonly cgroups: readonly string[];
}

/** A process of a test with everything known of it. It changes when it becomes another program. */
export interface LiveProcess {
  readonly pid: number;
  readonly vpid: number;
  readonly parentPid: number;
  name: string;
  exe: string;
  exepath: string;
  args: readonly string[];
  env: readonly string[];
  cwd: string;
  uid: number;
  loginUid: number;
  tty: number;
  sid: number;
  vpgid: number;
  capabilities: readonly string[] | "all";
  exeFlags: readonly string[];
  exeAge: number;
  readonly container: LiveContainer | undefined;
  readonly files: ReadonlyMap<number, string>;
  nextFd: number;
}

/** The user id of a process without a login. */
const noLogin = 0xffff_ffff;
const firstPid = 1000;
const shimPid = 900;

// Where the usual accounts of a Linux machine have their numbers.
const accounts: readonly (readonly [name: string, uid: number])[] = [
  ["root", 0],
  ["daemon", 1],
  ["bin", 2],
  ["sys", 3],
  ["sync", 4],
  ["games", 5],
  ["man", 6],
  ["lp", 7],
  ["mail", 8],
  ["news", 9],
  ["uucp", 10],
  ["proxy", 13],
  ["www-data", 33],
  ["backup", 34],
  ["list", 38],
  ["irc", 39],
  ["nobody", 65_534],
];

/** The processes and users of a test. Process 1 always exists, and so does the shim that containers are started by. */
export class TestProcesses {
  readonly users: Map<string, number> = new Map(accounts);
  readonly all: LiveProcess[] = [];
  readonly containers: Map<string, LiveContainer> = new Map();
  #nextPid = firstPid;
  readonly #membersOf = new Map<LiveContainer, number>();

  readonly #place: TestPlace;

  /** `PlimsollError` `file-malformed`, at `place`, for a process whose parent does not exist; so does {@link add}. */
  constructor(declared: readonly TestProcess[], place: TestPlace) {
    this.#place = place;
    const init = { name: "systemd", pid: 1, exe: "/sbin/init", exepath: "/usr/lib/systemd/systemd" };
    this.add(declared.find(({ pid }) => pid === 1) ?? init);
    if (declared.some(({ container, parent }) => container && parent === undefined)) {
      const exepath = "/usr/bin/containerd-shim-runc-v2";
      this.add({ name: "containerd-shim", pid: shimPid, exe: exepath, exepath, args: ["-namespace", "moby"] });
    }
    for (const process of declared) if (process.pid !== 1) this.add(process);
  }

  /** The accounts of the processes so far. */
  usersInUse(): readonly (readonly [name: string, uid: number])[] {
    const uids = new Set(this.all.map(({ uid }) => uid));
    return [...this.users].filter(([, uid]) => uids.has(uid));
  }

  /** The process of this name (the last one that got it) or id. */
  find(process: string | number): LiveProcess | undefined {
    return this.all.findLast(({ name, pid }) => name === process || pid === process);
  }

  /** Adds a process; `parent` wins over the parent that `process` names. */
  add(process: TestProcess, parent?: LiveProcess): LiveProcess {
    const above = parent ?? this.#parentOf(process);
    const container = process.container === undefined ? above?.container : this.#containerOf(process.container);
    const pid = process.pid ?? this.#nextPid++;
    const vpid = process.vpid ?? (container === undefined ? pid : this.#nextVpid(container));
    const tty = process.tty ?? above?.tty ?? 0;
    const terminal = tty === 0 ? "/dev/null" : `/dev/pts/${tty}`;
    const files = new Map([0, 1, 2].map((fd) => [fd, terminal]));
    for (const [fd, file] of Object.entries(process.files ?? {})) files.set(Number(fd), file);
    const live: LiveProcess = {
      pid,
      vpid,
      parentPid: above?.pid ?? 0,
      ...this.#program(process, above, container),
      tty,
      sid: process.sid ?? (process.container === undefined ? above?.sid : undefined) ?? vpid,
      vpgid: process.vpgid ?? vpid,
      container,
      files,
      nextFd: parent?.nextFd ?? Math.max(...files.keys()) + 1,
    };
    this.all.push(live);
    return live;
  }

  /** The process runs another program from now on. */
  become(live: LiveProcess, process: TestProcess): void {
    Object.assign(live, this.#program(process, live, live.container));
    if (process.tty !== undefined) live.tty = process.tty;
    if (process.vpgid !== undefined) live.vpgid = process.vpgid;
  }

  #program(
    process: TestProcess,
    above: LiveProcess | undefined,
    container: LiveContainer | undefined,
  ): Omit<LiveProcess, "pid" | "vpid" | "parentPid" | "tty" | "sid" | "vpgid" | "container" | "files" | "nextFd"> {
    const uid = process.user === undefined ? (above?.uid ?? 0) : this.#uid(process.user);
    const mayEverything = uid === 0 && (container === undefined || container.privileged === true);
    return {
      name: process.name,
      exe: process.exe ?? process.name,
      exepath: process.exepath ?? (process.exe?.startsWith("/") ? process.exe : `/usr/bin/${process.name}`),
      args: process.args ?? [],
      env: environmentOf(process) ?? above?.env ?? [],
      cwd: process.cwd ?? above?.cwd ?? "/",
      uid,
      loginUid: process.loginUser === undefined ? (above?.loginUid ?? noLogin) : this.#uid(process.loginUser),
      capabilities: capabilitiesOf(process) ?? (mayEverything ? "all" : []),
      exeFlags: process.exeFlags ?? [],
      exeAge: process.exeAge ?? 365 * 86_400,
    };
  }

  #parentOf({ parent, container, pid }: TestProcess): LiveProcess | undefined {
    if (pid === 1) return undefined;
    const above = parent ?? (container ? "containerd-shim" : 1);
    const found = this.find(above);
    if (found === undefined) throw malformedTest(this.#place, `no process named ${above}`);
    return found;
  }

  #uid(user: string | number): number {
    if (typeof user === "number") return user;
    const known = this.users.get(user);
    if (known !== undefined) return known;
    const uid = 1000 + this.users.size - accounts.length;
    this.users.set(user, uid);
    return uid;
  }

  /** A container by its id; what the first mention says of it counts. */
  #containerOf(container: TestContainer | null): LiveContainer | undefined {
    if (container === null) return undefined;
    const known = this.containers.get(container.id);
    if (known) return known;
    const fullId = /^[0-9a-f]{64}$/.test(container.id)
      ? container.id
      : createHash("sha256").update(container.id).digest("hex");
    const path =
      container.pod === undefined ? `/docker/${fullId}` : `/kubepods/besteffort/pod${podUid(fullId)}/${fullId}`;
    const cgroups = ["cpuset", "cpu", "memory", "pids"].map((subsystem) => `${subsystem}=${path}`);
    const live = { ...container, fullId, cgroups };
    this.containers.set(container.id, live);
    return live;
  }

  #nextVpid(container: LiveContainer): number {
    const members = (this.#membersOf.get(container) ?? 0) + 1;
    this.#membersOf.set(container, members);
    return members;
  }
}

function environmentOf({ env }: TestProcess): readonly string[] | undefined {
  return env && Object.entries(env).map(([key, value]) => `${key}=${value}`);
}

function capabilitiesOf({ capabilities }: TestProcess): LiveProcess["capabilities"] | undefined {
  return capabilities?.includes("all") ? "all" : capabilities;
}

/** The id of the pod of a container in a test, made from that of the container. */
export function podUid(fullId: string): string {
  return [
    fullId.slice(0, 8),
    fullId.slice(8, 12),
    fullId.slice(12, 16),
    fullId.slice(16, 20),
    fullId.slice(20, 32),
  ].join("-");
}
