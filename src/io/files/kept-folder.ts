import { randomUUID } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statfsSync, utimesSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { keptSize, moveKeptDownload, removeKeptDownload } from "../http/kept-download.ts";
import { isProcessGone, processMark } from "../processes/process-mark.ts";

// Beside the file NAME that downloads are for, each process that makes it has a folder for itself:
//
//   .NAME.HOST-PID.UUID.downloads/SHA256.body, SHA256.state
//
// No other process writes there. What a process left that has ended is taken over by giving its folder another name,
// which only one can do. Only a process on the same host can determine whether the owner has ended. On other hosts, and
// after the process id was reused, a folder counts as abandoned when it has not been touched for a while.

const ending = /^([0-9a-f]{8}-\d{1,10})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.downloads$/;
const fileName = /^([0-9a-f]{64})\.(?:body|state)$/;
const betweenTouches = 60_000;
const untouchedForLong = 600_000;
const oldestInMilliseconds = 7 * 86_400_000;
const mostBytes: number = 4 * 1024 ** 3;

/** The folders of this process. A process with the same mark may be an earlier one: a container's is often 1. */
const ownUuids = new Set<string>();

/**
 * The folder beside a file in which downloads for it are kept; it holds what earlier processes left, and exists only
 * while needed.
 */
export class KeptFolder {
  readonly path: string;
  readonly #output: string;
  readonly #uuid: string = randomUUID();
  readonly #timer: NodeJS.Timeout;

  /**
   * Takes over what processes left that have ended, and removes of it what is older than seven days or, the oldest
   * first, beyond 4 GiB. A folder that cannot be taken over stays in its place.
   */
  constructor(output: string) {
    this.#output = resolve(output);
    this.path = this.#folderOf(this.#uuid);
    ownUuids.add(this.#uuid);
    try {
      for (const left of this.#leftFolders()) this.#takeOver(left);
      prune(this.path);
      rmdirSync(this.path);
    } catch {
      // It is needed, or never was.
    }
    this.#timer = setInterval(() => this.#touch(), betweenTouches).unref();
  }

  /** Makes sure that the folder is there. Errors: the file system's. */
  make(): void {
    try {
      mkdirSync(this.path, { mode: 0o700 });
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
    }
  }

  /** Bytes that are free on its disk. Errors: the file system's. */
  get room(): number {
    const { bavail, bsize } = statfsSync(dirname(this.path));
    return bavail * bsize;
  }

  /** Leaves the folder to a later process, or removes it when nothing is in it. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    ownUuids.delete(this.#uuid);
    try {
      rmdirSync(this.path);
    } catch {
      // Something is kept.
    }
  }

  #folderOf(uuid: string): string {
    return join(dirname(this.#output), `.${basename(this.#output)}.${processMark()}.${uuid}.downloads`);
  }

  #leftFolders(): string[] {
    const start = `.${basename(this.#output)}.`;
    return readdirSync(dirname(this.#output))
      .filter((name) => {
        if (!name.startsWith(start)) return false;
        const [, mark, uuid] = ending.exec(name.slice(start.length)) ?? [];
        if (mark === undefined || uuid === undefined || ownUuids.has(uuid)) return false;
        const modified = ownFolderTime(join(dirname(this.#output), name));
        if (modified === undefined) return false;
        return mark === processMark() || isProcessGone(mark) || Date.now() - modified > untouchedForLong;
      })
      .map((name) => join(dirname(this.#output), name));
  }

  #takeOver(left: string): void {
    const uuid = randomUUID();
    ownUuids.add(uuid);
    const taken = this.#folderOf(uuid);
    try {
      renameSync(left, taken);
      this.make();
      moveDownloads(taken, this.path);
      rmSync(taken, { recursive: true, force: true });
    } catch {
      // Another process was faster.
    } finally {
      ownUuids.delete(uuid);
    }
  }

  #touch(): void {
    try {
      const now = Date.now() / 1000;
      utimesSync(this.path, now, now);
    } catch {
      // Nothing is kept yet.
    }
  }
}

/** When a folder was touched that only this user can write to; undefined for anything else. */
function ownFolderTime(path: string): number | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return undefined;
  if (process.getuid !== undefined && (stat.uid !== process.getuid() || (stat.mode & 0o022) !== 0)) return undefined;
  return stat.mtimeMs;
}

/** The larger of two partial downloads of one address is kept. */
function moveDownloads(from: string, to: string): void {
  for (const stem of stemsIn(from)) {
    if (keptSize(join(to, stem)) >= keptSize(join(from, stem))) continue;
    removeKeptDownload(join(to, stem));
    moveKeptDownload(join(from, stem), join(to, stem));
  }
}

/** Removes what is too old or too much, and what is not of a download. */
function prune(folder: string): void {
  const stems = stemsIn(folder);
  for (const name of readdirSync(folder)) {
    if (!stems.has(fileName.exec(name)?.[1] ?? "")) rmSync(join(folder, name), { recursive: true, force: true });
  }
  const found = [...stems].map((stem) => {
    const body = lstatSync(`${join(folder, stem)}.body`, { throwIfNoEntry: false });
    return { stem: join(folder, stem), size: body?.size ?? 0, modified: body?.mtimeMs ?? 0 };
  });
  let bytes = 0;
  for (const { stem, size, modified } of found.sort((a, b) => b.modified - a.modified)) {
    bytes += size;
    if (Date.now() - modified > oldestInMilliseconds || bytes > mostBytes) removeKeptDownload(stem);
  }
}

/** The names of the downloads of which body and state are there. */
function stemsIn(folder: string): Set<string> {
  const names = new Set(readdirSync(folder));
  const stems = [...names].flatMap((name) => fileName.exec(name)?.[1] ?? []);
  return new Set(stems.filter((stem) => names.has(`${stem}.body`) && names.has(`${stem}.state`)));
}
