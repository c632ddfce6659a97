/**
 * A message of Node's without the clause that advises to start Node with an option: users start this program, and its
 * own hints say what helps.
 */
export function withoutNodeOptions(message: string): string {
  return message
    .split("; ")
    .filter((clause) => !/\bNode\.js with +--/.test(clause))
    .join("; ");
}
