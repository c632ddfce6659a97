/** What a host says about one path, links followed. */
export interface HostFileStatus {
  readonly kind: "file" | "directory" | "socket" | "other";
  /** Permission bits, set-uid, set-gid and sticky included: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** From the host's own `/etc/passwd` and `/etc/group`; absent when they do not name it. */
  readonly user?: string;
  readonly group?: string;
}

/** A process of a host. */
export interface HostProcess {
  readonly pid: number;
  readonly parent: number;
  /** The name of the process's user, or the number when it does not have a name. */
  readonly user: string;
  /** As the kernel calls it: at most 15 characters. */
  readonly name: string;
  /** Empty for a thread of the kernel. */
  readonly argv: readonly string[];
}

/** Why something could not be read: a clause that begins in lower case. */
export interface Unreadable {
  readonly unavailable: string;
}

/**
 * A host that can be looked at: files and processes, nothing else. Paths are absolute, as the host has them. No promise
 * rejects, and everything is bounded: content larger than a stated limit is unavailable.
 */
export interface HostView {
  processes(): Promise<readonly HostProcess[] | Unreadable>;
  /** `NAME=value` of a process. */
  environment(pid: number): Promise<readonly string[] | Unreadable>;
  /** Undefined when nothing is there. */
  status(path: string): Promise<HostFileStatus | Unreadable | undefined>;
  /** The text of a file; undefined when nothing is there. */
  read(path: string): Promise<string | Unreadable | undefined>;
  /** The names in a folder in order, without `.` and `..`; undefined when no folder is there. */
  list(path: string): Promise<readonly string[] | Unreadable | undefined>;
}
