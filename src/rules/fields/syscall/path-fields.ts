import { descriptorTypes } from "../../state/descriptor.ts";
import { joinPaths } from "../../state/joined-path.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import { descriptorName } from "./descriptor-name.ts";
import { directoryOf } from "./directory-path.ts";
import type { EventFacts } from "./event-facts.ts";
import { type FieldContext, type FieldMaker, type FieldMakers, plainFields } from "./field-reader.ts";
import { pathParameter } from "./parameter-text.ts";

/**
 * For a call that works on paths: the parameters of its path, or of its source and target; `fd` for one on a
 * descriptor.
 */
interface PathCall {
  readonly name?: string;
  readonly source?: string;
  readonly target?: string;
  /** The parameter that says whether the call went well: `res` with 0, or `fd` with anything but -1. */
  readonly success: "res" | "fd";
}

const path: PathCall = { name: "path", success: "res" };
const moved: PathCall = { source: "oldpath", target: "newpath", success: "res" };
/** The new path is what a link is made of, in libsinsp's view. */
const linked: PathCall = { source: "newpath", target: "oldpath", success: "res" };
const symbolic: PathCall = { source: "linkpath", target: "target", success: "res" };
const opened: PathCall = { name: "name", success: "fd" };
const named: PathCall = { name: "name", success: "res" };
const onDescriptor: PathCall = { name: "fd", success: "res" };
const fileName: PathCall = { name: "filename", success: "res" };

const calls: Readonly<Record<string, PathCall>> = {
  SYSCALL_MKDIR_2_X: path,
  SYSCALL_MKDIRAT_X: path,
  SYSCALL_RMDIR_2_X: path,
  SYSCALL_UNLINK_2_X: path,
  SYSCALL_UNLINKAT_2_X: named,
  SYSCALL_OPEN_X: opened,
  SYSCALL_OPENAT_2_X: opened,
  SYSCALL_OPENAT2_X: opened,
  SYSCALL_FCHMODAT_X: fileName,
  SYSCALL_CHMOD_X: fileName,
  SYSCALL_FCHMOD_X: onDescriptor,
  SYSCALL_CHOWN_X: path,
  SYSCALL_LCHOWN_X: path,
  SYSCALL_FCHOWN_X: onDescriptor,
  SYSCALL_FCHOWNAT_X: { name: "pathname", success: "res" },
  SYSCALL_QUOTACTL_X: { name: "special", success: "res" },
  SYSCALL_RENAME_X: moved,
  SYSCALL_RENAMEAT_X: moved,
  SYSCALL_RENAMEAT2_X: moved,
  SYSCALL_LINK_2_X: linked,
  SYSCALL_LINKAT_2_X: linked,
  SYSCALL_SYMLINK_X: symbolic,
  SYSCALL_SYMLINKAT_X: symbolic,
  SYSCALL_MOUNT_X: { source: "dev", target: "dir", success: "res" },
  SYSCALL_UMOUNT_X: named,
  SYSCALL_UMOUNT_1_X: named,
  SYSCALL_UMOUNT2_X: named,
};

type Role = "name" | "source" | "target";

/** The paths that system calls work on: `fs.path.*`, `evt.abspath`. */
export const pathFields: FieldMakers = {
  ...plainFields({
    "fs.path.name": absolute("name"),
    "fs.path.nameraw": asGiven("name"),
    "fs.path.source": absolute("source"),
    "fs.path.sourceraw": asGiven("source"),
    "fs.path.target": absolute("target"),
    "fs.path.targetraw": asGiven("target"),
  }),
  "evt.abspath": (argument, context) => absolutePath(argument.dotted, argument.bracketed, context),
};

function asGiven(role: Role): (context: FieldContext) => (event: KernelEvent) => string | undefined {
  return (context) => {
    const parameters = context.facts.map(({ id }) => calls[id]?.[role]);
    return (event) => {
      const parameter = parameters[event.code];
      if (parameter === undefined) return undefined;
      const fact = context.facts[event.code] as EventFacts;
      const success = calls[fact.id]?.success ?? "res";
      const place = fact.place(success);
      if (place < 0 || event.length(place) <= 0) return undefined;
      const result = event.signed(place);
      if (success === "res" ? result !== 0 : result === -1) return undefined;
      return parameter === "fd" ? descriptorName(event, context) : pathParameter(event, fact.place(parameter));
    };
  };
}

function absolute(role: Role): (context: FieldContext) => (event: KernelEvent) => string | undefined {
  return (context) => {
    const given = asGiven(role)(context);
    return (event) => {
      const text = given(event);
      if (text === undefined || event.thread === undefined) return undefined;
      if (text.startsWith("/")) return joinPaths("", text);
      const { id } = context.facts[event.code] as EventFacts;
      // The state has made these absolute already.
      if (id === "SYSCALL_OPENAT_2_X" || id === "SYSCALL_OPENAT2_X")
        return joinPaths("", event.descriptor?.name ?? "<UNKNOWN>");
      return joinPaths(base(event, id, { role, text }), text);
    };
  };
}

/** Events whose descriptor is the directory of their path. */
const inDirectory = new Set(
  ["NEWFSTATAT", "FCHOWNAT", "FCHMODAT", "MKDIRAT", "UNLINKAT_2", "MKNODAT"].map((name) => `SYSCALL_${name}_X`),
);

function base(event: KernelEvent, id: string, { role, text }: { role: Role; text: string }): string {
  if (inDirectory.has(id)) return directoryOfEvent(event);
  if (id === "SYSCALL_SYMLINKAT_X") return role === "source" ? directoryOfEvent(event) : "<UNKNOWN>";
  if (id === "SYSCALL_RENAMEAT2_X") return directoryOf(event, text, event.signed(role === "target" ? 3 : 1));
  return event.thread?.cwd ?? "";
}

function directoryOfEvent({ descriptor }: KernelEvent): string {
  if (descriptor?.type !== descriptorTypes.directory) return "<UNKNOWN>";
  return descriptor.name === "" || descriptor.name.endsWith("/") ? descriptor.name : `${descriptor.name}/`;
}

/** The parameters of the directory and of the path, of the first or only path and of the second. */
interface RelativeCall {
  readonly first: readonly [directory: string, path: string];
  readonly second?: readonly [directory: string, path: string];
}

const renames: RelativeCall = { first: ["olddirfd", "oldpath"], second: ["newdirfd", "newpath"] };
const links: RelativeCall = { first: ["olddir", "oldpath"], second: ["newdir", "newpath"] };
const nameIn: RelativeCall = { first: ["dirfd", "name"], second: ["dirfd", "name"] };

const relativeCalls: Readonly<Record<string, RelativeCall>> = {
  SYSCALL_RENAMEAT_X: renames,
  SYSCALL_RENAMEAT2_X: renames,
  SYSCALL_SYMLINKAT_X: { first: ["linkdirfd", "linkpath"], second: ["linkdirfd", "linkpath"] },
  SYSCALL_OPENAT_E: nameIn,
  SYSCALL_OPENAT_2_X: nameIn,
  SYSCALL_OPENAT2_X: nameIn,
  SYSCALL_LINKAT_E: links,
  SYSCALL_LINKAT_2_X: links,
  SYSCALL_UNLINKAT_E: nameIn,
  SYSCALL_UNLINKAT_2_X: nameIn,
  SYSCALL_MKDIRAT_X: { first: ["dirfd", "path"], second: ["dirfd", "path"] },
  SYSCALL_FCHMODAT_X: { first: ["dirfd", "filename"], second: ["dirfd", "filename"] },
  SYSCALL_FCHOWNAT_X: { first: ["dirfd", "pathname"], second: ["dirfd", "pathname"] },
};

function absolutePath(
  which: string | undefined,
  bracketed: string | undefined,
  { facts, generation }: FieldContext,
): ReturnType<FieldMaker> {
  if (bracketed !== undefined || (which !== undefined && which !== "src" && which !== "dst")) return undefined;
  return {
    extract: (event) => {
      const fact = facts[event.code] as EventFacts;
      if (event.thread === undefined) return undefined;
      if (fact.id === "SYSCALL_OPEN_BY_HANDLE_AT_X") {
        return event.signed(0) > 0 ? joinPaths("", pathParameter(event, 3) ?? "") : undefined;
      }
      const call = generation === "head" && !fact.isExit ? undefined : relativeCalls[fact.id];
      const names = which === "dst" ? call?.second : call?.first;
      if (names === undefined) return undefined;
      const [directory, file] = [fact.place(names[0]), fact.place(names[1])];
      if (event.length(directory) <= 0 || event.length(file) <= 0) return undefined;
      const text = pathParameter(event, file) ?? "";
      return joinPaths(directoryOf(event, text, event.signed(directory)), text);
    },
  };
}
