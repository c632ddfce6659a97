import type { KernelGroup, KernelUser } from "../../../model/events/kernel-event.ts";
import type { FieldValue } from "../../language/field.ts";
import type { KernelState } from "../../state/kernel-state.ts";
import type { Thread } from "../../state/thread.ts";
import { type FieldContext, type FieldMakers, plainFields, type ReadField } from "./field-reader.ts";

const noId = 0xffff_ffff;

/**
 * The user and the group of the thread: `user.*`, `group.*`. Unknown names print as `<NA>`, those of root as root's.
 */
export const accountFields: FieldMakers = plainFields({
  "user.uid": ofThread(({ uid }) => uid),
  "user.name": ofThread((thread, state) => userOf(thread, state)?.name ?? rootOr(thread.uid, "root")),
  "user.homedir": ofThread((thread, state) => userOf(thread, state)?.home ?? rootOr(thread.uid, "/root")),
  "user.shell": ofThread((thread, state) => userOf(thread, state)?.shell ?? "<NA>"),
  "user.loginuid": ofThread(({ loginUid }) => (loginUid === noId ? -1 : loginUid)),
  "user.loginname": ofThread(
    ({ loginUid, container }, state) => state.user(loginUid, container?.id)?.name ?? rootOr(loginUid, "root"),
  ),
  "group.gid": ofThread(({ gid }) => gid),
  "group.name": ofThread((thread, state) => groupOf(thread, state)?.name ?? rootOr(thread.gid, "root")),
});

function ofThread(read: (thread: Thread, state: KernelState) => FieldValue): (context: FieldContext) => ReadField {
  return () =>
    ({ thread, state }) =>
      thread === undefined ? undefined : read(thread, state);
}

function userOf({ uid, container }: Thread, state: KernelState): KernelUser | undefined {
  return state.user(uid, container?.id);
}

function groupOf({ gid, container }: Thread, state: KernelState): KernelGroup | undefined {
  return state.group(gid, container?.id);
}

function rootOr(id: number, text: string): string {
  return id === 0 ? text : "<NA>";
}
