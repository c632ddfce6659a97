/** A text that a glob matches, or nearly matches; the same one for the same seed. */
export function nearbyText(glob: string, seed: number): string {
  const random = sequence(seed);
  const text = sample(glob, random);
  switch (random(8)) {
    case 0:
      return text.slice(0, -1);
    case 1:
      return `${text}/x`;
    case 2:
      return `${text}z`;
    default:
      return text;
  }
}

type Random = (limit: number) => number;

function sequence(seed: number): Random {
  let state = (seed * 2654435761 + 12345) % 2147483648;
  return (limit) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor(state / 256) % limit;
  };
}

const pieces: readonly string[] = ["", "x", "abc", "a.so", "1", "42", ".h", "self"];

function sample(glob: string, random: Random): string {
  let text = "";
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob.charAt(at);
    if (character === "*") {
      const crossing = glob.charAt(at + 1) === "*";
      if (crossing) at += 1;
      text += pieces[random(pieces.length)] ?? "";
      if (crossing && random(2) === 0) text += `/${pieces[random(pieces.length)] ?? ""}`;
    } else if (character === "?") {
      text += "qz/1".charAt(random(4));
    } else if (character === "[") {
      const end = glob.indexOf("]", at);
      const choices = `${glob.slice(at + 1, end).replace(/[\^-]/g, "")}zq/7`;
      text += choices.charAt(random(choices.length));
      at = end;
    } else if (character === "{") {
      const { alternatives, end } = splitAlternatives(glob, at);
      text += sample(alternatives[random(alternatives.length)] ?? "", random);
      at = end;
    } else if (character === "\\") {
      at += 1;
      text += glob.charAt(at);
    } else {
      text += character;
    }
  }
  return text;
}

function splitAlternatives(glob: string, start: number): { alternatives: readonly string[]; end: number } {
  const alternatives = [""];
  let depth = 1;
  let end = start + 1;
  for (; end < glob.length; end += 1) {
    const character = glob.charAt(end);
    if (character === "{") depth += 1;
    if (character === "}") depth -= 1;
    if (depth === 0) break;
    if (character === "," && depth === 1) alternatives.push("");
    else alternatives.push(`${alternatives.pop() ?? ""}${character}`);
  }
  return { alternatives, end };
}
