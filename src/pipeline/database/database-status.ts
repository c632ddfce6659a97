import type { DatabaseStatus } from "../../model/findings/advisory.ts";
import { openAdvisories } from "./open-advisories.ts";

/** What a database says about itself; without a path, the built-in advisories. Errors: as {@link openAdvisories}. */
export function databaseStatus(path: string | undefined): DatabaseStatus {
  const index = openAdvisories(path);
  try {
    return index.status;
  } finally {
    index.close();
  }
}
