/** Bounds that hold before memory is taken or work begins. */
export const limits = {
  /** Rules of one set. */
  rules: 100_000,
  /** Strings of one rule. */
  strings: 10_000,
  /** Bytes of one text string. */
  textBytes: 16_384,
  /** Levels of brackets in a condition, a hex string or a regular expression. */
  depth: 100,
  /** Steps of the program of one hex string or regular expression. */
  programSteps: 20_000,
  /** Atoms of all strings together. */
  atoms: 2_000_000,
  /** Atoms of one string; a string that would need more is looked for at each byte. */
  atomsOfString: 4096,
  /** Bytes that a regular expression may match on each side of its atom, as in YARA. */
  expressionBytes: 4096,
  /** Matches of one string in one file. */
  matches: 1_000_000,
  /** Parts of one file in which one string is looked for. */
  windows: 100_000,
  /** Offsets that are reported of one string. */
  reportedMatches: 16,
  /** Memory of the automata of a rule set, in table cells of 4 bytes. */
  automatonCells: 12_000_000,
} as const;
