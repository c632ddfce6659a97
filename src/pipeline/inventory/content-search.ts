import type { HashListData } from "../../detectors/malware/hash-list.ts";

/** What files are searched for beside packages. It can be sent to a thread. */
export interface ContentSearch {
  readonly secrets: boolean;
  readonly malware?: MalwareSearch | undefined;
}

/** What malware is found with. */
export interface MalwareSearch {
  readonly hashes: HashListData;
  /** SHA-256 of the lists: a stored layer is used only with the same lists. */
  readonly digest: string;
}

/** Neither secrets nor malware. */
export const noContentSearch: ContentSearch = { secrets: false };
