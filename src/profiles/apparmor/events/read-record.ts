/** A message of AppArmor in a log. */
export interface AuditRecord {
  readonly type: "ALLOWED" | "DENIED" | "AUDIT" | "HINT" | "STATUS" | "ERROR" | "KILLED";
  /** The fields of the kernel by their names; hexadecimal names are decoded. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Longer lines are not audit records; the kernel writes at most 8960 bytes. */
const longestLine = 64 * 1024;

/** What wrote a line of syslog. Anybody may write a line with another tag, so those are not read. */
const trustedTag = /^(?:kernel|audit|kern\.[a-z]{1,10}|(?:dbus|dbus-daemon|dbus-broker)(?:\[[0-9]{1,10}\])?)$/;

/** Message types of old kernels, by number and by name. */
const oldTypes: Readonly<Record<string, AuditRecord["type"]>> = {
  "1501": "AUDIT",
  "1502": "ALLOWED",
  "1503": "DENIED",
  "1504": "HINT",
  "1505": "STATUS",
  "1506": "ERROR",
  "1507": "KILLED",
  APPARMOR_AUDIT: "AUDIT",
  APPARMOR_ALLOWED: "ALLOWED",
  APPARMOR_DENIED: "DENIED",
  APPARMOR_HINT: "HINT",
  APPARMOR_STATUS: "STATUS",
  APPARMOR_ERROR: "ERROR",
  APPARMOR_KILLED: "KILLED",
};

const types: readonly string[] = ["ALLOWED", "DENIED", "AUDIT", "HINT", "STATUS", "ERROR", "KILLED"];

/** Fields that the kernel writes in hexadecimal if they have unusual characters. */
const nameFields: ReadonlySet<string> = new Set([
  ..."profile name comm target srcname peer label namespace capname name2 peer_profile peer_label tcontext".split(" "),
  ..."addr peer_addr".split(" "),
]);

/**
 * The AppArmor message in a line of the audit log, of syslog, of dmesg, or of the journal as text or JSON.
 * Undefined for any other line, and for one that an unprivileged program may have written.
 */
export function readAuditRecord(line: string): AuditRecord | undefined {
  if (line.length > longestLine) return undefined;
  if (line.startsWith("{")) return readJournalRecord(line);
  const message = trustedMessage(line);
  return message === undefined ? undefined : readMessage(message);
}

function readJournalRecord(line: string): AuditRecord | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof entry !== "object" || entry === null) return undefined;
  const { _TRANSPORT: transport, MESSAGE: message, _COMM: program } = entry as Record<string, unknown>;
  const trusted = transport === "kernel" || transport === "audit" || /^dbus-(?:daemon|broker)$/.test(String(program));
  return trusted && typeof message === "string" ? readMessage(message) : undefined;
}

function trustedMessage(line: string): string | undefined {
  if (line.startsWith("type=") || line.startsWith("[")) return line;
  const end = line.indexOf(": ");
  if (end < 0) return undefined;
  const tag = line.slice(line.lastIndexOf(" ", end) + 1, end);
  return trustedTag.test(tag) ? line.slice(end + 2) : undefined;
}

function readMessage(message: string): AuditRecord | undefined {
  const marker = 'apparmor="';
  const start = message.indexOf(marker);
  if (start >= 0) {
    const end = message.indexOf('"', start + marker.length);
    const type = message.slice(start + marker.length, end < 0 ? undefined : end);
    if (!types.includes(type)) return undefined;
    const id = message.indexOf("audit(");
    // A record with a broken identity is not one that the kernel wrote.
    if (id >= 0 && id < start && !/^audit\([0-9]{1,12}\.[0-9]{3}:[0-9]{1,12}\)/.test(message.slice(id, id + 40))) {
      return undefined;
    }
    return { type: type as AuditRecord["type"], fields: readFields(message.slice(start)) };
  }
  const fields = readFields(message);
  if (!fields.has("operation")) return undefined;
  const written = /\btype=([A-Z0-9_]{4,20})\b/g;
  for (const [, name = ""] of message.matchAll(written)) {
    const type = oldTypes[name];
    if (type !== undefined) return { type, fields };
  }
  return undefined;
}

/** `name=value` and `name="value"`; what a name is first given counts. */
function readFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    const equals = text.indexOf("=", at);
    if (equals < 0) break;
    let begin = equals;
    while (begin > at && /[A-Za-z0-9_]/.test(text.charAt(begin - 1))) begin -= 1;
    const name = text.slice(begin, equals);
    let value: string;
    if (text.charAt(equals + 1) === '"') {
      const close = text.indexOf('"', equals + 2);
      value = text.slice(equals + 2, close < 0 ? text.length : close);
      at = close < 0 ? text.length : close + 1;
    } else {
      let end = equals + 1;
      while (end < text.length && text.charCodeAt(end) > 32 && text.charAt(end) !== "'") end += 1;
      value = decodeName(name, text.slice(equals + 1, end));
      at = end === equals + 1 ? end + 1 : end;
    }
    if (name !== "" && !fields.has(name)) fields.set(name, value);
    // Behind this character auditd repeats fields with names of users.
    if (text.charAt(at) === "\x1d") break;
  }
  return fields;
}

function decodeName(field: string, value: string): string {
  const isHex = nameFields.has(field) && value.length % 2 === 0 && /^[0-9A-F]+$/.test(value);
  return isHex ? Buffer.from(value, "hex").toString("utf8") : value;
}
