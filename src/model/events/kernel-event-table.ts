import events from "../../../data/kernel-events/events.json" with { type: "json" };
import flagSets from "../../../data/kernel-events/flag-sets.json" with { type: "json" };
import names from "../../../data/kernel-events/names.json" with { type: "json" };

/**
 * One parameter of a kernel event: its name, how its bytes are read (`FSPATH`, `FLAGS32`, …) and how it prints (`DEC`,
 * `HEX`, …).
 */
export interface KernelParameter {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  /** The flag set that names its bits or values, a key of {@link kernelFlagSets}. */
  readonly set?: string;
  /** For a relative path: the index of the parameter that holds the descriptor of its directory. */
  readonly directory?: number;
  /** For a `DYN` parameter: the types that its first byte chooses from. */
  readonly variants?: readonly KernelParameter[];
}

/** What libsinsp 0.20 (Falco 0.40) says of an event where it says something else. */
export interface OlderKernelEventType {
  readonly name?: string;
  readonly categories?: readonly string[];
  readonly flags?: readonly string[];
  /** It knows only the first so many parameters. */
  readonly parameterCount?: number;
  readonly parameters?: readonly KernelParameter[];
  /** It does not know this code. */
  readonly isUnknown?: true;
}

/** One code of the event table of falcosecurity/libs (`driver/event_table.c`), as data of its MIT-licensed side. */
export interface KernelEventType {
  /** The upstream name of the code without `PPME_`, for example `SYSCALL_OPEN_X`. */
  readonly id: string;
  /** What `evt.type` prints. Several codes share a name. */
  readonly name: string;
  /** False for the event before a system call (`>`), true for the one after it (`<`). */
  readonly isExit: boolean;
  /**
   * Without `EC_`: `FILE`, `NET`, …, then where the event comes from: `SYSCALL`, `TRACEPOINT`, `METAEVENT`, `PLUGIN`, …
   */
  readonly categories: readonly string[];
  /** Without `EF_`: `CREATES_FD`, `USES_FD`, `MODIFIES_STATE`, `OLD_VERSION`, `CONVERTER_MANAGED`, … */
  readonly flags: readonly string[];
  readonly parameters: readonly KernelParameter[];
  /** The system calls that give it; `generic` for those that have no code of their own. */
  readonly syscalls?: readonly string[] | "generic";
  readonly old?: OlderKernelEventType;
}

/** All event types; the index is the code. */
export const kernelEventTypes: readonly KernelEventType[] = events as readonly unknown[] as readonly KernelEventType[];

/** The names of flags and of enumerated values by set, each in the order in which it prints. */
export const kernelFlagSets: Readonly<Record<string, readonly (readonly [name: string, value: number])[]>> =
  flagSets as unknown as Record<string, [string, number][]>;

/** The names of `errno` by number. */
export const errnoNames: Readonly<Record<string, string>> = names.errno;
/** The names of signals by number. */
export const signalNames: Readonly<Record<string, string>> = names.signals;

/** System calls by the code that the `ID` parameter of a generic event holds. */
export const syscallNames: Readonly<Record<string, string>> = names.syscalls;

const codes = new Map(kernelEventTypes.map(({ id }, code) => [id, code]));

/** The code of an event type by its `id`; a name that the table does not have is a mistake of the caller. */
export function kernelEventCode(id: string): number {
  const code = codes.get(id);
  if (code === undefined) throw new RangeError(`no kernel event named ${id}`);
  return code;
}
