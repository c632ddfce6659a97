import { expect, test } from "vitest";
import { syscallFields } from "../../../src/rules/fields/syscall/syscall-fields.ts";
import { toByteString } from "../../../src/rules/language/byte-string.ts";
import { ConditionError } from "../../../src/rules/language/condition.ts";
import { ConditionCompiler } from "../../../src/rules/language/condition-compiler.ts";
import type { FieldDefinition } from "../../../src/rules/language/field.ts";
import { parseCondition } from "../../../src/rules/language/parse-condition.ts";
import type { KernelEvent } from "../../../src/rules/state/kernel-event.ts";
import { KernelState } from "../../../src/rules/state/kernel-state.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { FieldTexts } from "../../setup/field-text.ts";
import {
  type SyntheticCheck,
  syntheticBatch,
  syntheticSnapshot,
  syntheticTests,
} from "../../setup/synthetic-events.ts";

interface ListedField {
  readonly class: string;
  readonly name: string;
  readonly type: string;
  readonly arg?: { readonly required: boolean; readonly index: boolean; readonly key: boolean };
  readonly flags?: readonly string[];
  readonly format?: string;
  readonly since?: string;
}

interface EvaluateCase {
  readonly test: string;
  readonly event: number;
  readonly filter: string;
  readonly result?: boolean;
}

/** Types as plug-ins call them. */
const pluginTypes: Readonly<Record<string, string>> = {
  string: "CHARBUF",
  bool: "BOOL",
  abstime: "ABSTIME",
  reltime: "RELTIME",
  DYNAMIC: "DYN",
};

/** Formats that plug-ins leave to the type. */
const formatsOfTypes: Readonly<Record<string, string>> = { ABSTIME: "DEC", RELTIME: "DEC" };

function listed({ class: group, name, type, arg, flags = [], format }: ListedField): Partial<FieldDefinition> {
  const ownType = pluginTypes[type] ?? type;
  return {
    name,
    group,
    type: ownType as FieldDefinition["type"],
    format: (format?.replace("PF_", "") ?? formatsOfTypes[ownType] ?? "NA") as FieldDefinition["format"],
    ...(arg && {
      argument: {
        ...(arg.required && { isRequired: true }),
        ...(arg.index && { isIndex: true }),
        ...(arg.key && { isKey: true }),
      },
    }),
    ...(flags.includes("IS_LIST") && { isList: true }),
    ...(flags.includes("FILTER_ONLY") && { isFilterOnly: true }),
    ...(flags.includes("NO_RHS") && { isNeverRight: true }),
    ...(flags.includes("NO_TRANSFORMER") && { refusesTransformers: true }),
    ...(flags.includes("DEPRECATED") && { isDeprecated: true }),
    ...(flags.includes("FORMAT_SUGGESTED") && { isSuggestedOutput: true }),
  };
}

function withoutDescription({ description, ...definition }: FieldDefinition): Partial<FieldDefinition> {
  expect(description).toMatch(/^\S.{5,119}$/);
  return Object.fromEntries(Object.entries(definition).filter(([key]) => key !== "generation"));
}

/** The recording leaves out what depends on the users of the machine that made it. */
function namesUser(field: string, text: string | undefined): boolean {
  return (
    /^(?:user|group)\.(?:name|homedir|loginname)$/.test(field) ||
    (field === "evt.args" && text?.includes("(<NA>)") === true)
  );
}

function bytesOf(text: string | { readonly hex: string } | undefined): string | undefined {
  if (text === undefined) return undefined;
  return typeof text === "string" ? toByteString(text) : Buffer.from(text.hex, "hex").toString("latin1");
}

/** What the recording does not hold: upstream tests that change the state, or the user table, by hand between two events. */
const changedByHand: Readonly<Record<string, number>> = {
  CLONE_CALLER_tid_collision: 1,
  CLONE_CHILD_tid_collision: 15,
  PROC_EXIT_already_dead_thread: 2,
  PROC_FILTER_nchilds: 15,
  PROC_FILTER_pgid_family: 32,
  THRD_MANAGER_find_new_reaper_detect_loop: 5,
  USER_FILTER_extract_from_existent_user_entry: 7,
  USER_FILTER_extract_from_existent_user_entry_without_metadata: 5,
  EVT_FILTER_check_evt_arg_uid: 3,
  // The number of its processor is not recorded.
  signed_int_compare: 1,
};

/** Notes the differences of a test, those that are explained apart. */
class Differences {
  readonly unexplained: string[] = [];
  readonly explained: Record<string, number> = {};

  add(test: string, difference: string): void {
    if (changedByHand[test] === undefined) this.unexplained.push(`${test} ${difference}`);
    else this.explained[test] = (this.explained[test] ?? 0) + 1;
  }
}

function sameItems(text: string, wanted: string): string | undefined {
  const items = (list: string): string => list.slice(1, -1).split(",").sort().join(",");
  return items(text) === items(wanted) ? undefined : `${text} instead of ${wanted}`;
}

/** What is wrong with the answer to a question about the event; `undefined` when it is right. */
function answerOf(
  { field, value, exists, filter, result, error }: SyntheticCheck,
  { texts, compiler, event }: { texts: FieldTexts; compiler: ConditionCompiler<KernelEvent>; event: KernelEvent },
): string | undefined {
  if (field !== undefined) {
    const text = texts.text(field, event);
    if (exists !== undefined)
      return (text !== undefined) === exists ? undefined : `${field}: ${text} but exists ${exists}`;
    const wanted = value === null ? undefined : bytesOf(value);
    // The order of a hash table.
    if (field === "fd.types" && text !== undefined && wanted !== undefined) return sameItems(text, wanted);
    return text === wanted ? undefined : `${field}: ${text} instead of ${value}`;
  }
  let answer: boolean | string;
  try {
    answer = compiler.compile(parseCondition(filter ?? ""))(event);
  } catch (thrown) {
    if (!(thrown instanceof ConditionError)) throw thrown;
    answer = thrown.message;
  }
  const isRight = error === undefined ? answer === result : typeof answer === "string" && error.endsWith(answer);
  return isRight ? undefined : `${filter}: ${answer} instead of ${error ?? result}`;
}

describeWithCorpus("the fields of kernel events", () => {
  const list = corpusJson<{ cases: ListedField[]; removed_after_0_20: ListedField[] }>("runtime/fields/fields.json");

  test("all 294 fields of the newer library and its container plug-in are there with type, form and format", () => {
    const definitions = syscallFields({ generation: "head" }).definitions.map(withoutDescription);
    expect(list.cases).toHaveLength(294);
    expect(definitions).toEqual(list.cases.map(listed));
  });

  test("the older library has those that left and not those that came", () => {
    const names = syscallFields({ generation: "0.40" }).definitions.map(({ name }) => name);
    const laterOnly = ["container.label", "container.labels"];
    const expected = [
      ...list.cases.filter(({ name, since }) => since === undefined && !laterOnly.includes(name)),
      ...list.removed_after_0_20,
    ].map(({ name }) => name);
    expect(names.length).toBeGreaterThan(340);
    expect(new Set(names)).toEqual(new Set(expected));
  });

  test("every recorded field of every injected event, and every question of the upstream tests, agrees", () => {
    const tests = syntheticTests();
    const catalogue = syscallFields({ generation: "head" });
    const texts = new FieldTexts(catalogue);
    const asked = [...new Set(tests.flatMap(({ events }) => events.flatMap(({ fields = {} }) => Object.keys(fields))))];
    const differences = new Differences();
    let compared = 0;
    let questions = 0;
    for (const recorded of tests) {
      const state = new KernelState(syntheticSnapshot(recorded));
      const compiler = new ConditionCompiler(catalogue);
      for (const [place, recordedEvent] of recorded.events.entries()) {
        state.advance(syntheticBatch(recordedEvent), 0);
        const { event } = state;
        const { fields, checks = [] } = recordedEvent;
        for (const field of fields === undefined ? [] : asked) {
          compared++;
          const text = texts.text(field, event);
          const wanted = bytesOf(fields?.[field]);
          if (text === wanted || (wanted === undefined && namesUser(field, text))) continue;
          differences.add(recorded.test, `${place} ${field}: ${text} instead of ${wanted}`);
        }
        for (const check of checks) {
          if (check.after_event !== undefined) continue;
          questions++;
          const problem = answerOf(check, { texts, compiler, event });
          if (problem !== undefined) differences.add(recorded.test, `${place} ${problem}`);
        }
      }
    }
    expect(compared).toBeGreaterThan(100_000);
    expect(questions).toBeGreaterThan(1300);
    expect(differences.unexplained).toEqual([]);
    expect(differences.explained).toEqual(changedByHand);
  });

  test("conditions on real fields of recorded events evaluate as in the library", () => {
    const { cases } = corpusJson<{ cases: EvaluateCase[] }>("runtime/filter-language/evaluate.json");
    const recorded = new Map(syntheticTests().map((one) => [one.test, one]));
    const catalogue = syscallFields({ generation: "head" });
    const wrong: string[] = [];
    let evaluated = 0;
    for (const { test: name, event: number, filter, result } of cases) {
      const one = recorded.get(name);
      if (one === undefined || result === undefined || changedByHand[name] !== undefined) continue;
      const state = new KernelState(syntheticSnapshot(one));
      const place = one.events.findIndex(({ num }) => num === number);
      if (place < 0) continue;
      for (const event of one.events.slice(0, place + 1)) state.advance(syntheticBatch(event), 0);
      evaluated++;
      const answer = new ConditionCompiler(catalogue).compile(parseCondition(filter))(state.event);
      if (answer !== result) wrong.push(`${name} ${number} ${filter}: ${answer} instead of ${result}`);
    }
    expect(evaluated).toBeGreaterThan(300);
    expect(wrong).toEqual([]);
  });
});
