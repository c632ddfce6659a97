import type { Alert } from "../../model/events/alert.ts";

/** A test of rules: what happens, and which alerts must follow, no others. Written in YAML, see `docs/rules.md`. */
export interface RuleTest {
  /** A sentence about behaviour. */
  readonly test: string;
  /** The source of its events: `syscall`, `k8s_audit`, … */
  readonly source: string;
  /** What runs before the first event; of source `syscall` only. */
  readonly processes: readonly TestProcess[];
  /** Kernel events of source `syscall`. */
  readonly kernelEvents: readonly TestKernelEvent[];
  /** Events of all other sources, as they came from JSON. */
  readonly jsonEvents: readonly unknown[];
  /** A capture instead of events, a path relative to the file of the test. */
  readonly capture?: string;
  readonly expect: readonly ExpectedAlert[];
  readonly place: TestPlace;
}

/** Where a test was written; the line counts from 1. */
export interface TestPlace {
  readonly file: string;
  readonly line: number;
}

/** The alerts of one rule that a test expects. */
export interface ExpectedAlert {
  readonly rule: string;
  /** How many alerts of this rule there must be, exactly. */
  readonly count: number;
  /** What fields of the output must be, as text, in each of these alerts. */
  readonly fields: Readonly<Record<string, string>>;
  readonly place: TestPlace;
}

/** A process before the first event, or one that an event starts. Only `name` is needed; the rest follows from it. */
export interface TestProcess {
  /** `proc.name`. */
  readonly name: string;
  /** Defaults to the next free one, from 1000. */
  readonly pid?: number;
  /** Name or id of the parent; defaults to process 1, which always exists. */
  readonly parent?: string | number;
  /** The first argument, `proc.exe`; defaults to the name. */
  readonly exe?: string;
  /** `proc.exepath`; defaults to `/usr/bin/` and the name. */
  readonly exepath?: string;
  /** Arguments after the first. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Name or id; defaults to that of the parent, in the end `root`. */
  readonly user?: string | number;
  readonly loginUser?: string | number;
  /** 0 for none; the number of a terminal otherwise. */
  readonly tty?: number;
  /** The id of the process in its container; defaults to 1 for the first process of a container. */
  readonly vpid?: number;
  readonly sid?: number;
  readonly vpgid?: number;
  /**
   * `CAP_…` names that it has, or `all`; defaults to all for root on the host and in privileged containers, else none.
   */
  readonly capabilities?: readonly string[];
  /** Special properties of its executable file. */
  readonly exeFlags?: readonly ("writable" | "upper_layer" | "lower_layer" | "memfd")[];
  /** Seconds before it was executed that its file was changed; defaults to a year. */
  readonly exeAge?: number;
  /** What it has open by descriptor: a path, or both ends of a connection. */
  readonly files?: Readonly<Record<string, string>>;
  /** Defaults to that of the parent; `null` for the host. */
  readonly container?: TestContainer | null;
}

/** A container of a test. Only `id` is needed. */
export interface TestContainer {
  readonly id: string;
  readonly name?: string;
  /** `repository:tag`. */
  readonly image?: string;
  readonly privileged?: boolean;
  readonly pod?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** `source:destination[:ro]` each. */
  readonly mounts?: readonly string[];
  /** Seconds that it ran before the first event; defaults to an hour. */
  readonly age?: number;
}

/** A value of a parameter, before it becomes bytes. */
export type TestValue = string | number | boolean | readonly (string | number)[];

/**
 * A kernel event, of the moment after the system call. `type` is what `evt.type` prints; `spawn` stands for the events
 * of a new process (fork and execve), `exec` for those of a process that becomes another program; both then have a
 * `becomes`.
 */
export interface TestKernelEvent {
  readonly type: string;
  /** Name or id of the process; defaults to the last one that was named. */
  readonly process?: string | number;
  /** Parameters by their names in the event table. */
  readonly args: Readonly<Record<string, TestValue>>;
  readonly becomes?: TestProcess;
  /** Seconds since the event before. */
  readonly after: number;
  readonly place: TestPlace;
}

/** What became of a test. It passed when nothing is wrong. */
export interface RuleTestResult {
  readonly test: RuleTest;
  readonly alerts: readonly Alert[];
  /** Expected, but not seen or not so often. */
  readonly missed: readonly { readonly rule: string; readonly expected: number; readonly seen: number }[];
  /** Seen, but not expected or too often. */
  readonly wrong: readonly { readonly rule: string; readonly expected: number; readonly seen: number }[];
  /** Fields of expected alerts that are something else. */
  readonly different: readonly {
    readonly rule: string;
    readonly field: string;
    readonly expected: string;
    readonly seen: string | undefined;
  }[];
}
