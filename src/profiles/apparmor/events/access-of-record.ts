import { capabilities, networkFamilies, signals, socketTypes } from "../checks/known-names.ts";
import type { AccessQuestion } from "../decisions/decide-access.ts";
import type { AuditRecord } from "./read-record.ts";

/** An access that a record is about. */
export type LoggedAccess =
  | {
      readonly kind: "file";
      readonly path: string;
      /** The letters `r`, `w`, `a`, `l`, `k`, `m`, `x`. */
      readonly permissions: string;
      readonly own: boolean;
      /** What a link points to. */
      readonly target: string | undefined;
    }
  | AccessQuestion
  | { readonly kind: "unix"; readonly access: readonly string[]; readonly type: string | undefined }
  | { readonly kind: "change_profile"; readonly target: string }
  | {
      readonly kind: "mqueue";
      readonly access: readonly string[];
      readonly type: "posix" | "sysv";
      readonly name: string;
    }
  | { readonly kind: "io_uring"; readonly access: readonly string[]; readonly label: string | undefined }
  | {
      readonly kind: "dbus";
      readonly access: string;
      readonly bus: string;
      readonly conditions: ReadonlyMap<"path" | "interface" | "member" | "name", string>;
      readonly label: string | undefined;
    };

/** The access of a record; undefined if the record is about none, or lacks what a rule needs. */
export function accessOf({ fields }: AuditRecord): LoggedAccess | undefined {
  const operation = fields.get("operation") ?? "";
  const name = fields.get("name");
  const masks = words(fields.get("denied_mask") ?? fields.get("denied") ?? fields.get("mask") ?? "");
  if (operation.startsWith("dbus_")) return dbusAccess(masks[0], fields);
  if (networkFamilies.has(fields.get("family") ?? "")) return socketAccess(masks, fields);
  const queue = /^(posix|sysv)_mqueue$/.exec(fields.get("class") ?? "")?.[1] as "posix" | "sysv" | undefined;
  if (queue !== undefined) {
    const access = masks.filter((word) => queueAccess.has(word));
    return access.length > 0 ? { kind: "mqueue", access, type: queue, name: name ?? "" } : undefined;
  }
  if (fields.get("class") === "io_uring") {
    const access = masks.filter((word) => word === "override_creds" || word === "sqpoll");
    return access.length > 0 ? { kind: "io_uring", access, label: fields.get("tcontext") } : undefined;
  }
  switch (operation) {
    case "capable": {
      const capability = fields.get("capname") ?? name ?? "";
      return capabilities.includes(capability) ? { kind: "capability", name: capability } : undefined;
    }
    case "signal": {
      const [access = ""] = masks;
      const signal = fields.get("signal") ?? "";
      const peer = fields.get("peer");
      if (!/^(?:send|receive)$/.test(access) || peer === undefined || !signals.has(signal)) return undefined;
      return { kind: "signal", access, signal, peer };
    }
    case "ptrace": {
      const [access = ""] = masks;
      const peer = fields.get("peer");
      if (!/^(?:trace|read|tracedby|readby)$/.test(access) || peer === undefined) return undefined;
      return { kind: "ptrace", access, signal: undefined, peer };
    }
    case "mount":
    case "umount":
    case "remount": {
      if (name === undefined) return undefined;
      const options = (fields.get("flags") ?? "").split(/[ ,]/).filter((option) => option !== "");
      const source = fields.get("srcname");
      return { kind: operation, source, target: name, type: fields.get("fstype"), options };
    }
    case "pivotroot":
      return name === undefined ? undefined : { kind: "pivot_root", path: name, oldRoot: fields.get("srcname") };
    case "userns_create":
      return { kind: "userns", access: "create" };
    case "change_profile":
    case "change_onexec": {
      const target = fields.get("target");
      return target === undefined || fields.has("info") ? undefined : { kind: "change_profile", target };
    }
    default:
      return fileAccess(fields);
  }
}

const queueAccess: ReadonlySet<string> = new Set(["create", "open", "delete", "getattr", "setattr", "read", "write"]);

/** Letters of the kernel's masks as permissions of rules. */
const letters: Readonly<Record<string, string>> = {
  r: "r",
  w: "w",
  a: "a",
  c: "w",
  d: "w",
  x: "x",
  m: "m",
  k: "k",
  l: "l",
};

function fileAccess(fields: ReadonlyMap<string, string>): LoggedAccess | undefined {
  const path = fields.get("name");
  const mask = fields.get("denied_mask") ?? fields.get("requested_mask");
  if (path === undefined || !path.startsWith("/") || mask === undefined) return undefined;
  // Old kernels: what the owner may and what others may, apart by ::.
  const [ownMask = "", otherMask = ""] = mask.split("::");
  if (!/^[a-zA-Z]*$/.test(ownMask) || !/^[a-zA-Z]*$/.test(otherMask)) return undefined;
  const permissions = new Set([...`${ownMask}${otherMask}`].map((letter) => letters[letter] ?? ""));
  permissions.delete("");
  if (permissions.has("w")) permissions.delete("a");
  const operation = fields.get("operation") ?? "";
  // A link asks for the permissions of what it points to, which are not permissions to execute it.
  if (operation === "link") permissions.delete("x");
  if (permissions.size === 0) return undefined;
  const fsuid = fields.get("fsuid");
  const own = mask.includes("::") && !fields.has("ouid") ? otherMask === "" : isSame(fsuid, fields.get("ouid"));
  return { kind: "file", path, permissions: [...permissions].join(""), own, target: fields.get("target") };
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one === other;
}

const protocols: Readonly<Record<string, string>> = { "1": "icmp", "6": "tcp", "17": "udp" };

function socketAccess(masks: readonly string[], fields: ReadonlyMap<string, string>): LoggedAccess | undefined {
  const family = fields.get("family") ?? "";
  const type = fields.get("sock_type") ?? "";
  const operation = fields.get("operation") ?? "";
  if (!socketTypes.has(type)) return undefined;
  if (family === "unix") {
    const access = masks.filter((word) => /^[a-z]{3,10}$/.test(word));
    if (operation === "file_inherit" && access.length === 0) return undefined;
    return { kind: "unix", access, type };
  }
  return { kind: "network", family, type, protocol: protocols[fields.get("protocol") ?? ""] };
}

function dbusAccess(access: string | undefined, fields: ReadonlyMap<string, string>): LoggedAccess | undefined {
  const bus = fields.get("bus");
  if (bus === undefined || !["send", "receive", "bind", "eavesdrop"].includes(access ?? "")) return undefined;
  const conditions = new Map<"path" | "interface" | "member" | "name", string>();
  const names = access === "bind" ? (["name"] as const) : (["path", "interface", "member"] as const);
  for (const name of names) {
    const value = fields.get(name);
    if (value !== undefined) conditions.set(name, value);
  }
  const label = access === "bind" ? undefined : (fields.get("peer_profile") ?? fields.get("peer_label"));
  return { kind: "dbus", access: access ?? "", bus, conditions, label };
}

function words(text: string): readonly string[] {
  return text.split(/[ ,]/).filter((word) => word !== "");
}
