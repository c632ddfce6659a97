import { expect, test } from "vitest";
import type { Alert } from "../../../src/model/events/alert.ts";
import { KernelJudge } from "../../../src/pipeline/watch/kernel-judge.ts";
import { readValidRules } from "../../../src/pipeline/watch/rule-files.ts";
import type { Rule } from "../../../src/rules/loading/rule-set.ts";
import type { RuleTest, TestKernelEvent, TestProcess } from "../../../src/rules/testing/rule-test.ts";
import { synthesiseEvents } from "../../../src/rules/testing/synthesise-events.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

interface EvtgenProcess {
  readonly name: string;
  readonly exe?: string;
  readonly args?: string;
  readonly user?: string;
}

interface EvtgenCase {
  readonly name: string;
  readonly test: string;
  readonly rule: string;
  readonly before?: string;
  readonly context?: { readonly container?: object | null; readonly processes?: readonly EvtgenProcess[] };
  readonly resources?: readonly EvtgenResource[];
  readonly steps?: readonly { readonly syscall: string; readonly args: EvtgenArguments }[];
  readonly expected: {
    readonly source: string;
    readonly priority: string;
    readonly outputFields: Record<string, string>;
  };
}

type EvtgenResource =
  | { readonly type: "fd"; readonly name: string; readonly subtype: "file" | "directory"; readonly filePath: string }
  | { readonly type: "clientServer"; readonly name: string; readonly l4Proto: string; readonly address: string };

interface EvtgenArguments {
  readonly pathname?: string;
  readonly flags?: string;
  readonly how?: { readonly flags: string };
  readonly target?: string;
  readonly linkPath?: string;
  readonly domain?: string;
  readonly oldFd?: string;
  readonly newFd?: number;
}

const place = { file: "evtgen/cases.json", line: 1 };
/** The first descriptor that a process opens after its standard streams: the client's. */
const clientFd = 3;

/** Cases that the rules of the program do not report on purpose: the numbers by template, each group with its reason. */
const leftOut: readonly { readonly reason: string; readonly test: string; readonly cases: readonly number[] }[] = [
  {
    reason: "the file lies in a folder of its own below /tmp: emptying a copy of a log hides nothing",
    test: "clear_log_activities_open",
    cases: numbers(1, 12),
  },
  {
    reason: "every program that logs a user in reads the configuration of PAM, which holds no secrets",
    test: "read_sensitive_file_untrusted_openat",
    cases: [2, 3, 5],
  },
  {
    reason: "every program that logs a user in reads the configuration of PAM, which holds no secrets",
    test: "read_sensitive_file_untrusted_openat2",
    cases: [2, 3, 5],
  },
  {
    reason: "dockerd and containerd-shim copy accounts into and out of images",
    test: "read_sensitive_file_trusted_after_startup",
    cases: [10, 11],
  },
  {
    reason: "PM2 starts the scripts of its users by a shell",
    test: "run_shell_untrusted_ancestor_spawner",
    cases: numbers(0, 7),
  },
  {
    reason: "runsv starts services by shell scripts named run",
    test: "run_shell_untrusted_ancestor_spawner",
    cases: numbers(8, 15),
  },
  {
    reason: "splunkd runs scripted inputs by a shell",
    test: "run_shell_untrusted_direct_spawner",
    cases: numbers(16, 23),
  },
  {
    reason: "consul runs health checks by a shell",
    test: "run_shell_untrusted_direct_spawner",
    cases: numbers(24, 31),
  },
  {
    reason: "procmail runs the filters of its users by a shell",
    test: "run_shell_untrusted_direct_spawner",
    cases: numbers(176, 183),
  },
];

function numbers(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describeWithCorpus("the end-to-end cases of Falco's default rules", () => {
  const { cases } = corpusJson<{ cases: readonly EvtgenCase[] }>("runtime", "evtgen", "cases.json");
  const { rules } = readValidRules({ paths: [corpusPath("runtime", "rules-upstream", "falco_rules.yaml")] });
  const templates = Map.groupBy(cases, (evtgen) => evtgen.test);

  for (const [template, those] of templates) {
    test(`every case of ${template} fires its rule with its fields (${those.length})`, () => {
      const wrong = those
        .map((evtgen) => failureOf(evtgen, alertsOf(evtgen, rules)))
        .filter((failure) => failure !== undefined);
      expect(wrong).toEqual([]);
    });
  }

  test("all 533 cases of 25 templates ran", () => {
    expect(cases.length).toBeGreaterThanOrEqual(533);
    expect(templates.size).toBeGreaterThanOrEqual(25);
  });

  test("the rules that come with the program see the same attacks, but for those that are left out with a reason", () => {
    const own = readValidRules({}).rules;
    const unseen = cases.filter((evtgen) => alertsOf(evtgen, own).length === 0);
    const expected = leftOut.flatMap(({ test: template, cases: those }) =>
      those.map((number) => `${template}_testCase#${number}`),
    );
    expect(unseen.map(({ name }) => name).sort()).toEqual(expected.sort());
  });
});

function alertsOf(evtgen: EvtgenCase, rules: readonly Rule[]): readonly Alert[] {
  const { snapshot, batch } = synthesiseEvents(ruleTestOf(evtgen));
  const alerts: Alert[] = [];
  const judge = new KernelJudge(snapshot, rules, { generation: "head", matching: "all" });
  judge.judge(batch, (match) => alerts.push(match.alert()));
  return alerts;
}

function failureOf({ name, rule, expected }: EvtgenCase, alerts: readonly Alert[]): unknown {
  const fired = alerts.filter((alert) => alert.rule === rule);
  const asExpected = fired.some((alert) => {
    const fields = new Map(alert.fields.map(([field, value]) => [field, String(value)]));
    const { source, priority, outputFields } = expected;
    const isEqual = Object.entries(outputFields).every(([field, value]) => fields.get(field) === value);
    return alert.source === source && alert.priority.toLowerCase() === priority.toLowerCase() && isEqual;
  });
  if (asExpected) return undefined;
  return { name, rule, expected: expected.outputFields, fired: fired.map(({ fields }) => Object.fromEntries(fields)) };
}

/** The chain of processes stands, but for the last one: that is started first, since many rules look at its start. */
function ruleTestOf({ name, context, resources = [], steps = [], before, expected }: EvtgenCase): RuleTest {
  const chain = context?.processes ?? [{ name: "evtgen" }];
  const container = context?.container ? { container: { id: "evtgen", privileged: true } } : {};
  const ancestors = [{ name: "runner" }, ...chain.slice(0, -1)].map(
    (process, index): TestProcess => ({
      ...processOf(process),
      pid: 2000 + index,
      parent: index === 0 ? 1 : 1999 + index,
      ...container,
    }),
  );
  const leaf = chain.at(-1) as EvtgenProcess;
  // What the suite puts into a container is not in its image.
  const becomes: TestProcess = {
    ...processOf(leaf),
    capabilities: ["all"],
    ...(context?.container && { exeFlags: ["upper_layer"], exeAge: 1 }),
  };
  const event = (rest: Partial<TestKernelEvent>): TestKernelEvent => ({
    type: "",
    args: {},
    after: 0.01,
    place,
    ...rest,
  });
  const events = [
    event({ type: "spawn", process: 1999 + ancestors.length, becomes }),
    ...resources.flatMap((resource) => connectionsOf(resource).map((args) => event({ type: "connect", args }))),
    ...steps.map(({ syscall, args }) => event({ type: syscall, args: argumentsOf(args), after: secondsOf(before) })),
  ];
  return {
    test: name,
    source: expected.source,
    processes: ancestors,
    kernelEvents: events,
    jsonEvents: [],
    expect: [],
    place,
  };
}

function processOf({ name, exe, args, user }: EvtgenProcess): TestProcess {
  return {
    name,
    exepath: exe?.startsWith("/") ? exe : `/tmp/evtgen/${name}`,
    ...(exe !== undefined && { exe }),
    ...(args !== undefined && { args: args.split(" ") }),
    ...(user !== undefined && { user }),
  };
}

/** A client and a server connect in the process; only the client matters to rules. Files are only there for the steps. */
function connectionsOf(resource: EvtgenResource): readonly TestKernelEvent["args"][] {
  if (resource.type === "fd") return [];
  const { address, l4Proto } = resource;
  return [{ addr: address, proto: l4Proto.replace(/[46]$/, "") }];
}

function argumentsOf(given: EvtgenArguments): TestKernelEvent["args"] {
  const { pathname, flags = given.how?.flags, target, linkPath, domain, oldFd, newFd } = given;
  return {
    ...(pathname !== undefined && { name: pathname }),
    ...(flags !== undefined && { flags }),
    ...(target !== undefined && { target }),
    ...(linkPath !== undefined && { linkpath: linkPath }),
    ...(domain !== undefined && { domain }),
    ...(oldFd !== undefined && { oldfd: clientFd }),
    ...(newFd !== undefined && { newfd: newFd }),
  };
}

/** Seconds that a case waits before its steps. */
function secondsOf(before: string | undefined): number {
  return Number(/^sleep (\d+)$/.exec(before ?? "")?.[1] ?? 0.01);
}
