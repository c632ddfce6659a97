import type { ByteString } from "../../../model/events/kernel-event.ts";
import type { Container } from "../container.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import type { KernelEvent } from "../kernel-event.ts";
import { bytesOf } from "../parameter-values.ts";
import { containerTypes } from "../parse-container.ts";
import { Thread } from "../thread.ts";

const longestName = 1024;
const longestMetadata = 1 << 20;

function nameIn(event: KernelEvent, parameter: number): ByteString {
  return (event.text(parameter) ?? "").slice(0, longestName);
}

const addUser: StateHandler = (state, event) => {
  const uid = event.unsigned(0);
  state.users.add(uid, nameIn(event, 5), {
    uid,
    gid: event.unsigned(1),
    name: nameIn(event, 2),
    home: nameIn(event, 3),
    shell: nameIn(event, 4),
  });
};

const deleteUser: StateHandler = (state, event) => state.users.remove(event.unsigned(0), nameIn(event, 5));

const addGroup: StateHandler = (state, event) => {
  const gid = event.unsigned(0);
  state.groups.add(gid, nameIn(event, 2), { gid, name: nameIn(event, 1) });
};

const deleteGroup: StateHandler = (state, event) => state.groups.remove(event.unsigned(0), nameIn(event, 2));

/** The oldest form: only four values. */
const addContainer: StateHandler = (state, event) => {
  const id = nameIn(event, 0);
  if (id === "") return;
  const container: Container = {
    id,
    fullId: "",
    type: containerTypes[event.unsigned(1)] ?? "",
    isKnown: true,
    name: nameIn(event, 2),
    image: nameIn(event, 3),
  };
  state.containers.put(container);
  if (state.isHead) event.container = container;
};

const addContainerJson: StateHandler = (state, event) => {
  const container = state.containers.add(bytesOf(event, 0, longestMetadata));
  if (container === undefined) return;
  if (state.isHead) {
    event.container = container;
    return;
  }
  // For the older library the event happens in the container, in a thread of its own.
  const thread = new Thread(-1, -1);
  thread.vtid = -2;
  thread.vpid = -2;
  thread.comm = `container:${container.id}`;
  thread.exe = thread.comm;
  thread.root = "";
  thread.containerSlot = state.containers.slot(container.id);
  event.thread = thread;
};

/** The events of the container plugin: `container` for a new one, `container_removed` for a removed one. */
const takeAsynchronous: StateHandler = (state, event) => {
  const name = event.text(1);
  if (name !== "container" && name !== "container_removed") return;
  const container = state.containers.add(bytesOf(event, 2, longestMetadata));
  if (container === undefined) return;
  if (state.isHead) event.container = container;
  if (name === "container_removed") state.containers.remove(container.id);
};

/** Events that no program caused: they describe users, groups and containers. */
export const accountHandlers: StateHandlers = {
  USER_ADDED_E: addUser,
  USER_DELETED_E: deleteUser,
  GROUP_ADDED_E: addGroup,
  GROUP_DELETED_E: deleteGroup,
  CONTAINER_E: addContainer,
  CONTAINER_JSON_E: addContainerJson,
  CONTAINER_JSON_2_E: addContainerJson,
  ASYNCEVENT_E: takeAsynchronous,
};
