import { expect, test } from "vitest";
import { KernelJudge } from "../../../src/pipeline/watch/kernel-judge.ts";
import { readValidRules } from "../../../src/pipeline/watch/rule-files.ts";
import { openCapture } from "../../../src/sources/capture/open-capture.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

describeWithCorpus("the rules that come with the program, over captures of ordinary work", () => {
  const { captures } = corpusJson<{ captures: readonly { file: string }[] }>("runtime", "captures", "list.json");
  const { rules } = readValidRules({});

  test("raise no alert in any of the 16 captures", async () => {
    const { signal } = new AbortController();
    const alerts: string[] = [];
    let events = 0;
    for (const { file } of captures) {
      const { snapshot, events: batches } = await open(file, signal);
      const judge = new KernelJudge(snapshot, rules, { generation: "head", matching: "all" });
      for await (const batch of batches) {
        events += judge.judge(batch, (match) => alerts.push(`${file}: ${match.alert().message}`));
      }
    }
    expect(alerts).toEqual([]);
    expect(captures.length).toBeGreaterThanOrEqual(16);
    expect(events).toBeGreaterThan(13_000);
  });
});

async function open(file: string, signal: AbortSignal) {
  const source = await openCapture(corpusPath("runtime", "captures", file), { generation: "head", signal });
  return { snapshot: source.snapshot, events: source.events(signal) };
}
