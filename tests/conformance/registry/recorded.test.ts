import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { FakeRequest } from "../../registry/setup/fake-registry.ts";
import { play, unsent } from "../../registry/setup/play-recording.ts";
import { nameOf, type Recording } from "../../registry/setup/recording.ts";
import { corpusBytes, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

const folder = ["platform", "registry"];

describeWithCorpus("exchanges recorded with real registries", () => {
  const files = readdirSync(corpusPath(...folder, "recorded")).filter((name) => name.endsWith(".jsonl"));
  let played = 0;
  const sent: FakeRequest[] = [];
  describe.each(files)("%s", (file) => {
    const recordings = recordingsIn(file);
    test.each(recordings.map((recording) => [nameOf(recording), recording] as const))("%s", async (name, recording) => {
      const requests = await play(recording, recordings);
      if (unsent[name] === undefined) sent.push(...requests);
      played++;
    });
  });

  test("all 303 were played, and none of them made the client send what it has no method for", () => {
    expect(files).toHaveLength(9);
    expect(played).toBe(303);
    const caused = Object.entries(unsent).filter(([, { is }]) => sent.some(is));
    expect(caused.map(([name, { reason }]) => `${name}: ${reason}`)).toEqual([]);
  });
});

function recordingsIn(file: string): readonly Recording[] {
  const lines = corpusBytes(...folder, "recorded", file)
    .toString("utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Recording);
}
