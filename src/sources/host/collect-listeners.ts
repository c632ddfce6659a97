import type { HostFacts } from "../../model/checks/host-facts.ts";
import { compareText } from "../../model/text/compare-text.ts";
import type { HostRoot } from "./host-root.ts";

const largestTable = 32 * 1024 * 1024;
const listening = "0A";

/**
 * The TCP sockets that wait for connections, in order of port and address: those of the network namespaces in which the
 * first process and the given ones are.
 *
 * Source: the kernel's documentation, "The proc filesystem", `net/tcp`: addresses are words of the machine's byte
 * order.
 */
export async function collectListeners(root: HostRoot, pids: readonly number[]): Promise<HostFacts["listeners"]> {
  const found = new Map<string, { readonly address: string; readonly port: number }>();
  for (const path of [1, ...pids].flatMap((pid) => [`/proc/${pid}/net/tcp`, `/proc/${pid}/net/tcp6`])) {
    const table = await root.readText(path, { limit: largestTable });
    if ("unavailable" in table) return table;
    for (const line of (table.value ?? "").split("\n").slice(1)) {
      const [, local = "", , state] = line.trim().split(/\s+/);
      const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local);
      if (state !== listening || !match?.[1] || !match[2]) continue;
      const listener = { address: addressOf(match[1]), port: Number.parseInt(match[2], 16) };
      found.set(`${listener.address} ${listener.port}`, listener);
    }
  }
  return {
    value: [...found.values()].sort((a, b) => a.port - b.port || compareText(a.address, b.address)),
  };
}

function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((pair) => Number.parseInt(pair, 16)));
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.every((byte) => byte === 0)) return "::";
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bytes[2 * index] ?? 0) * 256 + (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return groups.join(":");
}
