const mostListed = 3;

/** The first of some names, each once, and how many more there are: `a, b, c and 2 more`. */
export function listNames(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const first = distinct.slice(0, mostListed).join(", ");
  return distinct.length > mostListed ? `${first} and ${distinct.length - mostListed} more` : first;
}
