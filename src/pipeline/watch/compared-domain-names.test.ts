import { expect, test } from "vitest";
import { kernelEvent, machineWith } from "../../../tests/setup/kernel-events.ts";
import type { KernelDescriptor } from "../../model/events/kernel-event.ts";
import { namesComparedByRules } from "../../rules/fields/syscall/compared-names.ts";
import { loadRules } from "../../rules/loading/load-rules.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import { ComparedDomainNames } from "./compared-domain-names.ts";
import type { LookUp } from "./domain-name-table.ts";
import { KernelJudge } from "./kernel-judge.ts";
import { ruleSource } from "./rule-sources.ts";

const rule = (name: string, condition: string): string =>
  `- {rule: ${name}, desc: d, priority: ERROR, output: "to %fd.sip.name", condition: "evt.type = write and ${condition}"}\n`;

function rulesOf(text: string): readonly Rule[] {
  return loadRules([{ name: "rules.yaml", text }], { source: (name) => ruleSource(name, "head"), plugins: [] }).rules;
}

/** The output when the connection to `server` is written to: the rules with their messages, and the notes. */
async function judged(
  text: string,
  { server, lookUp }: { readonly server: string; readonly lookUp?: LookUp },
): Promise<{ readonly alerts: readonly string[]; readonly notes: readonly string[] }> {
  const rules = rulesOf(text);
  const notes: string[] = [];
  using compared = new ComparedDomainNames({ ...(lookUp && { lookUp }), note: (message) => notes.push(message) });
  await compared.use(namesComparedByRules(rules), new AbortController().signal);
  const socket: KernelDescriptor = {
    fd: 5,
    type: 3,
    inode: 1n,
    protocol: 2,
    source: { address: "\u000a\0\0\u0009", port: 40_000 },
    destination: { address: server, port: 443 },
  };
  const judge = new KernelJudge(machineWith({ tid: 10, descriptors: [socket] }), rules, {
    generation: "head",
    matching: "all",
    domainNames: compared.names,
  });
  const alerts: string[] = [];
  const event = kernelEvent({ id: "SYSCALL_WRITE_X", tid: 10, parameters: { res: 1, fd: 5 } });
  judge.judge(event, (match) => alerts.push(`${match.rule.name}: ${match.alert().message}`));
  return { alerts, notes };
}

const zone: Readonly<Record<string, readonly string[]>> = {
  "api.example": ["10.0.0.1", "10.0.0.2"],
  "shared.example": ["10.0.0.2"],
  "other.example": ["10.0.0.3"],
};
const lookUp: LookUp = async (name) => zone[name] ?? Promise.reject(Object.assign(new Error(), { code: "EAI_AGAIN" }));
const [first, second] = ["\u000a\0\0\u0001", "\u000a\0\0\u0002"];

const rules = [
  rule("is api", "fd.sip.name = api.example"),
  rule("is shared", "fd.sip.name in (other.example, shared.example)"),
  rule("is not api", "fd.sip.name != api.example"),
  rule("is an example", "fd.sip.name endswith .example"),
  rule("is client", "fd.cip.name = api.example"),
].join("");

test("a connection is to every name that has its address, also where names share one", async () => {
  expect(await judged(rules, { server: first, lookUp })).toEqual({
    alerts: ["is api: to api.example", "is an example: to api.example"],
    notes: [],
  });
  expect((await judged(rules, { server: second, lookUp })).alerts).toEqual([
    "is api: to api.example",
    "is shared: to api.example",
    "is an example: to api.example",
  ]);
  expect((await judged(rules, { server: "\u0008\u0008\u0008\u0008", lookUp })).alerts).toEqual(["is not api: to <NA>"]);
});

test("what cannot be told because nothing may be looked up is said, with the rules", async () => {
  const { alerts, notes } = await judged(rules, { server: first });
  expect(alerts).toEqual(["is not api: to <NA>"]);
  expect(notes).toEqual([
    "the addresses of api.example, other.example, shared.example are unknown (nothing may be looked up): " +
      "is api, is not api, is client and 1 more cannot compare them",
  ]);
});

test("what cannot be told because a name has no address is said once for each reason", async () => {
  const unknown = rule("a", "fd.rip.name in (x.example, y.example)") + rule("b", "not fd.lip.name = 'no name'");
  const { notes } = await judged(unknown, { server: first, lookUp });
  expect(notes).toEqual([
    "the addresses of no name are unknown (it is not a domain name): b cannot compare them",
    "the addresses of x.example, y.example are unknown (it cannot be resolved (EAI_AGAIN)): a cannot compare them",
  ]);
});

test("rules that compare no names, are switched off or look at names by their text ask for nothing", async () => {
  const text =
    rule("a", "fd.sip = 10.0.0.1 and fd.sip.name startswith api") +
    "- {rule: off, desc: d, enabled: false, priority: ERROR, output: o, condition: evt.type = write and fd.sip.name = x.example}\n";
  expect(await judged(text, { server: first })).toEqual({ alerts: [], notes: [] });
});
