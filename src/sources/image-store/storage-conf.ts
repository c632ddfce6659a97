import { readFileSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { isAbsolute } from "node:path";
import { parse } from "smol-toml";
import { reasonOf } from "../../io/random-access.ts";
import { PlimsollError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json-object.ts";
import { asObject } from "../image/image-config.ts";

/** Where a configuration of containers/storage says that images are kept. */
export interface StorageConf {
  /** Folders of root's store, or of the user whose file it is, the one that is written to first. */
  readonly stores: readonly string[];
  /** Where this user's store is when the file is everybody's and this user is not root. */
  readonly rootlessStore?: string;
  /** What is known of containers until the machine ends. */
  readonly runRoot?: string;
}

/** The most bytes of such a file. */
const largest: number = 1024 * 1024;

/**
 * Reads a `storage.conf`; undefined when there is none. Of it these count: `graphroot`, `imagestore`, `runroot`,
 * `rootless_storage_path`, and `additionalimagestores` of `[storage.options]`.
 *
 * Errors: `target-unreadable`, also for what is no TOML.
 * Source: containers-storage.conf(5).
 */
export function readStorageConf(path: string): StorageConf | undefined {
  const text = readConf(path);
  if (text === undefined) return undefined;
  const storage = asObject(parsed(text, path)["storage"]);
  const additional = asObject(storage["options"])["additionalimagestores"];
  const [rootlessStore] = folders(storage["rootless_storage_path"]);
  const [runRoot] = folders(storage["runroot"]);
  return {
    stores: [
      ...folders(storage["graphroot"]),
      ...folders(storage["imagestore"]),
      ...(Array.isArray(additional) ? additional.flatMap(folders) : []),
    ],
    ...(rootlessStore !== undefined && { rootlessStore }),
    ...(runRoot !== undefined && { runRoot }),
  };
}

function readConf(path: string): string | undefined {
  try {
    const { size } = statSync(path);
    if (size > largest) throw unreadable(path, "it has more than 1 MiB");
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
  const [first] = cause instanceof Error ? cause.message.split("\n") : ["it is no TOML"];
  return first ?? "it is no TOML";
}

function unreadable(path: string, reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError("target-unreadable", `${path} cannot be read: ${reason}`, {
    cause,
    hint: "Mend it as containers-storage.conf(5) describes, or name the store: containers-storage:[FOLDER]NAME.",
  });
}

/** A folder with the variables that such a file may use filled in; none when it is no absolute path. */
function folders(value: unknown): string[] {
  if (typeof value !== "string") return [];
  const path = value.replace(/\$(?:\{(HOME|UID|USER)\}|(HOME|UID|USER)\b)/g, (_text, braced, bare) => {
    return variables[(braced ?? bare) as keyof typeof variables]();
  });
  return isAbsolute(path) ? [path] : [];
}

const variables = {
  HOME: () => homedir(),
  UID: () => String(process.getuid?.() ?? ""),
  USER: () => userInfo().username,
} as const;
