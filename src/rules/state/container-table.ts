import type { CgroupSet } from "./cgroup-set.ts";
import type { Container } from "./container.ts";
import { parseContainer } from "./parse-container.ts";

/** The place of one container: its threads point here, and what is learned of it later is put here. */
export interface ContainerSlot {
  readonly id: string;
  container: Container;
  /** How long its metadata is, as text. */
  size: number;
}

const maximumContainers = 200_000;
/** Of all metadata, as text. */
const maximumSize = 256 << 20;

/** The containers of the machine by id. */
export class ContainerTable {
  readonly #slots = new Map<string, ContainerSlot>();
  #size = 0;

  /** The place of the container that these control groups are of; absent on the host. */
  slotOf({ containerId, runtime }: CgroupSet): ContainerSlot | undefined {
    return containerId === "" ? undefined : this.slot(containerId, runtime);
  }

  get(id: string): Container | undefined {
    return this.#slots.get(id)?.container;
  }

  /** Takes the metadata of a container in and returns it; `undefined` when the text is not of that form. */
  add(json: string): Container | undefined {
    const container = parseContainer(json);
    if (container === undefined) return undefined;
    this.put(container, json.length);
    return container;
  }

  /** Puts what is known of a container; `size` is how long that is as text. */
  put(container: Container, size = 0): void {
    const slot = this.slot(container.id, container.type);
    this.#size += size - slot.size;
    slot.size = size;
    slot.container = container;
    for (const [id] of this.#slots) {
      if (this.#size <= maximumSize || id === container.id) break;
      this.remove(id);
    }
  }

  /** Forgets the metadata of the container; threads that still run in it keep it. */
  remove(id: string): void {
    this.#size -= this.#slots.get(id)?.size ?? 0;
    this.#slots.delete(id);
  }

  /** The place of the container with this id. */
  slot(id: string, runtime = ""): ContainerSlot {
    const known = this.#slots.get(id);
    if (known !== undefined) return known;
    if (this.#slots.size >= maximumContainers) {
      const { value: oldest } = this.#slots.keys().next();
      if (oldest !== undefined) this.remove(oldest);
    }
    const slot = { id, container: { id, fullId: "", type: runtime, isKnown: false }, size: 0 };
    this.#slots.set(id, slot);
    return slot;
  }
}
