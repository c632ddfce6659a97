import type { ByteString } from "../../../model/events/kernel-event.ts";
import { compileMatcher } from "../../language/compile-matcher.ts";
import type { FieldType, FieldValue } from "../../language/field.ts";
import { type Descriptor, descriptorTypes } from "../../state/descriptor.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import { descriptorOf } from "./descriptor-name.ts";
import {
  type FieldContext,
  type FieldMaker,
  type FieldMakers,
  type FieldReader,
  plainFields,
  type ReadField,
} from "./field-reader.ts";

/** An end of a connection: who asked for it and who was asked, or this machine and the other one. */
type Side = "client" | "server" | "local" | "remote";

const sides: Readonly<Record<string, Side>> = { c: "client", s: "server", l: "local", r: "remote" };

/** Both ends of a socket: `fd.sip`, `fd.cport`, `fd.net` and similar fields. */
export const socketFields: FieldMakers = {
  ...Object.fromEntries(
    Object.entries(sides).flatMap(([letter, side]) => [
      ...Object.entries(
        plainFields({
          [`fd.${letter}ip`]: (context) => (event) => address(event, side, context),
          [`fd.${letter}net`]: (context) => (event) => address(event, side, context),
          [`fd.${letter}port`]: (context) => (event) => port(event, side, context),
          [`fd.${letter}proto`]: (context) => (event) => portText(event, side, context),
        }),
      ),
      [`fd.${letter}ip.name`, domainName(side)],
    ]),
  ),
  ...plainFields({
    "fd.is_server": (context) => (event) => {
      const descriptor = descriptorOf(event, context);
      if (descriptor === undefined) return undefined;
      if (isServerSocket(descriptor)) return true;
      return isConnectable(descriptor) && event.state.isLocalAddress(descriptor.destinationAddress, event.thread);
    },
  }),
  "fd.ip": eitherEnd(
    "IPADDR",
    ({ sourceAddress }) => sourceAddress,
    ({ destinationAddress }) => destinationAddress,
  ),
  "fd.net": eitherEnd(
    "IPNET",
    ({ sourceAddress }) => sourceAddress,
    ({ destinationAddress }) => destinationAddress,
  ),
  "fd.port": eitherEnd(
    "PORT",
    ({ sourcePort }) => sourcePort,
    ({ destinationPort }) => destinationPort,
  ),
  "fd.proto": eitherEnd(
    "PORT",
    ({ sourcePort }) => sourcePort,
    ({ destinationPort }) => destinationPort,
  ),
};

function isServerSocket({ type }: Descriptor): boolean {
  return type === descriptorTypes.ipv4ServerSocket || type === descriptorTypes.ipv6ServerSocket;
}

function isConnectable({ type }: Descriptor): boolean {
  return type === descriptorTypes.ipv4Socket || type === descriptorTypes.ipv6Socket;
}

/** Whether the side is the source of the connection; `undefined` when that is unknown. */
function isSource({ state, thread }: KernelEvent, side: Side, descriptor: Descriptor): boolean | undefined {
  if (!isConnectable(descriptor) || descriptor.hasNoRole) return undefined;
  if (side === "client" || side === "server") return side === "client";
  return state.isLocalAddress(descriptor.sourceAddress, thread) === (side === "local");
}

function address(event: KernelEvent, side: Side, context: FieldContext): ByteString | undefined {
  const descriptor = descriptorOf(event, context);
  if (descriptor === undefined) return undefined;
  if (side === "server" && isServerSocket(descriptor) && !descriptor.hasNoRole) return descriptor.sourceAddress;
  const source = isSource(event, side, descriptor);
  if (source === undefined) return undefined;
  return source ? descriptor.sourceAddress : descriptor.destinationAddress;
}

function port(event: KernelEvent, side: Side, context: FieldContext): number | undefined {
  const descriptor = descriptorOf(event, context);
  if (descriptor === undefined) return undefined;
  if (side === "server" && isServerSocket(descriptor)) return descriptor.sourcePort;
  const source = isSource(event, side, descriptor);
  if (source === undefined) return undefined;
  return source ? descriptor.sourcePort : descriptor.destinationPort;
}

/** The number, since names of services are for comparing only; empty for sockets that have a port but no connection. */
function portText(event: KernelEvent, side: Side, context: FieldContext): string | undefined {
  const descriptor = descriptorOf(event, context);
  if (descriptor === undefined) return undefined;
  if (isConnectable(descriptor)) {
    const number = port(event, side, context);
    return number === undefined ? undefined : `${number}`;
  }
  if (side === "client") return descriptor.hasNoRole ? undefined : "";
  return side === "server" && isServerSocket(descriptor) ? "" : undefined;
}

/**
 * A domain name prints as it was looked up: the first one, among those that are compared, that has the address.
 * Compared as a whole, the addresses of the names on the right decide, which is how a name that has many addresses, and
 * one that shares its address with others, is met. Source: `compare_domain` of falcosecurity/libs, which looks at the
 * first name of an address before.
 */
function domainName(side: Side): FieldMaker {
  return ({ bracketed, dotted }, context): FieldReader | undefined => {
    if (bracketed !== undefined || dotted !== undefined) return undefined;
    const { domainNames, generation } = context;
    const extract: ReadField = (event) => {
      const found = domainNames && address(event, side, context);
      return found === undefined ? undefined : domainNames?.nameOf(found) || undefined;
    };
    return {
      extract,
      comparison: (operator, values) => {
        const isOther = operator === "!=";
        if (!isOther && operator !== "=" && operator !== "==" && operator !== "in") {
          const matches = compileMatcher({ type: "CHARBUF", operator, generation }, values);
          return (event) => {
            const name = extract(event);
            return name !== undefined && matches(name as string);
          };
        }
        return (event) => {
          const found = address(event, side, context);
          if (found === undefined) return false;
          // A listening socket is not connected: only an address with a name counts.
          const descriptor = descriptorOf(event, context);
          if (descriptor !== undefined && isServerSocket(descriptor) && domainNames?.nameOf(found) === undefined)
            return false;
          return values.some((value) => domainNames?.addressesOf(value)?.has(found)) !== isOther;
        };
      },
    };
  };
}

/** Only to be compared: equal when either end is, different when both are. */
function eitherEnd(
  type: FieldType,
  source: (descriptor: Descriptor) => FieldValue,
  destination: (descriptor: Descriptor) => FieldValue,
): FieldMaker {
  return ({ bracketed, dotted }, context) => {
    if (bracketed !== undefined || dotted !== undefined) return undefined;
    return {
      extract: () => undefined,
      comparison: (operator, values) => {
        if (operator === "exists") return (event) => descriptorOf(event, context) !== undefined;
        const matches = compileMatcher({ type, operator, generation: context.generation }, values);
        const needsBoth = operator.startsWith("!=");
        return (event) => {
          const descriptor = descriptorOf(event, context);
          if (descriptor === undefined) return false;
          if (isServerSocket(descriptor)) return matches(source(descriptor));
          if (!isConnectable(descriptor)) return false;
          const first = matches(source(descriptor));
          return first === needsBoth ? matches(destination(descriptor)) : first;
        };
      },
    };
  };
}
