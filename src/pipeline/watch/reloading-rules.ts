import { statSync } from "node:fs";
import { PlimsollError } from "../../model/error.ts";
import type { Rule, RuleSet } from "../../rules/loading/rule-set.ts";
import { type RuleLoading, readValidRules, ruleFilePaths } from "./rule-files.ts";

const millisecondsBetweenLooks = 500;

/** Told of what became of changed rule files. */
export interface ReloadEvents {
  readonly loaded: (set: RuleSet) => void;
  /** The files as they are now cannot be used; the rules before stay. */
  readonly refused: (error: PlimsollError) => void;
}

/**
 * Rules that follow their files: looks twice a second whether one changed, and loads all again once they stay as they
 * are for two looks, so that half a file is not taken for a whole. The new rules are handed out by {@link takeNew}
 * once: whoever judges changes between two events and misses none.
 */
export class ReloadingRules {
  /** Those at the start, with what was said of them. */
  readonly first: RuleSet;
  readonly #loading: RuleLoading;
  readonly #events: ReloadEvents;
  readonly #timer: NodeJS.Timeout;
  /** State of the files when they were loaded, and at the last look. */
  #loaded: string;
  #seen: string;
  #new: readonly Rule[] | undefined;

  /** Loads the rules. Errors: those of `readValidRules`. */
  constructor(loading: RuleLoading, events: ReloadEvents) {
    this.#loading = loading;
    this.#events = events;
    this.#loaded = fingerprintOf(loading);
    this.#seen = this.#loaded;
    this.first = readValidRules(loading);
    this.#timer = setInterval(() => this.#look(), millisecondsBetweenLooks);
    this.#timer.unref();
  }

  /** Loads now, whether or not a file looks changed. What no rule file can be blamed for is thrown. */
  reload(): void {
    this.#loaded = fingerprintOf(this.#loading);
    try {
      const set = readValidRules(this.#loading);
      this.#new = set.rules;
      this.#events.loaded(set);
    } catch (error) {
      if (!(error instanceof PlimsollError)) throw error;
      this.#events.refused(error);
    }
  }

  /** Rules that were loaded since the last time; `undefined` when there are none. */
  takeNew(): readonly Rule[] | undefined {
    const rules = this.#new;
    this.#new = undefined;
    return rules;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const before = this.#seen;
    this.#seen = fingerprintOf(this.#loading);
    if (this.#seen === before && this.#seen !== this.#loaded) this.reload();
  }
}

/** What changes when a rule file does. */
function fingerprintOf({ paths }: RuleLoading): string {
  try {
    return ruleFilePaths(paths)
      .map((path) => {
        const { ino, size, mtimeMs } = statSync(path);
        return `${path}\0${ino}\0${size}\0${mtimeMs}`;
      })
      .join("\n");
  } catch {
    // A file that is replaced right now is there again at the next look.
    return "";
  }
}
