import { statSync } from "node:fs";
import type { Readable } from "node:stream";
import { openBytes } from "../../../io/bytes/open-bytes.ts";
import { namedPath } from "../../../io/files/named-path.ts";
import { readNamedText } from "../../../io/files/read-small-file.ts";
import { standardInput } from "../../../io/files/standard-input.ts";
import { asTargetError } from "../../../io/http/as-target-error.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { WatchInput } from "../../../pipeline/watch/run-watch.ts";
import { dockerAccess } from "../environment.ts";
import type { JsonForm } from "../options/json-forms.ts";

/** Bytes of a certificate or a key. */
const largestCertificate = 1024 * 1024;

/** The options that say what a watch looks at, as commander gives them. */
export interface WatchInputFlags {
  readonly live?: true;
  readonly probe?: string;
  readonly compat?: "0.40";
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
export function watchInputs(flags: WatchInputFlags): readonly WatchInput[] {
  const { live, probe, capture, k8sAudit, k8sAuditFile, input, from } = flags;
  if ([live, capture, k8sAudit, k8sAuditFile, input].every((value) => value === undefined)) {
    throw new PlimsollError("usage", "no input given", {
      hint: "Give one or more of --live, --capture FILE, --k8s-audit ADDRESS, --k8s-audit-file PATH, --input FORM.",
    });
  }
  refuseIdleOptions(flags);
  const fromStdin = [capture, k8sAuditFile, input && from].filter((path) => path === "-");
  if (fromStdin.length > 1) {
    throw new PlimsollError("usage", "only one input can be read from stdin", {
      hint: "Give files for the others; for --input, use --from FILE.",
    });
  }
  return [
    ...(live ? [{ kind: "live", ...(probe !== undefined && { probe }), engines: engineHosts() } as const] : []),
    ...(capture === undefined ? [] : [{ kind: "capture", path: capture } as const]),
    ...(k8sAuditFile === undefined ? [] : [auditFile(k8sAuditFile, flags)]),
    ...(input === undefined ? [] : [jsonInput(input, from)]),
    ...(k8sAudit === undefined ? [] : [{ kind: "k8s-audit", address: k8sAudit, ...tlsOf(flags) } as const]),
  ];
}

/** Where the engines that know the containers of this machine listen. */
function engineHosts(): readonly string[] {
  const { host } = dockerAccess();
  return [host ?? "unix:///var/run/docker.sock", "unix:///run/podman/podman.sock"];
}

function auditFile(path: string, { since }: WatchInputFlags): WatchInput {
  const time = since === undefined ? undefined : nanoseconds(since);
  return {
    kind: "k8s-audit-file",
    input: path === "-" ? standardInput() : path,
    ...(time !== undefined && { since: time }),
  };
}

function jsonInput(format: JsonForm, from: string): WatchInput {
  const isFile = from !== "-";
  return {
    kind: "json",
    format,
    input: isFile ? jsonFile(from) : standardInput(),
    name: isFile ? from : "stdin",
    isFile: isFile && statSync(from, { throwIfNoEntry: false })?.isFile() === true,
  };
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
  live,
  probe,
  compat,
}: WatchInputFlags): void {
  if (live && compat !== undefined) {
    throw new PlimsollError("usage", "--live has no enter events, which --compat 0.40 is about", {
      hint: "Leave --compat out, or watch a capture with --capture FILE.",
    });
  }
  const isTls = [tlsCert, tlsKey, clientCa].some((path) => path !== undefined);
  const [idle] = [
    ...(probe !== undefined && !live ? ["--probe applies to --live"] : []),
    ...(since !== undefined && k8sAuditFile === undefined ? ["--since applies to --k8s-audit-file"] : []),
    ...(from !== "-" && input === undefined ? ["--from applies to --input"] : []),
    ...(isTls && k8sAudit === undefined ? ["a certificate applies to --k8s-audit"] : []),
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
