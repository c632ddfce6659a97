import { openInput } from "../open-input.ts";

const longestLine = 64 * 1024;

/** Gives the lines of a file or of stdin, each byte as one character; of a longer line the first 64 KiB. */
export async function forEachLine(
  path: string,
  { signal, take }: { readonly signal: AbortSignal; readonly take: (line: string) => void },
): Promise<void> {
  let rest = "";
  for await (const piece of openInput(path, signal)) {
    const text = rest + (piece as Buffer).toString("latin1");
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      take(text.slice(start, end));
      start = end + 1;
    }
    rest = text.slice(start);
    if (rest.length > longestLine) rest = rest.slice(0, longestLine);
  }
  if (rest !== "") take(rest);
}
