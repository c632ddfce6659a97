import { accessOf, type LoggedAccess } from "./access-of-record.ts";
import { type AuditRecord, readAuditRecord } from "./read-record.ts";

/** An access in a log, with how often it occurs. */
export interface LoggedEvent {
  readonly profile: string;
  readonly type: AuditRecord["type"];
  readonly access: LoggedAccess;
  readonly program: string | undefined;
  /** The line of the log that has it first. */
  readonly line: number;
  count: number;
}

/** The accesses of a log. */
export interface Log {
  readonly events: readonly LoggedEvent[];
  /** AppArmor messages about no access, or about one that no rule can name. */
  readonly skipped: number;
}

const mostEvents = 200_000;

/** Gathers the accesses that AppArmor logged, line by line. Equal accesses are one event. */
export class LogReader {
  private readonly found = new Map<string, LoggedEvent>();
  private skipped = 0;
  private line = 0;

  add(line: string): void {
    this.line += 1;
    const record = readAuditRecord(line);
    if (record === undefined || record.type === "STATUS") return;
    const access = accessOf(record);
    const profile = record.fields.get("profile") ?? record.fields.get("label");
    if (access === undefined || profile === undefined) {
      this.skipped += 1;
      return;
    }
    const key = JSON.stringify([profile, record.type, access, ...("conditions" in access ? access.conditions : [])]);
    const known = this.found.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.found.size < mostEvents) {
      const program = record.fields.get("comm");
      this.found.set(key, { profile, type: record.type, access, program, line: this.line, count: 1 });
    } else this.skipped += 1;
  }

  finish(): Log {
    return { events: [...this.found.values()], skipped: this.skipped };
  }
}
