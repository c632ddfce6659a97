import { posix } from "node:path";
import type { Problem } from "../../../model/reports/problem.ts";
import { readDotenv } from "./read-dotenv.ts";

/** How files `.env` are read. */
export interface EnvironmentReading {
  /** The text of the file `.env` at a path; undefined when there is none. */
  readEnvironment?(path: string): string | undefined;
  problem(problem: Problem): void;
}

const none: ReadonlyMap<string, string> = new Map();

/** The variables of files `.env`, each read once. */
export class ComposeEnvironments {
  readonly #read = new Map<string, ReadonlyMap<string, string>>();
  readonly #reading: EnvironmentReading;

  constructor(reading: EnvironmentReading) {
    this.#reading = reading;
  }

  /** Variables that Compose knows for a file, from the file `.env` beside it. */
  beside(file: string): ReadonlyMap<string, string> {
    const path = posix.join(posix.dirname(file), ".env");
    const known = this.#read.get(path);
    if (known) return known;
    const made = this.#variables(path);
    this.#read.set(path, made);
    return made;
  }

  #variables(path: string): ReadonlyMap<string, string> {
    const text = this.#reading.readEnvironment?.(path);
    if (text === undefined) return none;
    const { variables, unreadLine } = readDotenv(text);
    if (unreadLine !== undefined) {
      const message = `line ${unreadLine} could not be read: its variables and those below it are unknown`;
      this.#reading.problem({ code: "unreadable", message, path });
    }
    if (variables.has("COMPOSE_FILE")) {
      const message = "COMPOSE_FILE lists Compose files to merge: they were checked separately";
      this.#reading.problem({ code: "not-examined", message, path });
    }
    return variables;
  }
}
