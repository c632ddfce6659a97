import type { HostFacts } from "../../model/checks/host-facts.ts";
import type { HostRoot } from "./host-root.ts";

const mostRules = 20_000;

/**
 * The audit rules that lie on disk: those of `/etc/audit/rules.d` in the order in which they are put together, then
 * what `/etc/audit/audit.rules` has beside them. The rules in the kernel can only be asked for with privilege over a
 * netlink socket.
 */
export async function collectAuditRules(root: HostRoot): Promise<HostFacts["auditRules"]> {
  const names = await root.list("/etc/audit/rules.d");
  if ("unavailable" in names) return names;
  const paths = [
    ...(names.value ?? []).filter((name) => name.endsWith(".rules")).map((name) => `/etc/audit/rules.d/${name}`),
    "/etc/audit/audit.rules",
  ];
  const rules = new Set<string>();
  for (const path of paths) {
    const text = await root.readText(path);
    if ("unavailable" in text) return text;
    for (const line of (text.value ?? "").split("\n")) {
      const rule = line.trim().replace(/\s+/g, " ");
      if (rule === "" || rule.startsWith("#")) continue;
      if (rules.size >= mostRules) return { unavailable: `there are more than ${mostRules} audit rules` };
      rules.add(rule.slice(0, 4096));
    }
  }
  return { value: [...rules] };
}
