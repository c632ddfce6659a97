import type { FieldType, PrintFormat } from "../../../language/field.ts";
import { parseIpv4, parseIpv6 } from "../../../language/ip-address.ts";
import type { Extracted } from "../field-rows.ts";
import { textOf } from "../json-value.ts";
import type { CommonFacts, EndFacts, ProcessFacts } from "./common-facts.ts";

/** A field that events of several producers have, with the type that it has for kernel events. */
export interface CommonField {
  readonly name: string;
  readonly description: string;
  readonly type: FieldType;
  readonly format: PrintFormat;
  readonly read: (facts: CommonFacts) => string | number | undefined;
}

/**
 * The fields that can be asked for without knowing who wrote the event. A fact that its producer does not tell is
 * missing.
 */
export const commonFields: readonly CommonField[] = [
  text("evt.type", ({ type }) => type, "Event type, with the kernel's name if it has one"),
  text("proc.name", ({ process }) => process?.name, "Name of the process, at most 15 bytes"),
  text("proc.exepath", ({ process }) => process?.exepath, "Executable file of the process"),
  text("proc.args", ({ process }) => process?.args, "Arguments of the process after the first"),
  text("proc.cmdline", ({ process }) => commandLine(process), "Name and arguments of the process"),
  text("proc.cwd", ({ process }) => process?.cwd, "Working directory of the process"),
  number("proc.pid", ({ process }) => process?.pid, "ID of the process on its host"),
  text("proc.pname", ({ parent }) => parent?.name, "Name of the parent process"),
  text("proc.pexepath", ({ parent }) => parent?.exepath, "Executable file of the parent process"),
  text("proc.pcmdline", ({ parent }) => commandLine(parent), "Name and arguments of the parent process"),
  number("proc.ppid", ({ parent }) => parent?.pid, "ID of the parent process on its host"),
  number("user.uid", ({ process }) => process?.uid, "User ID of the process"),
  number("user.loginuid", ({ process }) => process?.loginUid, "User ID at login; -1 if none"),
  text(
    "container.id",
    ({ container }) => container?.id?.slice(0, 12),
    "First 12 digits of the container ID, or `host`",
  ),
  text("container.full_id", ({ container }) => container?.id, "Container ID, if the event contains it"),
  text("container.name", ({ container }) => container?.name, "Name of the container"),
  text("container.image", ({ container }) => container?.image, "Image of the container"),
  text("container.image.repository", ({ container }) => imageParts(container?.image)[0], "Image without its tag"),
  text("container.image.tag", ({ container }) => imageParts(container?.image)[1], "Tag of the image"),
  text("k8s.pod.name", ({ pod }) => pod?.name, "Name of the pod"),
  text("k8s.ns.name", ({ pod }) => pod?.namespace, "Namespace of the pod"),
  text("fd.name", fileOrConnection, "File or connection of the event"),
  text("fd.l4proto", ({ connection }) => connection?.protocol, "tcp, udp, …"),
  ...ends("fd.l", "of this side", (facts) => facts.connection?.local),
  ...ends("fd.r", "of the other side", (facts) => facts.connection?.remote),
  ...ends("fd.c", "of the client", (facts) => end(facts, "client")),
  ...ends("fd.s", "of the server", (facts) => end(facts, "server")),
];

function text(name: string, read: (facts: CommonFacts) => string | undefined, description: string): CommonField {
  return { name, description, type: "CHARBUF", format: "NA", read: (facts) => textOf(read(facts)) };
}

function number(name: string, read: CommonField["read"], description: string): CommonField {
  return { name, description, type: name === "user.uid" ? "UINT32" : "INT64", format: "ID", read };
}

function ends(prefix: string, whose: string, read: (facts: CommonFacts) => EndFacts | undefined): CommonField[] {
  const address = (facts: CommonFacts): string | undefined => addressOf(read(facts)?.ip);
  return [
    { name: `${prefix}ip`, description: `Address ${whose}`, type: "IPADDR", format: "NA", read: address },
    { name: `${prefix}net`, description: `Network ${whose}`, type: "IPNET", format: "NA", read: address },
    {
      name: `${prefix}port`,
      description: `Port ${whose}`,
      type: "PORT",
      format: "DEC",
      read: (facts) => read(facts)?.port,
    },
  ];
}

/** A value of a field as another program printed it, in the type of the field. */
export function valueOfText(value: unknown, type: FieldType): Extracted {
  if (value === undefined || value === null) return undefined;
  if (type === "IPADDR" || type === "IPNET") return typeof value === "string" ? addressOf(value) : undefined;
  if (type === "CHARBUF") return textOf(value);
  const parsed = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof parsed === "number" || typeof parsed === "bigint" ? parsed : undefined;
}

function addressOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (parseIpv4(text) ?? parseIpv6(text));
}

function commandLine(process: ProcessFacts | undefined): string | undefined {
  if (process?.name === undefined || process.args === undefined) return undefined;
  return process.args === "" ? process.name : `${process.name} ${process.args}`;
}

/** Repository and tag of `registry:port/repository:tag@digest`. */
function imageParts(image: string | undefined): readonly [repository?: string, tag?: string] {
  if (image === undefined) return [];
  const [name = ""] = image.split("@", 1);
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  return colon < 0 ? [name] : [name.slice(0, colon), name.slice(colon + 1)];
}

function end({ connection }: CommonFacts, which: "client" | "server"): EndFacts | undefined {
  if (connection?.client === undefined) return undefined;
  return (connection.client === "local") === (which === "client") ? connection.local : connection.remote;
}

function fileOrConnection(facts: CommonFacts): string | undefined {
  const { path, connection } = facts;
  if (path !== undefined || connection === undefined) return path;
  const client = end(facts, "client") ?? (connection.client === undefined ? connection.local : undefined);
  const server = end(facts, "server") ?? (connection.client === undefined ? connection.remote : undefined);
  if (client === undefined) return endText(server);
  return server === undefined ? endText(client) : `${endText(client)}->${endText(server)}`;
}

function endText(end: EndFacts | undefined): string | undefined {
  return end?.ip === undefined ? undefined : `${end.ip}:${end.port ?? 0}`;
}
