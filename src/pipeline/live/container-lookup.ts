import { setTimeout as sleep } from "node:timers/promises";
import { type DockerEngine, openDockerEngine } from "../../engines/docker/docker-engine.ts";
import type { KernelEventBatch } from "../../model/events/kernel-event.ts";
import { kernelEventCode } from "../../model/events/kernel-event-table.ts";
import type { Container } from "../../rules/state/container.ts";
import type { KernelState } from "../../rules/state/kernel-state.ts";
import { ContainerUsers } from "./container-users.ts";
import { readDockerContainer } from "./read-docker-container.ts";

/** Milliseconds for which events wait for the facts of their containers; what comes later counts from then on. */
const longestWait = 500;
/** Milliseconds until a container without an address is asked for again: it gets its network while it starts. */
const untilAddress = 1000;
/** Milliseconds until an engine is asked again for a container that it did not have. */
const untilAgain = 30_000;
const mostRemembered = 100_000;

/** The parameter of {@link starting} events that has the control groups. */
const cgroups = 14;
const starting = ["SYSCALL_CLONE_20_X", "SYSCALL_EXECVE_19_X"].map(kernelEventCode);

/** An id that was looked up. */
interface Known {
  readonly container: Container | undefined;
  readonly askedAt: number;
}

/**
 * Asks the engines of a machine for the facts of containers before rules see their events. Ids come from the control
 * groups of new processes, so that the facts of a container that runs for a moment are there as well.
 */
export class ContainerLookup {
  /** Ids for which there were no facts in time. */
  missing = 0;
  readonly #engines: readonly DockerEngine[];
  readonly #signal: AbortSignal;
  readonly #users = new ContainerUsers();
  readonly #known = new Map<string, Known>();
  #state: KernelState | undefined;

  /** `hosts`: values of `DOCKER_HOST`, of Docker or of Podman. */
  constructor(hosts: readonly string[], signal: AbortSignal) {
    this.#engines = hosts.map((host) =>
      openDockerEngine({ host, connectTimeout: longestWait, answerTimeout: longestWait }),
    );
    this.#signal = signal;
  }

  /** Puts the facts of all containers of a new state there. */
  async complete(state: KernelState): Promise<void> {
    this.#state = state;
    this.#users.clear();
    const found = new Map<string, string>();
    for (const thread of state.threads.values()) {
      const { containerId, runtime } = thread.cgroupSet;
      if (containerId === "") continue;
      found.set(containerId, runtime);
      this.#users.read(state, containerId, thread.tid);
    }
    await this.#find(found);
  }

  /** Waits for the facts of the containers in which processes start in this batch, if they are not there yet. */
  prepare(batch: KernelEventBatch): Promise<void> | undefined {
    const found = this.#newIn(batch);
    return found.size === 0 ? undefined : this.#find(found);
  }

  #newIn(batch: KernelEventBatch): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const state = this.#state;
    for (let index = 0; state !== undefined && index < batch.count; index++) {
      if (!starting.includes(batch.codes[index] as number)) continue;
      const set = state.cgroups.read(textOf(batch, index, cgroups));
      if (set === undefined || set.containerId === "") continue;
      this.#users.read(state, set.containerId, batch.threads[index] as number);
      const known = this.#known.get(set.containerId);
      if (known?.container !== undefined && state.containers.get(set.containerId) === known.container) continue;
      if (known === undefined || known.container !== undefined || performance.now() - known.askedAt > untilAgain) {
        found.set(set.containerId, set.runtime);
      }
    }
    return found;
  }

  async #find(found: ReadonlyMap<string, string>): Promise<void> {
    const all = Promise.all(Array.from(found, ([id, runtime]) => this.#findOne(id, runtime)));
    await Promise.race([all, sleep(longestWait, undefined, { ref: false })]);
    for (const id of found.keys()) if (this.#known.get(id)?.container === undefined) this.missing++;
  }

  async #findOne(id: string, runtime: string): Promise<void> {
    const known = this.#known.get(id)?.container;
    if (known !== undefined) return this.#put(known);
    const container = await this.#ask(id, runtime);
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(id, { container, askedAt: performance.now() });
    if (container === undefined) return;
    this.#put(container);
    if (container.ip === undefined && !container.hostNetwork) void this.#addAddress(id, runtime);
  }

  async #addAddress(id: string, runtime: string): Promise<void> {
    await sleep(untilAddress, undefined, { ref: false });
    const container = this.#signal.aborted ? undefined : await this.#ask(id, runtime);
    if (container?.ip === undefined) return;
    this.#known.set(id, { container, askedAt: performance.now() });
    this.#put(container);
  }

  async #ask(id: string, runtime: string): Promise<Container | undefined> {
    const answers = this.#engines.map(async (engine) => {
      const container = readDockerContainer(await engine.read(`/containers/${id}/json`, this.#signal), runtime);
      if (container === undefined) throw new Error("no such container");
      return container;
    });
    // An engine that does not run and one that does not have the container are the same here.
    return Promise.any(answers).catch(() => undefined);
  }

  #put(container: Container): void {
    this.#state?.containers.put(container);
  }
}

function textOf(batch: KernelEventBatch, index: number, parameter: number): string {
  const { bytes } = batch;
  const count = batch.parameterCounts[index] as number;
  if (parameter >= count) return "";
  const lengths = batch.lengthOffsets[index] as number;
  let at = lengths + count * 2;
  for (let before = 0; before < parameter; before++) at += bytes.readUInt16LE(lengths + before * 2);
  return bytes.toString("latin1", at, at + bytes.readUInt16LE(lengths + parameter * 2));
}
