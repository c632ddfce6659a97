/** Thrown when the work for one file has no end in sight. */
export class BudgetSpent extends Error {}

/** The work that one file may cost: hostile rules and files do not stop a scan. */
export class ScanBudget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** Error: {@link BudgetSpent}. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetSpent();
  }
}
