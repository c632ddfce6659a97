import { createHash } from "node:crypto";
import { compileYaraRules } from "../../detectors/yara/compile-yara-rules.ts";
import { scanBytes, type YaraMatch } from "../../detectors/yara/scan-bytes.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import type { Severity } from "../../model/findings/finding.ts";
import type { FoundMalware } from "../../model/findings/malware.ts";
import type { MalwareSearch } from "./content-search.ts";

/** A rule needs the whole file in memory. */
const largestFile: number = 256 * 1024 * 1024;

/** Evaluates YARA rules over every file. A rule that is given up, and a larger file, are problems. */
export function ruleExtractor({ rules: files, digest }: Pick<MalwareSearch, "rules" | "digest">): Extractor {
  const rules = compileYaraRules(files);
  return {
    id: `malware/rules/${digest}`,
    revision: 1,
    files: [{ upTo: Number.MAX_SAFE_INTEGER }],
    *extract(file, { problem }) {
      const { path, size } = file;
      if (size > largestFile) {
        const message = `${path} is larger than ${largestFile / 1024 / 1024} MiB, so no rules were evaluated in it`;
        problem({ code: "limit-exceeded", message, path });
        return;
      }
      const piece = file.read(0, size);
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      const { matches, unfinished } = scanBytes(rules, bytes);
      for (const match of matches) yield { kind: "malware", malware: malwareOf(match, bytes) };
      if (unfinished.length === 0) return;
      const named = unfinished.slice(0, 5).join(", ");
      const message = `rules were given up in ${path}, where they take too long or match too often: ${named}`;
      problem({ code: "limit-exceeded", message, path });
    },
  };
}

function malwareOf({ rule, file, meta }: YaraMatch, bytes: Buffer): FoundMalware {
  const of = (wanted: string): string | undefined => {
    const value = meta.find(({ name }) => name === wanted)?.value;
    return typeof value === "string" && value !== "" ? value.slice(0, 200) : undefined;
  };
  return {
    rule,
    title: of("title") ?? rule,
    severity: severities.find((severity) => severity === of("severity")?.toLowerCase()) ?? "high",
    engine: "rules",
    source: file,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

const severities = ["critical", "high", "medium", "low"] as const satisfies readonly Severity[];
