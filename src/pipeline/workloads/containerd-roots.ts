import { existsSync } from "node:fs";
import type { ContainerdClient } from "../../engines/containerd/containerd-client.ts";
import { PlimsollError } from "../../model/error.ts";
import { isContainerdStorage } from "../../sources/image-store/containerd-storage.ts";
import { toldRoot, toldRootOrNone } from "../targets/containerd-root.ts";
import { type ContainerdAccess, usualContainerdAddresses, usualContainerdStorage } from "../targets/engine-access.ts";
import { gapOfDeniedFolder, type ListingGap } from "./listing-gap.ts";
import type { RunningTasks } from "./running-tasks.ts";

/** A folder of containerd. */
export interface ContainerdRoot {
  readonly path: string;
  /** The socket to ask of a container of which no state is found. */
  readonly asked: string | undefined;
}

/** Which folders of containerd to read, and what is missed. */
export interface ContainerdRoots {
  readonly roots: readonly ContainerdRoot[];
  readonly gaps: readonly ListingGap[];
}

interface FindOptions {
  /** True when the user named containerd, so that it is missed when it is not there. */
  readonly required: boolean;
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
  if (typeof told === "string") return { roots: [{ path: told, asked: address }], gaps: [] };
  const readable = readableRoots(storage ?? usualContainerdStorage, {
    asked: told ? undefined : address,
    required: required && told === undefined,
  });
  if (told) {
    if (readable.roots.length === 0) throw told;
    return { roots: readable.roots, gaps: [{ error: told }, ...readable.gaps] };
  }
  const others =
    address === undefined && storage === undefined ? await rootsElsewhere(usualAddresses, readable, options) : noRoots;
  const [roots, gaps] = [readable.roots.concat(others.roots), readable.gaps.concat(others.gaps)];
  if (roots.length > 0 || gaps.length > 0 || !required) return { roots, gaps };
  throw new PlimsollError("engine-unreachable", "there is no containerd in its usual folders", {
    hint: "Set CONTAINERD_ADDRESS to its socket when it keeps its images in another folder (root in its config.toml).",
  });
}

const noRoots: ContainerdRoots = { roots: [], gaps: [] };

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

/** Those that are none of the usual ones. A socket that is not there or cannot be asked tells nothing. */
async function rootsElsewhere(
  addresses: readonly string[],
  readable: ContainerdRoots,
  { tasks, signal }: FindOptions,
): Promise<ContainerdRoots> {
  const roots: ContainerdRoot[] = [];
  const gaps: ListingGap[] = [];
  for (const address of addresses.filter((path) => existsSync(path))) {
    const client = await tasks.client(address);
    const path = await toldRootOrNone(client, signal);
    if (path === undefined || readable.roots.some((root) => root.path === path)) continue;
    const found = readableRoots([path], { asked: address, required: false });
    roots.push(...found.roots);
    // Of a usual folder that may not be read it has been told.
    if (!usualContainerdStorage.includes(path)) gaps.push(...found.gaps);
    if (found.roots.length + found.gaps.length > 0) continue;
    const containers = await orError(idsRunning(client, signal));
    if (containers instanceof PlimsollError || containers.length > 0) {
      gaps.push({ error: notHere(address, path), ...(Array.isArray(containers) && { containers }) });
    }
  }
  return { roots, gaps };
}

async function idsRunning(client: ContainerdClient, signal: AbortSignal): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const namespace of await client.namespaces(signal)) ids.push(...(await client.running({ namespace, signal })));
  return ids;
}

/** The error in the place of what is asked for. Error: `cancelled`. */
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
    `containerd at ${address} keeps its images in ${root}, which is not here`,
    { hint: "Run Plimsoll where that folder is: beside containerd, and not in a container of its own." },
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
  return { roots: roots.map((path) => ({ path, asked })), gaps };
}
