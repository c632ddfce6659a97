import type { ByteString } from "../../model/events/kernel-event.ts";
import { parseIpv4 } from "../language/ip-address.ts";
import type { CgroupSet } from "./cgroup-set.ts";
import type { Container } from "./container.ts";
import { parseContainer } from "./parse-container.ts";

/** The place of one container: its threads point here, and facts learned later are put here. */
export interface ContainerSlot {
  readonly id: string;
  container: Container;
  /** The IPv4 address of the container, as 4 bytes; `undefined` when the runtime reports none. */
  address: ByteString | undefined;
  /** How long its metadata is, as text. */
  size: number;
}

const maximumContainers = 200_000;
/** Size of all metadata, as text. */
const maximumSize = 256 << 20;
const anyAddress = "\0".repeat(4);

/** The containers of the machine by id. */
export class ContainerTable {
  readonly #slots = new Map<string, ContainerSlot>();
  /** How many containers have an address. */
  readonly #addresses = new Map<ByteString, number>();
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
    this.#setAddress(slot, addressOf(container));
    for (const [id] of this.#slots) {
      if (this.#size <= maximumSize || id === container.id) break;
      this.remove(id);
    }
  }

  /** Forgets the metadata of the container; threads that still run in it keep it. */
  remove(id: string): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#size -= slot.size;
    this.#countAddress(slot.address, -1);
    this.#slots.delete(id);
  }

  /** Whether a container of this machine has the IPv4 address (4 bytes). */
  hasAddress(address: ByteString): boolean {
    return this.#addresses.has(address);
  }

  /** The place of the container with this id. */
  slot(id: string, runtime = ""): ContainerSlot {
    const known = this.#slots.get(id);
    if (known !== undefined) return known;
    if (this.#slots.size >= maximumContainers) {
      const { value: oldest } = this.#slots.keys().next();
      if (oldest !== undefined) this.remove(oldest);
    }
    const slot = { id, container: { id, fullId: "", type: runtime, isKnown: false }, address: undefined, size: 0 };
    this.#slots.set(id, slot);
    return slot;
  }

  #setAddress(slot: ContainerSlot, address: ByteString | undefined): void {
    this.#countAddress(slot.address, -1);
    slot.address = address;
    this.#countAddress(address, 1);
  }

  #countAddress(address: ByteString | undefined, change: number): void {
    if (address === undefined) return;
    const count = (this.#addresses.get(address) ?? 0) + change;
    if (count > 0) this.#addresses.set(address, count);
    else this.#addresses.delete(address);
  }
}

/** Older captures write `0.0.0.0` for an address that is not known. */
function addressOf({ ip }: Container): ByteString | undefined {
  const address = ip === undefined ? undefined : parseIpv4(ip);
  return address === anyAddress ? undefined : address;
}
