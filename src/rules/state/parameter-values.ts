import type { ByteString } from "../../model/events/kernel-event.ts";
import { kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import type { KernelEvent } from "./kernel-event.ts";

/** What stands for a text that the kernel could not read, or that an old capture does not have. */
const notAvailable = "<NA>";

/** What the kernel side gives for a text that it could not read. */
export const unreadable = "(NULL)";

/** `PATH_MAX` of Linux. */
const longestPath = 4096;
/** Lists of arguments and the like are cut by the kernel side, mostly to 4096 bytes. */
const longestList = 16_384;

/** The result of a system call; -1 when the event does not have one. */
export function resultOf(event: KernelEvent): number {
  const length = event.length(0);
  return length < 0 ? -1 : event.signed(0, 0);
}

/** A text parameter, `<NA>` when it is empty or {@link unreadable}. */
function textOf(event: KernelEvent, parameter: number): ByteString {
  const text = event.text(parameter);
  return text === undefined || text === unreadable ? notAvailable : text;
}

/** A path or name as {@link textOf}, cut where the kernel ends: the state keeps many. */
export function pathOf(event: KernelEvent, parameter: number): ByteString {
  const text = textOf(event, parameter);
  return text.length > longestPath ? text.slice(0, longestPath) : text;
}

/** The bytes of a parameter, its terminators with them, up to `most`; empty when there is none. */
export function bytesOf(event: KernelEvent, parameter: number, most: number = longestList): ByteString {
  const length = Math.min(event.length(parameter), most);
  if (length <= 0) return "";
  const at = event.offset(parameter);
  return event.bytes.toString("latin1", at, at + length);
}

/** True when the event has a value of this parameter. */
export function has(event: KernelEvent, parameter: number): boolean {
  return event.length(parameter) > 0;
}

/**
 * Where each of these parameters stands in each of these event types: old versions of an event have fewer or others.
 * 255, a number that no event has, for those that are missing. Index by code, then by the place in `names`.
 */
export function parameterPlaces(
  ids: readonly string[],
  names: readonly string[],
): readonly (Readonly<Uint8Array> | undefined)[] {
  return kernelEventTypes.map(({ id, parameters }) =>
    ids.includes(id)
      ? Uint8Array.from(names, (name) => {
          const at = parameters.findIndex((parameter) => parameter.name === name);
          return at < 0 ? 255 : at;
        })
      : undefined,
  );
}
