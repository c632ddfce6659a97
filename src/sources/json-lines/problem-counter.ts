import type { Context } from "../../model/plugin.ts";
import type { ProblemCode } from "../../model/reports/problem.ts";

/** Number of problems of one input that are reported individually. */
const mostTold = 20;

/**
 * Tells the problems of one input: the first ones each, then how many more there were, so that garbage does not become
 * a flood.
 */
export class ProblemCounter {
  readonly #context: Context;
  readonly #name: string;
  #count = 0;

  /** `name` is what the input is called in messages: a path, for a file. */
  constructor(context: Context, name: string) {
    this.#context = context;
    this.#name = name;
  }

  add(code: ProblemCode, what: string): void {
    this.#count++;
    if (this.#count <= mostTold) this.#context.problem({ code, message: `${this.#name}: ${what}` });
  }

  /** Tells how many were not told; to be called at the end of the input. */
  end(): void {
    const untold = this.#count - mostTold;
    if (untold <= 0) return;
    this.#context.problem({
      code: "unreadable",
      message: `${this.#name}: ${untold} more places could not be read`,
    });
  }
}
