import type { HashListData } from "../../detectors/malware/hash-list.ts";
import type { YaraFile } from "../../detectors/yara/compile-yara-rules.ts";
import type { ClamdAddress } from "../../engines/clamd/clamd-address.ts";
import type { MalwareEngineStatus } from "../../model/findings/malware.ts";
import type { Problem } from "../../model/reports/problem.ts";

/** What files are searched for beside packages. It can be sent to a thread. */
export interface ContentSearch {
  readonly secrets: boolean;
  readonly malware?: MalwareSearch | undefined;
}

/** What malware is found with. */
export interface MalwareSearch {
  readonly hashes: HashListData;
  /** YARA files, which each thread compiles for itself. */
  readonly rules: readonly YaraFile[];
  readonly clamd?: ClamdSearch | undefined;
  readonly engines: readonly MalwareEngineStatus[];
  /** Rules that are not evaluated. */
  readonly problems: readonly Problem[];
  /** SHA-256 of the lists and rules: a stored layer is used only with the same ones. */
  readonly digest: string;
}

/** A clamd that scans every file. */
export interface ClamdSearch {
  readonly address: ClamdAddress;
  /** `ClamAV 1.4.6, signatures 27818` */
  readonly name: string;
}

/** Neither secrets nor malware. */
export const noContentSearch: ContentSearch = { secrets: false };
