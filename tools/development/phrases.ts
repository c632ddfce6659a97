// `node tools/development/phrases.ts [PHRASE]`: lists the places of a phrase; without one, lowers the limits that are too
// high to what is counted. It never raises a limit.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findPhrases, limitsFile, readPhraseLimits } from "../../tests/setup/phrase-counts.ts";

const [wanted] = process.argv.slice(2);
if (wanted !== undefined) {
  for (const [, { source, docs }] of findPhrases([wanted])) console.log([...source, ...docs].join("\n"));
} else {
  const limits = readPhraseLimits();
  const found = findPhrases(Object.keys(limits));
  const lines = Object.entries(limits).map(([phrase, limit]) => {
    const source = Math.min(limit.source, found.get(phrase)?.source.length ?? 0);
    const docs = Math.min(limit.docs, found.get(phrase)?.docs.length ?? 0);
    return `  ${JSON.stringify(phrase)}: { "source": ${source}, "docs": ${docs} }`;
  });
  writeFileSync(join(import.meta.dirname, "../..", limitsFile), `{\n${lines.join(",\n")}\n}\n`);
}
