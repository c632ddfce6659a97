import { expect, test } from "vitest";
import type { JsonEvent } from "../../../src/model/events/json-event.ts";
import { JsonRuleEvent } from "../../../src/rules/fields/json/json-rule-event.ts";
import { k8sAuditFields } from "../../../src/rules/fields/k8s-audit/k8s-audit-fields.ts";
import type { ResolvedField } from "../../../src/rules/language/field.ts";
import { readK8sAuditFile } from "../../../src/sources/k8s-audit/read-k8s-audit-file.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

type FieldValues = Readonly<Record<string, string | readonly string[]>>;

const noPlace = "the plugin looks for it in the rules of a role; here it is `sourceIPs` of the event";
const noIndex = "the plugin looks for the ids of a container in a place where they are not, and has none for an index";

/** What the plugin never gives although its documentation says that it does, and why. */
const deviations: Readonly<Record<string, string>> = {
  "ka.sourceips": noPlace,
  "ka.sourceips[0]": noPlace,
  "ka.sourceips[1]": noPlace,
  "ka.req.pod.containers.eff_run_as_user[0]": noIndex,
  "ka.req.pod.containers.eff_run_as_user[1]": noIndex,
  "ka.req.pod.containers.eff_run_as_group[0]": noIndex,
  "ka.req.pod.containers.eff_run_as_group[1]": noIndex,
};

describeWithCorpus("fields of Kubernetes audit events", () => {
  const { asked, cases } = corpusJson<{
    asked: readonly string[];
    cases: readonly { file: string; events: number; fields: readonly FieldValues[] }[];
  }>("runtime/k8s-audit/extracted-fields.json");
  const catalogue = k8sAuditFields();
  const fields = asked.map((name): [string, ResolvedField<JsonRuleEvent>] => {
    const [, base = "", argument] = /^([^[]+)(?:\[(.*)\])?$/.exec(name) ?? [];
    const field = catalogue.resolve(base, argument);
    if (!field) throw new Error(`there is no field ${name}`);
    return [name, field];
  });

  test("every field of every event is what the plugin extracts", async () => {
    let values = 0;
    let events = 0;
    for (const { file, events: count, fields: expected } of cases) {
      const found = await auditEvents(file);
      expect(found, file).toHaveLength(count);
      for (const [index, event] of found.entries()) {
        const seen = valuesOf(new JsonRuleEvent(index, event));
        expect(seen, `${file}, event ${index}`).toEqual(withoutDeviations(expected[index] ?? {}));
        values += Object.keys(seen).length;
        events++;
      }
    }
    expect(cases.length).toBeGreaterThanOrEqual(35);
    expect(events).toBeGreaterThanOrEqual(39);
    expect(values).toBeGreaterThanOrEqual(900);
  });

  test("where the plugin has no value although it should, there is one", async () => {
    const [event] = await auditEvents("events/create_nginx_pod_privileged.json");
    if (!event) throw new Error("there is no event");
    const rule = new JsonRuleEvent(0, event);
    expect(catalogue.resolve("ka.sourceips", undefined)?.extract(rule)).toEqual(["::1"]);
    expect(catalogue.resolve("ka.req.pod.containers.eff_run_as_user", "0")?.extract(rule)).toEqual(["0"]);
  });

  test("all fields of the plugin are known with their argument forms", () => {
    const rows = corpusJson<{ cases: readonly PluginField[] }>("runtime/fields/plugin-fields.json").cases.filter(
      ({ class: plugin }) => plugin === "k8saudit" || plugin === "json",
    );
    const known = new Map(catalogue.definitions.map((definition) => [definition.name, definition]));
    expect(rows).toHaveLength(106);
    for (const { name, arg, flags = [] } of rows) {
      const { argument, isList } = known.get(name) ?? {};
      expect({ name, isList: isList ?? false, ...argumentOf(argument) }, name).toEqual({
        name,
        isList: flags.includes("IS_LIST"),
        ...argumentOf(arg && { isRequired: arg.required, isIndex: arg.index, isKey: arg.key }),
      });
    }
  });

  function valuesOf(event: JsonRuleEvent): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const [name, field] of fields) {
      const value = field.extract(event);
      if (value !== undefined && !(name in deviations)) values[name] = value;
    }
    return values;
  }
});

interface PluginField {
  readonly class: string;
  readonly name: string;
  readonly arg?: { readonly required: boolean; readonly index: boolean; readonly key: boolean };
  readonly flags?: readonly string[];
}

function argumentOf(argument: { isRequired?: boolean; isIndex?: boolean; isKey?: boolean } | undefined): object {
  return {
    takesArgument: argument !== undefined,
    isRequired: argument?.isRequired ?? false,
    isIndex: argument?.isIndex ?? false,
    isKey: argument?.isKey ?? false,
  };
}

async function auditEvents(file: string): Promise<JsonEvent[]> {
  const context = { signal: new AbortController().signal, problem: () => {} };
  const events: JsonEvent[] = [];
  for await (const batch of readK8sAuditFile(corpusPath("runtime/k8s-audit", file), { context })) events.push(...batch);
  return events;
}

function withoutDeviations(values: FieldValues): FieldValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !(name in deviations)));
}
