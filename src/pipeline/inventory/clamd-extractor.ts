import { createHash } from "node:crypto";
import { ClamdScanner } from "../../engines/clamd/clamd-scanner.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import type { Severity } from "../../model/findings/finding.ts";
import type { ClamdSearch } from "./content-search.ts";
import { sha256Of } from "./digests-of.ts";

/** Has every file scanned by clamd. A file that clamd refuses, for example for its size, is a problem. */
export function clamdExtractor({ address, name }: ClamdSearch): Extractor {
  const scanner = new ClamdScanner(address);
  return {
    id: `malware/clamd/${createHash("sha256").update(name).digest("hex")}`,
    revision: 1,
    files: [{ upTo: Number.MAX_SAFE_INTEGER }],
    *extract(file, { problem }) {
      const result = scanner.scan(file);
      if (result.kind === "not-scanned") {
        const message = `${file.path} was not scanned by clamd: ${result.reason}`;
        problem({ code: "not-examined", message, path: file.path });
      }
      if (result.kind !== "found") return;
      const { signature } = result;
      const found = { rule: signature, title: signature, severity: severityOf(signature), source: name };
      yield { kind: "malware", malware: { ...found, engine: "clamd", sha256: sha256Of(file) } };
    },
  };
}

/** By ClamAV's naming: programs that may be unwanted, and findings of its heuristics, which are guesses. */
function severityOf(signature: string): Severity {
  if (signature.startsWith("PUA.")) return "low";
  return signature.startsWith("Heuristics.") ? "medium" : "critical";
}
