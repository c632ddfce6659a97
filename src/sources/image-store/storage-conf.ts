import { readFileSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { isAbsolute } from "node:path";
import { parse } from "smol-toml";
import { machineUser } from "../../io/processes/machine-user.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { asObject } from "../image/image-config.ts";

/** Where a configuration of containers/storage says that images are kept. */
export interface StorageConf {
  /** Folders of root's store, or of the user whose file it is, the one that is written to first. */
  readonly stores: readonly string[];
  /** Where this user's store is when the file is everybody's and this user is not root. */
  readonly rootlessStore?: string;
  /** State of containers until the machine shuts down. */
  readonly runRoot?: string;
  /** Why `runRoot` is not known: no image is there, so that the stores can be used. */
  readonly damage?: PlimsollError;
}

/** The variables of an environment. */
export type StorageVariables = Readonly<Record<string, string | undefined>>;

/** The most bytes of such a file. */
const largest: number = 1024 * 1024;

/**
 * Reads a `storage.conf`; undefined when there is none. It honours these settings: `graphroot`, `imagestore`,
 * `runroot`, `rootless_storage_path`, and `additionalimagestores` of `[storage.options]`. A path may hold `variables`,
 * as `$NAME` or `${NAME}`; one that is not set is empty.
 *
 * Errors: `target-unreadable`, also for what is not TOML, and, with its key, for a value of another type and a path
 * that is not absolute: the usual store in its place would be another one. Source: containers-storage.conf(5);
 * containers/storage `types/utils.go`, `expandEnvPath`; Go `os.Expand`.
 */
export function readStorageConf(path: string, variables: StorageVariables = {}): StorageConf | undefined {
  const text = readConf(path);
  if (text === undefined) return undefined;
  const refuse = (key: string, what: string): never => {
    throw unreadable(path, `${key} ${what}`);
  };
  const storage = table(parsed(text, path), { key: "storage", refuse });
  const options = table(storage, { key: "options", of: "storage", refuse });
  const foldersOf = (value: unknown, key: string): readonly string[] => expanded(value, { key, variables, refuse });
  const folders = (key: string): readonly string[] => foldersOf(storage[key], `storage.${key}`);
  const additionalKey = "storage.options.additionalimagestores";
  const additional = options["additionalimagestores"] ?? [];
  if (!Array.isArray(additional)) return refuse(additionalKey, "is not a list");
  const [rootlessStore] = folders("rootless_storage_path");
  return {
    stores: [
      ...folders("graphroot"),
      ...folders("imagestore"),
      ...additional.flatMap((folder) => foldersOf(folder, additionalKey)),
    ],
    ...(rootlessStore !== undefined && { rootlessStore }),
    ...readRunRoot(() => folders("runroot")[0]),
  };
}

function readRunRoot(read: () => string | undefined): Pick<StorageConf, "runRoot" | "damage"> {
  try {
    const runRoot = read();
    return runRoot === undefined ? {} : { runRoot };
  } catch (error) {
    if (error instanceof PlimsollError) return { damage: error };
    throw error;
  }
}

function readConf(path: string): string | undefined {
  try {
    const { size } = statSync(path);
    if (size > largest) throw unreadable(path, "it is larger than 1 MiB");
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return undefined;
    throw cause instanceof PlimsollError ? cause : unreadable(path, reasonOf(cause), cause);
  }
}

function parsed(text: string, path: string): JsonObject {
  try {
    return asObject(parse(text));
  } catch (cause) {
    throw unreadable(path, messageOf(cause), cause);
  }
}

function messageOf(cause: unknown): string {
  const [first] = cause instanceof Error ? cause.message.split("\n") : ["it is not valid TOML"];
  return first ?? "it is not valid TOML";
}

function unreadable(path: string, reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError("target-unreadable", `${path} cannot be read: ${reason}`, {
    cause,
    hint: "Fix the file (see containers-storage.conf(5)), or specify the store: containers-storage:[FOLDER]NAME.",
  });
}

/** Refuses what a key says; `what` is the rest of the sentence. */
type Refuse = (key: string, what: string) => never;

function table(
  parent: JsonObject,
  { key, of, refuse }: { readonly key: string; readonly of?: string; readonly refuse: Refuse },
): JsonObject {
  const value = parent[key] ?? {};
  return isJsonObject(value) ? value : refuse(of === undefined ? key : `${of}.${key}`, "is not a table");
}

/** A folder with its variables filled in; none when it is not said. */
function expanded(
  value: unknown,
  { key, variables, refuse }: { readonly key: string; readonly variables: StorageVariables; readonly refuse: Refuse },
): readonly string[] {
  if (value === undefined || value === "") return [];
  if (typeof value !== "string") return refuse(key, "is not text");
  const path = value.replace(/\$(?:\{([^{}]*)\}|([A-Za-z_]\w*|[*#$@!?0-9-]))/g, (_text, braced, bare) => {
    const name: string = braced ?? bare;
    return (Object.hasOwn(variables, name) ? variables[name] : usual.get(name)?.()) ?? "";
  });
  return isAbsolute(path) ? [path] : refuse(key, `is not an absolute path: ${JSON.stringify(value)}`);
}

/** Defaults of variables without an environment. */
const usual: ReadonlyMap<string, () => string> = new Map([
  ["HOME", () => homedir()],
  ["UID", () => String(machineUser().uid ?? "")],
  ["USER", () => userInfo().username],
]);
