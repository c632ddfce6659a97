import type { Readable } from "node:stream";
import { asTargetError } from "../../io/as-target-error.ts";
import { namedPath } from "../../io/named-path.ts";
import { openBytes } from "../../io/open-bytes.ts";
import { readNamedText } from "../../io/read-small-file.ts";
import { standardInput } from "../../io/standard-input.ts";
import { PlimsollError } from "../../model/error.ts";
import type { WatchInput } from "../../pipeline/watch/run-watch.ts";
import type { JsonForm } from "./json-forms.ts";

/** Bytes of a certificate or a key. */
const largestCertificate = 1024 * 1024;

/** The options that say what a watch looks at, as commander gives them. */
export interface WatchInputFlags {
  readonly capture?: string;
  readonly k8sAudit?: string;
  readonly k8sAuditFile?: string;
  readonly input?: JsonForm;
  readonly from: string;
  readonly since?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
}

/** What a watch looks at. Errors: `usage`, `target-not-found`, `target-unreadable`, `limit-exceeded`. */
export function watchInput(flags: WatchInputFlags): WatchInput {
  const { capture, k8sAudit, k8sAuditFile, input, from, since } = flags;
  const given = [capture, k8sAudit, k8sAuditFile, input].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new PlimsollError(
      "usage",
      given.length === 0 ? "nothing to watch is named" : "more than one thing to watch is named",
      {
        hint: "Give one of --capture FILE, --k8s-audit ADDRESS, --k8s-audit-file PATH, --input FORM.",
      },
    );
  }
  refuseIdleOptions(flags);
  if (capture !== undefined) return { kind: "capture", path: capture };
  if (k8sAuditFile !== undefined) {
    const time = since === undefined ? undefined : nanoseconds(since);
    return {
      kind: "k8s-audit-file",
      input: k8sAuditFile === "-" ? standardInput() : k8sAuditFile,
      ...(time !== undefined && { since: time }),
    };
  }
  if (input !== undefined) {
    return {
      kind: "json",
      format: input,
      input: from === "-" ? standardInput() : jsonFile(from),
      name: from === "-" ? "stdin" : from,
    };
  }
  return { kind: "k8s-audit", address: k8sAudit ?? "", ...tlsOf(flags) };
}

/** Options of another input would be passed over in silence. */
function refuseIdleOptions({
  k8sAudit,
  k8sAuditFile,
  input,
  from,
  since,
  tlsCert,
  tlsKey,
  clientCa,
}: WatchInputFlags): void {
  const isTls = [tlsCert, tlsKey, clientCa].some((path) => path !== undefined);
  const [idle] = [
    ...(since !== undefined && k8sAuditFile === undefined ? ["--since is of --k8s-audit-file"] : []),
    ...(from !== "-" && input === undefined ? ["--from is of --input"] : []),
    ...(isTls && k8sAudit === undefined ? ["a certificate is of --k8s-audit"] : []),
  ];
  if (idle !== undefined) throw new PlimsollError("usage", `${idle}, which is not given`);
}

function jsonFile(path: string): Readable {
  try {
    return openBytes(path);
  } catch (cause) {
    throw asTargetError(path, cause);
  }
}

function tlsOf({
  tlsCert,
  tlsKey,
  clientCa,
}: WatchInputFlags): Pick<Extract<WatchInput, { kind: "k8s-audit" }>, "tls"> {
  if (tlsCert === undefined && tlsKey === undefined && clientCa === undefined) return {};
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new PlimsollError("usage", "TLS needs both --tls-cert and --tls-key");
  }
  return {
    tls: {
      cert: pem(tlsCert, "--tls-cert"),
      key: pem(tlsKey, "--tls-key"),
      ...(clientCa !== undefined && { clientCa: pem(clientCa, "--client-ca") }),
    },
  };
}

function pem(path: string, setting: string): string {
  namedPath(path, { setting });
  return readNamedText(path, { largest: largestCertificate });
}

function nanoseconds(text: string): bigint {
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new PlimsollError("usage", `${JSON.stringify(text)} is no time`, { hint: "Write 2026-11-28T10:00:00Z." });
  return BigInt(time) * 1_000_000n;
}
