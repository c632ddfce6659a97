import type { AdvisoryIndex } from "../../model/findings/advisory.ts";

/** Records that are remembered, and one more for each question: some 100 MB where records are long. */
const defaultRoom = 30_000;

/**
 * An index that remembers its answers, for a run over many images that hold the same packages. It forgets all when it
 * holds more than `room` records; what it answered stays as it is.
 */
export function rememberingIndex(index: AdvisoryIndex, room: number = defaultRoom): AdvisoryIndex {
  const answers = new Map<string, unknown>();
  let held = 0;
  const remembered = <T>(question: string, ask: () => T): T => {
    const known = answers.get(question);
    // Every answer but that of a CVE without facts is defined; that one is asked for again.
    if (known !== undefined) return known as T;
    const answer = ask();
    const weight = 1 + (Array.isArray(answer) ? answer.length : 0);
    if (held + weight > room) {
      answers.clear();
      held = 0;
    }
    held += weight;
    answers.set(question, answer);
    return answer;
  };
  return {
    status: index.status,
    covers: (ecosystem) => remembered(`covers ${ecosystem}`, () => index.covers(ecosystem)),
    find: (ecosystem, name) => remembered(`find ${ecosystem}\0${name}`, () => index.find(ecosystem, name)),
    withdrawn: (ecosystem, name) => index.withdrawn(ecosystem, name),
    statements: (ecosystem, name) =>
      remembered(`statements ${ecosystem}\0${name}`, () => index.statements(ecosystem, name)),
    facts: (cve) => remembered(`facts ${cve}`, () => index.facts(cve)),
    builtInRecords: (name) => index.builtInRecords(name),
    releaseCycles: (product) => remembered(`cycles ${product}`, () => index.releaseCycles(product)),
    repositoryCpes: (repository) => remembered(`cpes ${repository}`, () => index.repositoryCpes(repository)),
    isNamed: (name) => index.isNamed(name),
    close() {
      answers.clear();
      index.close();
    },
  };
}
