/** A program and its arguments, without the programs that only start it. */
export interface Invocation {
  /** The last part of its path. */
  readonly program: string;
  readonly args: readonly string[];
  /** `sudo`, `env`, `xargs` and the like, in order. */
  readonly through: readonly string[];
}

// Programs that start another one, with the options that take a value, and the number of operands before the other
// program.
const starters: Readonly<Record<string, { readonly valued: readonly string[]; readonly operands?: number }>> = {
  sudo: {
    valued: ["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-D", "--user", "--group", "--chdir"],
  },
  doas: { valued: ["-u", "-C"] },
  env: { valued: ["-u", "-C", "--unset", "--chdir"] },
  exec: { valued: ["-a"] },
  command: { valued: [] },
  builtin: { valued: [] },
  nohup: { valued: [] },
  setsid: { valued: [] },
  time: { valued: ["-o", "-f"] },
  nice: { valued: ["-n", "--adjustment"] },
  ionice: { valued: ["-c", "-n"] },
  stdbuf: { valued: ["-i", "-o", "-e"] },
  timeout: { valued: ["-s", "-k", "--signal", "--kill-after"], operands: 1 },
  xargs: {
    valued: ["-n", "-I", "-P", "-L", "-d", "-s", "-a", "-E", "--max-args", "--replace", "--max-procs", "--arg-file"],
  },
  gosu: { valued: [], operands: 1 },
  "su-exec": { valued: [], operands: 1 },
  chroot: { valued: [], operands: 1 },
  busybox: { valued: [] },
  eatmydata: { valued: [] },
  unbuffer: { valued: [] },
  tini: { valued: ["-e", "-p"] },
  "dumb-init": { valued: ["-r", "--rewrite"] },
  catatonit: { valued: [] },
  nsenter: { valued: ["-t", "--target", "-S", "--setuid", "-G", "--setgid"] },
  // Kubernetes' own wrapper, which writes the output of the program to a file, and its former name.
  "kube-log-runner": { valued: ["-log-file", "--log-file", "-flush-interval", "--flush-interval"] },
  "go-runner": { valued: ["-log-file", "--log-file", "-flush-interval", "--flush-interval"] },
};

/** Reads the words of a command; `undefined` when it starts no program. */
export function invocationOf(words: readonly string[]): Invocation | undefined {
  const through: string[] = [];
  let rest = words;
  for (;;) {
    const [first, ...others] = rest;
    if (first === undefined || first === "") return undefined;
    const program = first.slice(first.lastIndexOf("/") + 1);
    const starter = Object.hasOwn(starters, program) ? starters[program] : undefined;
    if (starter === undefined) return { program, args: others, through };
    const next = afterOptions(others, starter);
    if (next.length === 0) return { program, args: others, through };
    through.push(program);
    rest = next;
  }
}

function afterOptions(
  words: readonly string[],
  { valued, operands = 0 }: { readonly valued: readonly string[]; readonly operands?: number },
): readonly string[] {
  let index = 0;
  for (; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") return words.slice(index + 1 + operands);
    if (valued.includes(word)) index += 1;
    else if (!word.startsWith("-") && !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) break;
  }
  return words.slice(index + operands);
}

/** Options and operands of a command line. */
export interface DividedArguments {
  /** Options in order as written; values stand in {@link values}. */
  readonly options: readonly string[];
  readonly operands: readonly string[];
  /** Values of options, by option; also those after `=`. */
  readonly values: readonly {
    readonly option: string;
    readonly value: string;
  }[];
}

/** Divides arguments; `valued` names the options whose value is the next word. */
export function divideArguments(args: readonly string[], valued: readonly string[] = []): DividedArguments {
  const options: string[] = [];
  const operands: string[] = [];
  const values: { option: string; value: string }[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? "";
    if (word === "--") {
      return { options, operands: [...operands, ...args.slice(index + 1)], values };
    }
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    options.push(word);
    const sign = word.indexOf("=");
    if (sign !== -1) values.push({ option: word.slice(0, sign), value: word.slice(sign + 1) });
    else if (valued.includes(word)) {
      index += 1;
      values.push({ option: word, value: args[index] ?? "" });
    }
  }
  return { options, operands, values };
}

/** True when one of the options is there: `--yes` as written or with a value, `-y` also among others as in `-qy`. */
export function hasOption(options: readonly string[], ...wanted: readonly string[]): boolean {
  return options.some((option) =>
    wanted.some((name) => {
      if (name.startsWith("--") || name.length > 2) return option === name || option.startsWith(`${name}=`);
      return /^-[A-Za-z0-9]+$/.test(option) && option.includes(name.slice(1));
    }),
  );
}
