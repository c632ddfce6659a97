/** The same function, which keeps its answers but `undefined` and those for texts of unusual length. */
export function remember<T>(read: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const answer = answers.get(text);
    if (answer !== undefined) return answer;
    const fresh = read(text);
    if (text.length <= longestKept) {
      if (answers.size >= mostKept) answers.clear();
      answers.set(text, fresh);
    }
    return fresh;
  };
}

const mostKept = 10_000;
const longestKept = 128;
