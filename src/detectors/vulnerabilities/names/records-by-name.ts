import type { Advisory } from "../../../model/findings/advisory.ts";
import { namesOf } from "./vulnerability-names.ts";

/** Records, found by the names of their vulnerabilities. Nothing is read before the first question. */
export class RecordsByName {
  readonly #records: () => readonly Advisory[];
  #byName: ReadonlyMap<string, readonly Advisory[]> | undefined;

  constructor(records: () => readonly Advisory[]) {
    this.#records = records;
  }

  /** The records that have one of the names, each once. */
  find(names: readonly string[]): readonly Advisory[] {
    this.#byName ??= byName(this.#records());
    const found = this.#byName;
    return [...new Set(names.flatMap((name) => found.get(name) ?? []))];
  }
}

function byName(records: readonly Advisory[]): ReadonlyMap<string, readonly Advisory[]> {
  const found = new Map<string, Advisory[]>();
  for (const record of records) {
    for (const name of new Set(namesOf(record))) {
      const list = found.get(name);
      if (list) list.push(record);
      else found.set(name, [record]);
    }
  }
  return found;
}
