import { HashLists } from "../../detectors/malware/hash-list.ts";
import type { DigestKind } from "../../detectors/malware/parse-hash-list.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import type { FoundMalware } from "../../model/findings/malware.ts";
import type { MalwareSearch } from "./content-search.ts";
import { digestsOf } from "./digests-of.ts";

/** Looks every file up in the hash lists. */
export function hashExtractor({ hashes, digest }: MalwareSearch): Extractor {
  const lists = new HashLists(hashes);
  const kinds: readonly DigestKind[] = [...new Set<DigestKind>([...lists.kinds, "sha256"])];
  return {
    id: `malware/hashes/${digest}`,
    revision: 1,
    files: [{ upTo: Number.MAX_SAFE_INTEGER }],
    *extract(file) {
      const digests = digestsOf(file, kinds);
      const match = lists.find(digests, file.size);
      if (!match) return;
      const name = match.name ?? "listed file";
      const malware: FoundMalware = {
        ...{ rule: name, title: name, severity: "critical", engine: "hashes", source: match.list },
        sha256: Buffer.from(digests.get("sha256") ?? []).toString("hex"),
      };
      yield { kind: "malware", malware };
    },
  };
}
