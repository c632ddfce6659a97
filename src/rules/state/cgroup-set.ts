import type { ByteString } from "../../model/events/kernel-event.ts";
import type { Generation } from "./kernel-state.ts";

/** The control groups of a thread, and the container in their paths. Threads with the same groups share the object. */
export interface CgroupSet {
  /** What it was read from. */
  readonly text: ByteString;
  /** `[subsystem, path]` each. */
  readonly list: readonly (readonly [string, ByteString])[];
  /** The id as it is reported (12 characters for most runtimes); empty on the host. */
  readonly containerId: string;
  /** Which runtime names its groups so; empty on the host. */
  readonly runtime: string;
}

/** Groups of an unknown thread. */
export const noCgroups: CgroupSet = { text: "", list: [], containerId: "", runtime: "" };

/** How the last component of a path is built around the 64 digits of a container id. */
interface Layout {
  readonly prefix: string;
  readonly suffix: string;
}

interface Matcher {
  readonly runtime: string;
  readonly match: (path: string) => string | undefined;
}

const reportedLength = 12;
const fullId = /^[0-9a-fA-F]{64}$/;
const maximumRemembered = 20_000;

/** Reads the control groups of threads; remembers what it read, since few differ. */
export class CgroupReader {
  readonly #matchers: readonly Matcher[];
  readonly #known = new Map<string, CgroupSet>();

  constructor(generation: Generation) {
    this.#matchers = matchersOf(generation);
  }

  /**
   * From `subsystem=path` entries, each with a NUL at its end; `undefined` when they are not of that form. Mostly they
   * are the `likely` ones.
   */
  read(text: ByteString, likely: CgroupSet = noCgroups): CgroupSet | undefined {
    if (text === likely.text) return likely;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const set = this.#parse(text);
    if (set === undefined) return undefined;
    if (this.#known.size >= maximumRemembered) this.#known.clear();
    this.#known.set(text, set);
    return set;
  }

  #parse(text: ByteString): CgroupSet | undefined {
    const entries = text.endsWith("\0") ? text.slice(0, -1) : text;
    if (entries === "") return noCgroups;
    const list: (readonly [string, ByteString])[] = [];
    for (const entry of entries.split("\0")) {
      const equals = entry.indexOf("=");
      if (equals < 0) return undefined;
      list.push([subsystemName(entry.slice(0, equals)), entry.slice(equals + 1)]);
    }
    for (const { runtime, match } of this.#matchers) {
      for (const [, path] of list) {
        const containerId = match(path);
        if (containerId !== undefined) return { text, list, containerId, runtime };
      }
    }
    return { text, list, containerId: "", runtime: "" };
  }
}

/** The names of the kernel's own structures, as `/proc` spells them. */
function subsystemName(kernelName: string): string {
  const name = kernelName.replace("_cgroup", "");
  if (name === "perf") return "perf_event";
  if (name === "mem") return "memory";
  // The kernel calls it `io` since 4.5; the older name is the one that rules use.
  return name === "io" ? "blkio" : name;
}

function matchersOf(generation: Generation): readonly Matcher[] {
  const isOld = generation === "0.40";
  const podman: Layout[] = [
    { prefix: "/libpod-", suffix: ".scope" },
    { prefix: "/libpod-", suffix: ".scope/container" },
    { prefix: "/libpod-", suffix: "" },
  ];
  if (!isOld) {
    podman.push(
      { prefix: "/libpod-payload-", suffix: ".scope" },
      { prefix: "/libpod-payload-", suffix: ".scope/container" },
      { prefix: "/libpod-payload-", suffix: "" },
    );
  }
  const layouts = (runtime: string, list: readonly Layout[]): Matcher => ({
    runtime,
    match: (path) => {
      for (const layout of list) {
        const id = idIn(path, layout) ?? (isOld ? namespaceIdIn(path, layout) : undefined);
        if (id !== undefined) return id;
      }
      return undefined;
    },
  });
  const matchers: Matcher[] = [
    layouts("podman", podman),
    layouts("docker", [
      { prefix: "/", suffix: "" },
      { prefix: "/docker-", suffix: ".scope" },
    ]),
    layouts("cri-o", [
      { prefix: "/crio-", suffix: "" },
      { prefix: "/crio-", suffix: ".scope" },
    ]),
    layouts("containerd", [
      { prefix: "/cri-containerd-", suffix: ".scope" },
      { prefix: ":cri-containerd:", suffix: "" },
      { prefix: "/nerdctl-", suffix: ".scope" },
    ]),
  ];
  matchers.push({ runtime: "lxc", match: lxcId }, { runtime: "libvirt-lxc", match: libvirtId });
  if (isOld) matchers.push({ runtime: "mesos", match: mesosId });
  matchers.push({ runtime: "bpm", match: bpmId });
  if (!isOld) matchers.push({ runtime: "containerd", match: containerdId });
  return matchers;
}

/** What stands between the last prefix and the last suffix. */
function between(path: string, { prefix, suffix }: Layout): string | undefined {
  const at = path.lastIndexOf(prefix);
  if (at < 0) return undefined;
  const start = at + prefix.length;
  const end = suffix === "" ? path.length : path.lastIndexOf(suffix);
  return end < start ? undefined : path.slice(start, end);
}

function idIn(path: string, layout: Layout): string | undefined {
  const id = between(path, layout);
  return id !== undefined && fullId.test(id) ? id.slice(0, reportedLength) : undefined;
}

/** Containers of containerd's `default` namespace have ids of any form. */
function namespaceIdIn(path: string, layout: Layout): string | undefined {
  return path.startsWith("/default/") ? anyId(path, between(path, layout)) : undefined;
}

/**
 * Containers made by `ctr` lie right under the name of their namespace. The newer library takes what lies anywhere
 * under anything for such, which makes containers of parts of the host; here it takes exactly two names, the first of
 * which is not systemd's.
 */
function containerdId(path: string): string | undefined {
  const [, namespace = "", id = ""] = /^\/([A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*)\/([^/]+)$/.exec(path) ?? [];
  return namespace.endsWith(".slice") ? undefined : anyId(path, id);
}

function anyId(path: string, id: string | undefined): string | undefined {
  if (id === undefined || id === "" || id.length > 64) return undefined;
  return /\.(?:service|slice|scope)$/.test(path) ? undefined : id.slice(0, reportedLength);
}

function lxcId(path: string): string | undefined {
  for (const prefix of ["/lxc/", "/lxc.payload/", "/lxc.payload."]) {
    const at = path.indexOf(prefix);
    if (at < 0) continue;
    const rest = path.slice(at + prefix.length);
    const end = rest.indexOf("/");
    return end < 0 ? rest : rest.slice(0, end);
  }
  return undefined;
}

function libvirtId(path: string): string | undefined {
  const plain = ".libvirt-lxc";
  if (path.endsWith(plain)) {
    const slash = path.lastIndexOf("/");
    if (slash >= 0) return path.slice(slash + 1, -plain.length);
  }
  const systemd = "-lxc\\x2";
  const at = path.indexOf(systemd);
  if (at >= 0) {
    const end = path.includes(".scope/libvirt") ? ".scope/libvirt" : ".scope";
    if (path.indexOf(end) === path.length - end.length && path.endsWith(end)) {
      return path.slice(at + systemd.length + 1, -end.length);
    }
  }
  const legacy = "/libvirt/lxc/";
  const legacyAt = path.indexOf(legacy);
  return legacyAt < 0 ? undefined : path.slice(legacyAt + legacy.length);
}

function mesosId(path: string): string | undefined {
  return /\/mesos\/([0-9a-fA-F-]{36})$/.exec(path)?.[1];
}

function bpmId(path: string): string | undefined {
  const at = path.indexOf("bpm-");
  if (at < 0) return undefined;
  const start = at + 4;
  const end = path.indexOf(".scope", start);
  const id = path.slice(start, end < 0 ? undefined : end);
  return /^[A-Za-z0-9._-]+$/.test(id) ? id : undefined;
}
