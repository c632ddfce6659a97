import { existsSync } from "node:fs";
import type { ContainerdClient } from "../../engines/containerd/containerd-client.ts";
import { PlimsollError } from "../../model/error.ts";
import { isContainerdStorage } from "../../sources/image-store/containerd-storage.ts";
import { SilentSocketError, toldRoot, toldRootOrError } from "../targets/containerd-root.ts";
import { type ContainerdAccess, usualContainerdAddresses, usualContainerdStorage } from "../targets/engine-access.ts";
import { gapOfDeniedFolder, type ListingGap } from "./listing-gap.ts";
import type { RunningTasks } from "./running-tasks.ts";

/** A folder of containerd. */
export interface ContainerdRoot {
  readonly path: string;
  /** The socket to ask of a container of which no state is found. */
  readonly asked: string | undefined;
  /** The sockets of those who say that this is their folder. */
  readonly toldBy: readonly string[];
}

/** Which folders of containerd to read, and what is missed. */
export interface ContainerdRoots {
  readonly roots: readonly ContainerdRoot[];
  readonly gaps: readonly ListingGap[];
}

interface FindOptions {
  /** True when the user named containerd, so that it is missed when it is not there. */
  readonly required: boolean;
  /** The namespace to look in; all of them unless given. */
  readonly namespace: string | undefined;
  readonly tasks: RunningTasks;
  readonly signal: AbortSignal;
}

/**
 * The folder that the named socket's containerd has, else those that may be read: the usual ones, and those of which
 * who listens at the usual sockets tells.
 *
 * Errors: `engine-unreachable`, that of a silent socket when there is no folder either; `target-unreadable`,
 * `cancelled`.
 */
export async function containerdRoots(
  { address, storage, usualAddresses = usualContainerdAddresses }: ContainerdAccess,
  options: FindOptions,
): Promise<ContainerdRoots> {
  const { required, tasks, signal } = options;
  const told =
    address !== undefined && storage === undefined
      ? await rootAt(await tasks.client(address), { address, signal })
      : undefined;
  if (typeof told === "string")
    return { roots: [{ path: told, asked: address, toldBy: address === undefined ? [] : [address] }], gaps: [] };
  const readable = readableRoots(storage ?? usualContainerdStorage, {
    asked: told ? undefined : address,
    required: required && told === undefined,
  });
  if (told) {
    if (readable.roots.length === 0) throw told;
    return { roots: readable.roots, gaps: [{ error: told }, ...readable.gaps] };
  }
  const isAnyone = address === undefined && storage === undefined;
  const { roots, gaps } = isAnyone ? await rootsElsewhere(usualAddresses, readable, options) : readable;
  if (roots.length > 0 || gaps.length > 0 || !required) return { roots, gaps };
  throw new PlimsollError("engine-unreachable", "no containerd found in its default folders", {
    hint: "If containerd uses another root folder (root in its config.toml), set CONTAINERD_ADDRESS to its socket.",
  });
}

/**
 * The folder of the containerd that listens; the error when it cannot be asked. Errors: `engine-unreachable` when the
 * folder is not here, `target-unreadable`, `cancelled`.
 */
async function rootAt(
  client: ContainerdClient,
  { address, signal }: { readonly address: string; readonly signal: AbortSignal },
): Promise<string | PlimsollError | undefined> {
  const root = await orError(toldRoot(client, signal));
  if (typeof root !== "string" || isContainerdStorage(root)) return root;
  throw notHere(address, root);
}

/**
 * Roots that are not read yet. A socket that is missing or may not be opened is ignored; one whose server does not
 * answer is a gap. Error: `cancelled`.
 */
async function rootsElsewhere(
  addresses: readonly string[],
  readable: ContainerdRoots,
  { namespace, tasks, signal }: FindOptions,
): Promise<ContainerdRoots> {
  const roots = new Map(readable.roots.map((root) => [root.path, root]));
  const gaps: ListingGap[] = [...readable.gaps];
  const there = addresses.filter((path) => existsSync(path));
  const answers = await Promise.all(
    there.map(async (address) => ({
      address,
      path: await toldRootOrError(await tasks.client(address), { address, signal }),
    })),
  );
  for (const { address, path } of answers) {
    if (path instanceof SilentSocketError) {
      tasks.giveUp(address, path);
      gaps.push({ error: path });
    }
    if (typeof path !== "string") continue;
    const known = roots.get(path);
    if (known) {
      roots.set(path, { ...known, toldBy: [...known.toldBy, address] });
      continue;
    }
    const found = readableRoots([path], { asked: address, required: false });
    for (const root of found.roots) roots.set(path, { ...root, toldBy: [address] });
    // A usual folder that may not be read has been reported already.
    if (!usualContainerdStorage.includes(path)) gaps.push(...found.gaps);
    if (found.roots.length + found.gaps.length > 0) continue;
    const running = await tasks.all(address, namespace);
    const containers = running instanceof PlimsollError ? undefined : [...running.values()].flatMap((ids) => [...ids]);
    if (containers?.length !== 0) gaps.push({ error: notHere(address, path), ...(containers && { containers }) });
  }
  return { roots: [...roots.values()], gaps };
}

/** The error in place of what is asked for. Error: `cancelled`. */
async function orError<T>(asked: Promise<T>): Promise<T | PlimsollError> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== "cancelled") return error;
    throw error;
  }
}

function notHere(address: string, root: string): PlimsollError {
  return new PlimsollError(
    "engine-unreachable",
    `containerd at ${address} stores its images in ${root}, which does not exist on this machine`,
    { hint: "Run Plimsoll where that folder is: next to containerd, not in a separate container." },
  );
}

/** `root` is here, and is not that of the containerd at the socket. */
export function otherFolder(address: string, root: string): PlimsollError {
  return new PlimsollError(
    "engine-unreachable",
    `containerd at ${address} runs containers that ${root} here does not have: containerd uses another folder with the same path`,
    { hint: "Run Plimsoll where containerd runs, or mount that folder in Plimsoll's container." },
  );
}

/** The folders that are containerd's, and what is missed in those that may not be read. */
function readableRoots(
  storage: readonly string[],
  { asked, required }: { readonly asked: string | undefined; readonly required: boolean },
): ContainerdRoots {
  const gaps: ListingGap[] = [];
  const roots = storage.filter((path) => {
    try {
      return isContainerdStorage(path);
    } catch (error) {
      if (required || !(error instanceof PlimsollError)) throw error;
      const gap = gapOfDeniedFolder("containerd", error);
      if (gap) gaps.push(gap);
      return false;
    }
  });
  return { roots: roots.map((path) => ({ path, asked, toldBy: [] })), gaps };
}
