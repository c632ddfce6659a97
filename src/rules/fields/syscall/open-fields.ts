import { kernelFlagSets } from "../../../model/events/kernel-event-table.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import type { EventFacts } from "./event-facts.ts";
import { type FieldContext, type FieldMakers, plainFields } from "./field-reader.ts";
import { resultOf } from "./result-of.ts";

const readOnly = openFlag("O_RDONLY");
const writeOnly = openFlag("O_WRONLY");
const creates = openFlag("O_CREAT");
const temporary = openFlag("O_TMPFILE");
const created = openFlag("O_F_CREATED");
const executable = 0o111;

/** Where the flags and the mode stand in the events that open files. */
const places: Readonly<Record<string, { readonly flags: number; readonly mode: number }>> = {
  SYSCALL_OPEN_X: { flags: 2, mode: 3 },
  SYSCALL_OPENAT_E: { flags: 2, mode: 3 },
  SYSCALL_OPENAT_2_X: { flags: 3, mode: 4 },
  SYSCALL_OPENAT2_X: { flags: 3, mode: 4 },
  SYSCALL_OPEN_BY_HANDLE_AT_X: { flags: 2, mode: -1 },
};

/** How a file is opened: `evt.is_open_read`, `evt.is_open_write`, `evt.is_open_exec`, `evt.is_open_create`. */
export const openFields: FieldMakers = plainFields({
  // Opening to read and write sets both flags.
  "evt.is_open_read": (context) => (event) => (flagsOf(event, context) & readOnly) !== 0,
  "evt.is_open_write": (context) => (event) => (flagsOf(event, context) & writeOnly) !== 0,
  "evt.is_open_create": (context) => (event) => {
    const flags = flagsOf(event, context);
    if ((flags & created) !== 0) return true;
    return (flags & temporary) !== 0 && (resultOf(event, context.facts[event.code] as EventFacts) ?? -1) >= 0;
  },
  "evt.is_open_exec": (context) => (event) => {
    const { id } = context.facts[event.code] as EventFacts;
    if (id === "SYSCALL_CREAT_X") return (event.unsigned(2) & executable) !== 0;
    const mode = opensIn(id, context)?.mode ?? -1;
    if (mode < 0 || (flagsOf(event, context) & (temporary | creates)) === 0) return false;
    return (event.unsigned(mode) & executable) !== 0;
  },
});

function flagsOf(event: KernelEvent, context: FieldContext): number {
  const opened = opensIn((context.facts[event.code] as EventFacts).id, context);
  return opened === undefined ? 0 : event.unsigned(opened.flags);
}

function opensIn(id: string, { generation }: FieldContext): (typeof places)[string] | undefined {
  return id === "SYSCALL_OPENAT_E" && generation === "head" ? undefined : places[id];
}

function openFlag(name: string): number {
  return kernelFlagSets["file_flags"]?.find(([flag]) => flag === name)?.[1] ?? 0;
}
