import type { Extractor } from "../../src/extractors/extractor.ts";
import { memoryFile } from "../../src/io/bytes/memory-file.ts";
import type { Problem } from "../../src/model/reports/problem.ts";

/** What an extractor says could not be read of a text. */
export function extractorProblems(extractor: Extractor, path: string, text: string): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of extractor.extract(memoryFile(path, Buffer.from(text)), context));
  return problems.map(({ message }) => message);
}
