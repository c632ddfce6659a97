// Patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`: `*` is any text, `?` any character,
// neither a line break; a backslash takes the meaning from `*`, `?` and itself. All positions are followed at once, so
// time grows with the product of the lengths, and that has a limit.

type PatternPart = { readonly literal: string } | "any" | "one";

const mostWork = 4_000_000;

/**
 * Takes away the shortest or longest beginning that the pattern matches. `undefined`: no valid pattern, or too much
 * work.
 */
export function withoutPrefix(value: string, pattern: string, longest: boolean): string | undefined {
  const parts = patternParts(pattern);
  const characters = Array.from(value);
  const end = parts === undefined ? undefined : matchFrom(characters, parts, { start: 0, longest });
  if (end === undefined) return undefined;
  return end === "none" ? value : characters.slice(end).join("");
}

/** Takes away the shortest or longest end that the pattern matches. `undefined`: no valid pattern, or too much work. */
export function withoutSuffix(value: string, pattern: string, longest: boolean): string | undefined {
  const parts = patternParts(pattern)?.toReversed();
  const characters = Array.from(value).reverse();
  const end = parts === undefined ? undefined : matchFrom(characters, parts, { start: 0, longest });
  if (end === undefined) return undefined;
  return end === "none" ? value : characters.slice(end).reverse().join("");
}

/** Replaces the first or every longest match. `undefined`: no valid pattern, or too much work. */
export function withReplacement(
  value: string,
  pattern: string,
  { replacement, all }: { readonly replacement: string; readonly all: boolean },
): string | undefined {
  const parts = patternParts(pattern);
  const characters = Array.from(value);
  if (parts === undefined || characters.length * characters.length * parts.length > mostWork) return undefined;
  let result = "";
  let start = 0;
  let replaced = false;
  while (start < characters.length) {
    const end: number | "none" | undefined =
      replaced && !all ? "none" : matchFrom(characters, parts, { start, longest: true });
    if (end === undefined) return undefined;
    if (end === "none" || end === start) {
      result += characters[start] ?? "";
      start += 1;
    } else {
      result += replacement;
      start = end;
      replaced = true;
    }
  }
  return result;
}

function patternParts(pattern: string): PatternPart[] | undefined {
  const parts: PatternPart[] = [];
  const characters = Array.from(pattern);
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? "";
    if (character === "*") parts.push("any");
    else if (character === "?") parts.push("one");
    else if (character === "\\") {
      index += 1;
      const escaped = characters[index] ?? "";
      if (!["*", "?", "\\", "}", "/"].includes(escaped)) return undefined;
      parts.push({ literal: escaped });
    } else parts.push({ literal: character });
  }
  return parts;
}

/** Where a match that begins at `start` ends. */
function matchFrom(
  characters: readonly string[],
  parts: readonly PatternPart[],
  { start, longest }: { readonly start: number; readonly longest: boolean },
): number | "none" | undefined {
  if ((characters.length - start) * parts.length > mostWork) return undefined;
  let positions = [start];
  for (const part of parts) {
    positions = part === "any" ? reach(characters, positions) : step(characters, positions, part);
    if (positions.length === 0) return "none";
  }
  return (longest ? positions.at(-1) : positions[0]) ?? "none";
}

function step(
  characters: readonly string[],
  positions: readonly number[],
  part: Exclude<PatternPart, "any">,
): number[] {
  return positions
    .filter((position) => {
      const character = characters[position];
      return part === "one" ? character !== undefined && character !== "\n" : character === part.literal;
    })
    .map((position) => position + 1);
}

/** Every position from a given one up to the end of its line; positions ascend. */
function reach(characters: readonly string[], positions: readonly number[]): number[] {
  const reached: number[] = [];
  let next = 0;
  for (const position of positions) {
    if (position < next) continue;
    next = position;
    reached.push(next);
    while (next < characters.length && characters[next] !== "\n") {
      next += 1;
      reached.push(next);
    }
    next += 1;
  }
  return reached;
}
