import { symbolicArguments } from "./symbolic-arguments.ts";

/** A system call in a trace or log. */
export interface TracedCall {
  /** The name, of strace; the number and the architecture, of others. */
  readonly name?: string;
  readonly number?: number;
  readonly audit?: number;
  /** The text of the arguments, of strace. */
  readonly text?: string;
  /** Known arguments, of others. */
  readonly values?: readonly (bigint | undefined)[];
  readonly pid?: string;
  /** The program, from an audit line. */
  readonly command?: string;
}

/*
 * Each form is anchored at the start of its line, where only the tracer or the kernel writes: what a traced program
 * prints or is named stands behind that, in quotes or in hexadecimal.
 */
const strace =
  /^(?:\[pid +(\d{1,10})\] |(\d{1,10}) +)?(?:\d{1,10}[:.]\d{2,9}(?::\d\d)?(?:\.\d{1,9})? +)?([a-z_][a-z0-9_]{0,40})\((.*)$/;
const straceEnd = /\) {1,60}= (?:-?\d|0x|\?)|<unfinished \.\.\.>$|= \?$/;
const seccompRecord =
  /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,64} kernel: )?(?:\[ {0,12}\d{1,12}\.\d{1,9}\] )?audit: type=1326 audit\(|^type=(?:SECCOMP|1326) msg=audit\(/;
const syscallRecord = /^type=(?:SYSCALL|1300) msg=audit\(/;
const ftrace =
  /^ {0,16}.{1,16}-(\d{1,10}) {1,8}\[\d{3,4}\] [^ ]{1,8} {1,6}\d{1,12}\.\d{1,9}: sys_enter: NR (\d{1,10}) \(([0-9a-f, ]{1,140})\)$/;
const numbers = /^[^"]*? arch=([0-9a-f]{1,8}) syscall=(\d{1,10}) /;

/**
 * Reads the lines of one trace. After a line of `strace -f -o` only lines with a process id are calls of strace: others
 * would have to be what the traced program printed.
 */
export class TraceReader {
  #hasIds = false;

  /** The call in one line of strace, of an audit log or of ftrace; undefined for other lines. */
  read(line: string): TracedCall | undefined {
    const call = readTraceLine(line);
    if (call?.name === undefined) return call;
    const hasId = call.pid !== undefined && line.charCodeAt(0) !== 0x5b;
    if (this.#hasIds && !hasId) return undefined;
    this.#hasIds ||= hasId;
    return call;
  }
}

function readTraceLine(line: string): TracedCall | undefined {
  const first = line.charCodeAt(0);
  // "t" of type=, "a" of audit:, "<" and "[" of the kernel's ring, capital letters of syslog.
  if (first === 0x74 || first === 0x61 || first === 0x3c || first === 0x5b || (first >= 0x41 && first <= 0x5a)) {
    const record = readRecord(line);
    if (record) return record;
  }
  const call = strace.exec(line);
  if (call && straceEnd.test(line)) {
    const [, bracketed, plain, name = "", text = ""] = call;
    const pid = bracketed ?? plain;
    return { name, text, ...(pid !== undefined && { pid }) };
  }
  const entered = line.includes("sys_enter: NR ") ? ftrace.exec(line) : null;
  if (!entered) return undefined;
  const [, pid = "", number = "", values = ""] = entered;
  return { number: Number(number), pid, values: values.split(", ").map((value) => BigInt(`0x${value.trim() || "0"}`)) };
}

/** The arguments of a call, as far as the line shows their numbers. */
export function argumentsOf({ name, text, values }: TracedCall): readonly (bigint | undefined)[] {
  if (values) return values;
  return name === undefined || text === undefined ? [] : symbolicArguments(name, text);
}

/** The fields that the kernel writes, which precede all that a program could choose but its own name in quotes. */
function readRecord(line: string): TracedCall | undefined {
  const isSeccomp = seccompRecord.test(line);
  if (!isSeccomp && !syscallRecord.test(line)) return undefined;
  const outside = line.replace(/"[^"]*"/g, (quoted) => `<${quoted.length}>`);
  const [, audit = "", number = ""] = numbers.exec(outside) ?? [];
  if (audit === "") return undefined;
  const [, pid] = / pid=(\d{1,10}) /.exec(outside) ?? [];
  const [, command] = / comm="([^"]{0,64})"/.exec(line) ?? [];
  return {
    audit: Number.parseInt(audit, 16),
    number: Number(number),
    ...(pid !== undefined && { pid }),
    ...(command !== undefined && { command }),
    values: isSeccomp ? [] : auditArguments(outside),
  };
}

/** `a0` to `a3` of an audit record of a call. */
function auditArguments(line: string): readonly (bigint | undefined)[] {
  const [, ...found] =
    / a0=([0-9a-f]{1,16}) a1=([0-9a-f]{1,16}) a2=([0-9a-f]{1,16}) a3=([0-9a-f]{1,16}) /.exec(line) ?? [];
  return found.map((value) => BigInt(`0x${value}`));
}
