/** Permissions of a file rule. `x` in `letters` only stands in a deny rule; an allowing rule has `exec`. */
export interface FilePermissions {
  /** The letters `r`, `w`, `a`, `l`, `k`, `m`, `x`, sorted. `w` includes `a`. */
  readonly letters: ReadonlySet<string>;
  readonly exec: ExecMode | undefined;
}

/** What happens to a program that is executed. */
export interface ExecMode {
  /** The mode as it is written in profiles: `ix`, `px`, `Cx`, `pux`… */
  readonly text: string;
  readonly kind: "inherit" | "profile" | "child" | "unconfined";
  /** What applies if there is no such profile. */
  readonly fallback: "inherit" | "unconfined" | undefined;
  /** The environment is cleaned. */
  readonly clean: boolean;
}

const execWords = /[PpCcUu]?[IiUu]?[Xx]|[rwalkm]/gi;

/** The permissions of a word such as `rwPx`. Throws an `Error` that says what is wrong. */
export function parseFilePermissions(text: string, { deny }: { readonly deny: boolean }): FilePermissions {
  const letters = new Set<string>();
  let exec: ExecMode | undefined;
  for (const word of text.match(execWords) ?? []) {
    if (/^x$/i.test(word)) {
      if (!deny) throw new Error("x needs a mode: ix, px, cx or ux");
      letters.add("x");
    } else if (word.length > 1) {
      if (deny) throw new Error(`a deny rule denies execution with x, not with ${word}`);
      const mode = execMode(word);
      if (exec !== undefined && exec.text !== mode.text) throw new Error(`${exec.text} and ${mode.text} conflict`);
      exec = mode;
    } else {
      letters.add(word.toLowerCase());
    }
  }
  if (letters.has("w") && letters.has("a")) throw new Error("a and w exclude each other");
  if (letters.has("w")) letters.add("a");
  return { letters, exec };
}

function execMode(word: string): ExecMode {
  const first = word.charAt(0);
  const second = word.length === 3 ? word.charAt(1).toLowerCase() : "";
  const kinds = { i: "inherit", p: "profile", c: "child", u: "unconfined" } as const;
  const kind = kinds[first.toLowerCase() as "i" | "p" | "c" | "u"];
  const fallback = second === "i" ? "inherit" : second === "u" ? "unconfined" : undefined;
  return {
    text: `${kind === "inherit" ? "i" : first}${second}x`,
    kind,
    fallback,
    clean: kind !== "inherit" && first === first.toUpperCase(),
  };
}
