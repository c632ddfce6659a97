import { expect, test } from "vitest";
import {
  errnoNames,
  type KernelParameter,
  kernelEventTypes,
  kernelFlagSets,
  signalNames,
  syscallNames,
} from "../../../src/model/events/kernel-event-table.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

// The table of kernel events that ships, against the one of the corpus, which was checked against the library.

interface CorpusParameter {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly set?: string;
  readonly dirfd_param?: number;
  readonly variants?: readonly CorpusParameter[];
}

interface CorpusEvent {
  readonly code: number;
  readonly id: string;
  readonly name: string;
  readonly dir: "<" | ">";
  readonly category: readonly string[];
  readonly flags: readonly string[];
  readonly params: readonly CorpusParameter[];
  readonly syscalls?: readonly string[] | "generic";
  readonly name_0_20?: string;
  readonly category_0_20?: readonly string[];
  readonly flags_0_20?: readonly string[];
  readonly nparams_0_20?: number;
  readonly params_0_20?: readonly CorpusParameter[];
  readonly new_after_0_20?: boolean;
}

const bare = (word: string): string => word.replace(/^[A-Z]+_/, "");

function parameterOf({ dirfd_param, variants, ...rest }: CorpusParameter): KernelParameter {
  return {
    ...rest,
    type: bare(rest.type),
    format: bare(rest.format),
    ...(dirfd_param !== undefined && { directory: dirfd_param }),
    ...(variants && { variants: variants.map(parameterOf) }),
  };
}

function olderOf(event: CorpusEvent): object | undefined {
  const older = {
    ...(event.name_0_20 !== undefined && { name: event.name_0_20 }),
    ...(event.category_0_20 && { categories: event.category_0_20.map(bare) }),
    ...(event.flags_0_20 && { flags: event.flags_0_20.map(bare) }),
    ...(event.nparams_0_20 !== undefined && { parameterCount: event.nparams_0_20 }),
    ...(event.params_0_20 && { parameters: event.params_0_20.map(parameterOf) }),
    ...(event.new_after_0_20 && { isUnknown: true }),
  };
  return Object.keys(older).length > 0 ? older : undefined;
}

describeWithCorpus("the table of kernel events", () => {
  test("has the 454 codes of the library", () => {
    const { events } = corpusJson<{ events: readonly CorpusEvent[] }>("runtime", "scap-format", "event-table.json");
    expect(events).toHaveLength(454);
    const expected = events.map((event) => ({
      id: bare(event.id),
      name: event.name,
      isExit: event.dir === "<",
      categories: event.category.map(bare),
      flags: event.flags.map(bare),
      parameters: event.params.map(parameterOf),
      ...(event.syscalls && { syscalls: event.syscalls }),
      ...(olderOf(event) && { old: olderOf(event) }),
    }));
    expect(kernelEventTypes).toEqual(expected);
    expect(events.map(({ code }) => code)).toEqual(events.map((_, index) => index));
  });

  test("has the flags and names of the library", () => {
    const { sets } = corpusJson<{ sets: typeof kernelFlagSets }>("runtime", "scap-format", "flag-sets.json");
    expect(kernelFlagSets).toEqual(sets);
    expect(Object.keys(sets)).toHaveLength(55);
    const enums = corpusJson<Record<"errno" | "signals" | "sc", Record<string, string>>>(
      ...["runtime", "scap-format", "enums.json"],
    );
    expect(errnoNames).toEqual(enums.errno);
    expect(signalNames).toEqual(enums.signals);
    expect(Object.keys(syscallNames)).toHaveLength(Object.keys(enums.sc).length);
  });
});
