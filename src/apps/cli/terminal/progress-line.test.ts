import { expect, test } from "vitest";
import { ProgressLine } from "./progress-line.ts";

/** What a terminal of 80 columns gets. */
function terminal(): { readonly stream: NodeJS.WriteStream; readonly written: string[] } {
  const written: string[] = [];
  const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
  return { stream: stream as unknown as NodeJS.WriteStream, written };
}

const fetching = { stage: "fetching", feed: "OSV.dev", number: 1, of: 1, part: "all.zip", items: 0 } as const;

test("a download says how far it is, and from where it goes on", () => {
  const lines = [
    { received: 250_000_000, total: 500_000_000 },
    { received: 250_000_000, before: 212_000_000 },
  ].map((download) => {
    const { stream, written } = terminal();
    using line = new ProgressLine(stream, false);
    line.fetch({ ...fetching, download });
    return written.join("").replace("\r\u001b[2K", "");
  });
  expect(lines).toEqual([
    "fetching  OSV.dev  all.zip  250.0 MB of 500.0 MB",
    "fetching  OSV.dev  all.zip  250.0 MB, goes on at 212.0 MB",
  ]);
});
