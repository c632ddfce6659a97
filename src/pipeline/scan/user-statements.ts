import type { Assessment } from "../../model/findings/vex.ts";

/** The statements of the user's documents, by the names of their vulnerabilities in any case. */
export class UserStatements {
  readonly #byName = new Map<string, Assessment[]>();

  constructor(assessments: readonly Assessment[]) {
    for (const assessment of assessments) {
      const { name, aliases = [] } = assessment.statement.vulnerability;
      for (const key of new Set([name, ...aliases].map((text) => text.toLowerCase()))) {
        const known = this.#byName.get(key);
        if (known) known.push(assessment);
        else this.#byName.set(key, [assessment]);
      }
    }
  }

  /** Those that name a vulnerability by one of `names`, each once. */
  about(names: readonly string[]): readonly Assessment[] {
    return [...new Set(names.flatMap((name) => this.#byName.get(name.toLowerCase()) ?? []))];
  }
}
