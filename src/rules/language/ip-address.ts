/** An address of IPv4 as `inet_pton` reads it, as 4 bytes; `undefined` when it is none. */
export function parseIpv4(text: string): string | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (parts === undefined || parts.some((part) => Number(part) > 255 || /^0\d/.test(part))) return undefined;
  return String.fromCharCode(...parts.map(Number));
}

/** An address of IPv6 as `inet_pton` reads it, as 16 bytes; `undefined` when it is none. */
export function parseIpv6(text: string): string | undefined {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return undefined;
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? "" : groupsOf(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const missing = 16 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return before + "\0".repeat(missing) + after;
}

// Groups of an IPv6 address as bytes. The last one may be an IPv4 address.
function groupsOf(text: string, mayEndInIpv4: boolean): string | undefined {
  if (text === "") return "";
  const groups = text.split(":");
  if (groups.length > 8) return undefined;
  let bytes = "";
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes += String.fromCharCode(value >> 8, value & 0xff);
      continue;
    }
    const ipv4 = mayEndInIpv4 && index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (ipv4 === undefined) return undefined;
    bytes += ipv4;
  }
  return bytes;
}

/** An address of 4 or 16 bytes as `inet_ntop` prints it; `undefined` for any other length. */
export function printAddress(bytes: string): string | undefined {
  if (bytes.length === 4) return printIpv4(bytes, 0);
  return bytes.length === 16 ? printIpv6(bytes) : undefined;
}

function printIpv4(bytes: string, at: number): string {
  const byte = (index: number): number => bytes.charCodeAt(at + index);
  return `${byte(0)}.${byte(1)}.${byte(2)}.${byte(3)}`;
}

function printIpv6(bytes: string): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => (bytes.charCodeAt(index * 2) << 8) | bytes.charCodeAt(index * 2 + 1),
  );
  const [start, length] = longestZeros(groups);
  if (start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff))) {
    return `::${length === 5 ? "ffff:" : ""}${printIpv4(bytes, 12)}`;
  }
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [-1, 0];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
    if (end > start) start = end;
  }
  return best;
}

/** True for addresses (4 or 16 bytes) inside the network: the same family and the same first `prefix` bits. */
export function networkTest(address: string, prefix: number): (value: string) => boolean {
  const whole = address.slice(0, prefix >> 3);
  const shift = 8 - (prefix & 7);
  const partAt = prefix >> 3;
  const part = shift === 8 ? 0 : address.charCodeAt(partAt) >> shift;
  const { length } = address;
  return (value) =>
    value.length === length && value.startsWith(whole) && (shift === 8 || value.charCodeAt(partAt) >> shift === part);
}
