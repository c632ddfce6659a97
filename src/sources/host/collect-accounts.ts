import type { Fact } from "../../model/checks/fact.ts";
import type { GroupFact, IdRangeFact, UserFact } from "../../model/checks/host-facts.ts";
import type { HostRoot } from "./host-root.ts";

const largestFile = 16 * 1024 * 1024;

/** The accounts of `/etc/passwd`, with what kind of password each has; the hashes themselves are dropped. */
export async function collectUsers(root: HostRoot): Promise<Fact<readonly UserFact[]>> {
  const passwd = await linesOf(root, "/etc/passwd");
  if ("unavailable" in passwd) return passwd;
  const shadow = await linesOf(root, "/etc/shadow");
  const passwords = new Map(
    "value" in shadow ? shadow.value.map(([name = "", hash = ""]) => [name, hash] as const) : [],
  );
  const users: UserFact[] = [];
  for (const [name = "", own = "", uid = "", gid = "", , home = "", shell = ""] of passwd.value) {
    if (!/^\d{1,10}$/.test(uid) || !/^\d{1,10}$/.test(gid)) continue;
    const hash = own === "x" ? passwords.get(name) : own;
    const password = hash === undefined ? undefined : own !== "x" && isHash(own) ? "in-passwd" : stateOf(hash);
    users.push({ name, uid: Number(uid), gid: Number(gid), home, shell, ...(password && { password }) });
  }
  return { value: users };
}

/** The groups of `/etc/group`. */
export async function collectGroups(root: HostRoot): Promise<Fact<readonly GroupFact[]>> {
  const lines = await linesOf(root, "/etc/group");
  if ("unavailable" in lines) return lines;
  const groups: GroupFact[] = [];
  for (const [name = "", , gid = "", members = ""] of lines.value) {
    if (!/^\d{1,10}$/.test(gid)) continue;
    groups.push({ name, gid: Number(gid), members: members.split(",").filter((member) => member !== "") });
  }
  return { value: groups };
}

/** The ranges of `/etc/subuid`; none when there is no such file. */
export async function collectIdRanges(root: HostRoot): Promise<Fact<readonly IdRangeFact[]>> {
  const lines = await linesOf(root, "/etc/subuid");
  if ("unavailable" in lines) return lines.unavailable.endsWith("is not there") ? { value: [] } : lines;
  const ranges: IdRangeFact[] = [];
  for (const [user = "", start = "", count = ""] of lines.value) {
    if (/^\d{1,10}$/.test(start) && /^\d{1,10}$/.test(count)) {
      ranges.push({ user, start: Number(start), count: Number(count) });
    }
  }
  return { value: ranges };
}

async function linesOf(root: HostRoot, path: string): Promise<Fact<readonly (readonly string[])[]>> {
  const text = await root.readText(path, { limit: largestFile });
  if ("unavailable" in text) return text;
  if (text.value === null) return { unavailable: `${path} is not there` };
  const lines = text.value.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return { value: lines.map((line) => line.trim().split(":")) };
}

function isHash(field: string): boolean {
  return field !== "" && !/^[*!]/.test(field);
}

function stateOf(field: string): "set" | "empty" | "locked" {
  if (field === "") return "empty";
  return isHash(field) ? "set" : "locked";
}
