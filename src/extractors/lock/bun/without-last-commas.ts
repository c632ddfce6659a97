/** JSON without the commas that stand after a last member; what stands in a string stays. Linear in the text. */
export function withoutLastCommas(text: string): string {
  const parts: string[] = [];
  let [start, isInString] = [0, false];
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (isInString && letter === "\\") index++;
    else if (letter === '"') isInString = !isInString;
    else if (!isInString && letter === ",") {
      let next = index + 1;
      while (/\s/.test(text[next] ?? "")) next++;
      if (text[next] === "}" || text[next] === "]") {
        parts.push(text.slice(start, index));
        start = index + 1;
      }
      index = next - 1;
    }
  }
  parts.push(text.slice(start));
  return parts.join("");
}
