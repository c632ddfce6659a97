import type { KernelEventSource } from "../../src/model/events/kernel-event.ts";
import type { KernelEvent } from "../../src/rules/state/kernel-event.ts";
import { type Generation, KernelState } from "../../src/rules/state/kernel-state.ts";
import { openCapture } from "../../src/sources/capture/open-capture.ts";
import { corpusBytes, corpusJson, corpusPath } from "./corpus.ts";

const folder = "runtime/captures";

/** The names of all captures of the corpus. */
export function captureNames(): string[] {
  return corpusJson<{ captures: { name: string }[] }>(folder, "list.json").captures.map(({ name }) => name);
}

export function captureJson<T>(name: string, file: string): T {
  return corpusJson<T>(folder, name, file);
}

/** The rows of a file of a capture that has one JSON object in each line. */
export function captureRows<T>(name: string, file: string): T[] {
  return corpusBytes(folder, name, file)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

/** Every event of a capture that rules see, with the state of that moment. */
export async function replay(name: string, generation: Generation, visit: (event: KernelEvent) => void): Promise<void> {
  const source: KernelEventSource = await openCapture(corpusPath(folder, name, `${name}.scap`), { generation });
  const state = new KernelState(source.snapshot, generation);
  for await (const batch of source.events(new AbortController().signal)) {
    for (let index = 0; index < batch.count; index++) if (state.advance(batch, index)) visit(state.event);
  }
}
