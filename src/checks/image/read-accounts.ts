import type { ImageAccounts } from "./image-facts.ts";

/** The account files of an image, as far as it has them. */
export interface AccountFiles {
  /** The text of `/etc/passwd`. */
  readonly passwd?: string;
  /** The text of `/etc/shadow`; nothing of it but the names without a password is kept. */
  readonly shadow?: string;
  /** The text of `/etc/group`. */
  readonly group?: string;
}

const mostLines = 20_000;

/** Reads account files. Source: passwd(5), shadow(5), group(5). */
export function readAccounts({ passwd = "", shadow = "", group = "" }: AccountFiles): ImageAccounts {
  const users = records(passwd);
  const groups = records(group);
  const shadowed = records(shadow);
  const withoutPassword = [...users, ...shadowed].filter(({ fields }) => fields.length > 1 && fields[1] === "");
  return {
    withoutPassword: unique(withoutPassword.map(({ name }) => name)),
    sharedUserIds: sharedIds(users),
    sharedGroupIds: sharedIds(groups),
    doubledNames: unique([...doubled(users), ...doubled(groups)]),
    otherRoots: unique(users.filter(({ name, id }) => id === "0" && name !== "root").map(({ name }) => name)),
  };
}

interface AccountRecord {
  readonly name: string;
  readonly id: string;
  readonly fields: readonly string[];
}

function records(text: string): AccountRecord[] {
  return text
    .split("\n", mostLines)
    .map((line) => line.replace(/\r$/, "").split(":"))
    .filter(([name = ""]) => name !== "" && !/^[#+-]/.test(name))
    .map((fields) => ({ name: fields[0] ?? "", id: fields[2] ?? "", fields }));
}

function sharedIds(all: readonly AccountRecord[]): { id: string; names: string[] }[] {
  const byId = new Map<string, Set<string>>();
  for (const { name, id } of all) {
    if (id === "") continue;
    const names = byId.get(id) ?? new Set();
    byId.set(id, names.add(name));
  }
  return [...byId].filter(([, names]) => names.size > 1).map(([id, names]) => ({ id, names: [...names].sort() }));
}

function doubled(all: readonly AccountRecord[]): string[] {
  const seen = new Set<string>();
  return all.flatMap(({ name }) => (seen.size === seen.add(name).size ? [name] : []));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
