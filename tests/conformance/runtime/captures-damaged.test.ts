import { readdirSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { PlimsollError } from "../../../src/model/error.ts";
import { type ReadEvent, type Reading, reading } from "../../setup/capture-reading.ts";
import { corpusBytes, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { damaged, seededRandom } from "../../setup/damaged-bytes.ts";

// 2,000 damaged copies of the captures, as they are packed and unpacked: every one ends soon, with at most one complaint, and with
// all events that lie before the damage.

const folder = ["runtime", "captures"];
const copies = 125;
const longest = 5_000;
const mostMemory: number = 256 * 2 ** 20;

interface Ending {
  readonly kind: "error" | "problem" | "quiet";
  readonly events: readonly ReadEvent[];
}

async function endingOf(bytes: Uint8Array, generation: "head" | "0.40"): Promise<Ending> {
  const started = performance.now();
  try {
    const { events, problems } = await reading(bytes, generation);
    const complaints = problems.filter(({ code }) => code !== "not-examined");
    for (const { message } of problems) expect(message).toMatch(/^the capture \S[^\n]{20,}$|^test\.scap has \d+ /);
    expect(complaints.length).toBeLessThanOrEqual(1);
    return { kind: complaints.length === 1 ? "problem" : "quiet", events };
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    expect(error.message).toMatch(/^the capture \S[^\n]{20,}$/);
    return { kind: "error", events: [] };
  } finally {
    expect(performance.now() - started).toBeLessThan(longest);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(mostMemory);
  }
}

/** Where two pieces of bytes begin to differ. */
function differenceOf(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let place = 0; place < length; place++) if (one[place] !== other[place]) return place;
  return length;
}

/** The events of the whole capture that lie before a place in it. */
async function eventsBefore(raw: Buffer, place: number, generation: "head" | "0.40"): Promise<readonly ReadEvent[]> {
  const whole: Reading | undefined = await reading(raw.subarray(0, place), generation).catch(() => undefined);
  return whole?.events ?? [];
}

describeWithCorpus("damaged captures", () => {
  const names = readdirSync(corpusPath(...folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());

  test("end soon with what lies before the damage", { timeout: 300_000 }, async () => {
    const endings: Ending["kind"][] = [];
    for (const [index, { name }] of names.entries()) {
      const file = corpusBytes(...folder, name, `${name}.scap`);
      const raw = file[0] === 0x1f ? gunzipSync(file) : file;
      const random = seededRandom(index + 1);
      for (let copy = 0; copy < copies; copy++) {
        const generation = copy % 2 === 0 ? "head" : "0.40";
        const original = copy % 5 === 0 ? file : raw;
        const bytes =
          copy % 3 === 0
            ? original.subarray(0, Math.floor(random() * original.length))
            : Buffer.from(damaged(original, random));
        const ending = await endingOf(bytes, generation);
        endings.push(ending.kind);
        if (original === file && original !== raw) continue;
        if (ending.kind === "error") continue;
        const before = await eventsBefore(raw, differenceOf(raw, bytes), generation);
        expect(ending.events.slice(0, before.length), `${name} ${copy}`).toEqual(before);
      }
    }
    expect(endings).toHaveLength(2000);
    const counts = Object.groupBy(endings, (kind) => kind);
    expect(counts.error?.length).toBeGreaterThan(300);
    expect(counts.problem?.length).toBeGreaterThan(300);
  });
});
