import { readFileSync } from "node:fs";
import { applySplices, editReference, type ReferenceChange, type Splice } from "../../updates/edits/edit-reference.ts";
import type { ImageReference } from "../../updates/references/image-reference.ts";
import type { Proposal } from "./propose-updates.ts";
import { readReferences } from "./read-references.ts";
import { replaceContents } from "./replace-contents.ts";

/** A line that changed. */
export interface ChangedLine {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** What became of one proposal. */
export interface AppliedProposal {
  readonly proposal: Proposal;
  readonly lines: readonly ChangedLine[];
  /** Places that could not be changed, and why. */
  readonly refused: readonly { readonly file: string; readonly line: number; readonly reason: string }[];
}

/** How proposals are applied. */
export interface ApplyOptions {
  readonly signal: AbortSignal;
  /** Adds the digest to references without one. */
  readonly pins: boolean;
  /** Changes no file. */
  readonly isDryRun: boolean;
}

/** The edited files and what was done. */
export interface AppliedUpdates {
  readonly applied: readonly AppliedProposal[];
  /** The new contents by path; written unless it is a dry run. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * Applies proposals to the files that they were found in. Every edit is checked before anything is written: the files
 * are read again, and only the references of the proposal may have changed. Files appear whole or not at all. Errors:
 * those of {@link readReferences}, `output-not-written`.
 */
export async function applyUpdates(
  paths: readonly string[],
  proposals: readonly Proposal[],
  options: ApplyOptions,
): Promise<AppliedUpdates> {
  const originals = new Map<string, Buffer>();
  let files: ReadonlyMap<string, Buffer> = new Map();
  const applied: AppliedProposal[] = [];
  for (const proposal of proposals) {
    if (!proposal.change) continue;
    const result = new Application(paths, proposal, { ...options, files, originals }).run();
    applied.push(result.applied);
    files = result.files;
  }
  const changed = [...files].filter(([path, bytes]) => !originals.get(path)?.equals(bytes));
  if (!options.isDryRun) {
    for (const [path, bytes] of changed) await replaceContents(path, bytes, originals.get(path) ?? Buffer.alloc(0));
  }
  return { applied, files: new Map(changed) };
}

interface State extends ApplyOptions {
  readonly files: ReadonlyMap<string, Buffer>;
  /** Filled with each file that is edited, as it was on disk. */
  readonly originals: Map<string, Buffer>;
}

class Application {
  readonly #paths: readonly string[];
  readonly #proposal: Proposal;
  readonly #state: State;

  constructor(paths: readonly string[], proposal: Proposal, state: State) {
    this.#paths = paths;
    this.#proposal = proposal;
    this.#state = state;
  }

  run(): { readonly applied: AppliedProposal; readonly files: ReadonlyMap<string, Buffer> } {
    const { files } = this.#state;
    const before = this.#read(files);
    const targets = before.filter((reference) => this.#isTarget(reference));
    const edits = targets.map((reference) => ({
      reference,
      edit: editReference(reference, this.#changeOf(reference)),
    }));
    const splices = distinct(edits.flatMap(({ edit }) => ("splices" in edit ? edit.splices : [])));
    const refused = edits.flatMap(({ reference: { file, line }, edit }) =>
      "refused" in edit ? [{ file, line, reason: edit.refused }] : [],
    );
    const edited = new Map(files);
    for (const [file, own] of Map.groupBy(splices, (splice) => splice.file)) {
      edited.set(file, applySplices(this.#contents(file), own));
    }
    const editable = new Set(edits.flatMap(({ reference, edit }) => ("splices" in edit ? [reference] : [])));
    const problem = this.#unexpected(before, this.#read(edited), editable);
    if (problem !== undefined) {
      const reasons = [...editable].map(({ file, line }) => ({ file, line, reason: problem }));
      return { applied: { proposal: this.#proposal, lines: [], refused: [...refused, ...reasons] }, files };
    }
    const lines = splices.map((splice) => this.#lineOf(splice, edited));
    return { applied: { proposal: this.#proposal, lines: distinct(lines), refused }, files: edited };
  }

  #read(files: ReadonlyMap<string, Buffer>): readonly ImageReference[] {
    return readReferences(this.#paths, { signal: this.#state.signal, edited: files }).references;
  }

  #isTarget({ repository, tag, digest, isBuiltHere, isManaged }: ImageReference): boolean {
    const [own] = this.#proposal.references;
    if (isBuiltHere || isManaged) return false;
    return own?.repository === repository && own?.tag === tag && own?.digest === digest;
  }

  #changeOf(reference: ImageReference): ReferenceChange {
    const { change } = this.#proposal;
    if (!change) return {};
    const isPinned = reference.digest !== undefined || this.#state.pins;
    return { tag: change.tag, ...(isPinned && { digest: change.digest }) };
  }

  #contents(file: string): Buffer {
    const known = this.#state.files.get(file);
    if (known) return known;
    const bytes = readFileSync(file);
    this.#state.originals.set(file, bytes);
    return bytes;
  }

  /** What else an edit changed, as a clause; undefined when only the edited references changed, as intended. */
  #unexpected(
    before: readonly ImageReference[],
    after: readonly ImageReference[],
    edited: ReadonlySet<ImageReference>,
  ): string | undefined {
    if (before.length !== after.length) return "the edit would change how the file is read";
    for (const [index, old] of before.entries()) {
      const found = after[index];
      const wanted = edited.has(old) ? this.#intended(old) : old;
      const isAsWanted =
        found?.file === old.file &&
        found.repository === wanted.repository &&
        found.tag === wanted.tag &&
        found.digest === wanted.digest;
      if (!isAsWanted) return `the edit would also change ${old.text} in ${old.file}:${old.line}`;
    }
    return undefined;
  }

  #intended(reference: ImageReference): Pick<ImageReference, "repository" | "tag" | "digest"> {
    const { repository, tag, digest, digestPart, pinAt } = reference;
    const change = this.#changeOf(reference);
    const newDigest = digestPart || pinAt ? change.digest : undefined;
    const known = newDigest ?? digest;
    return {
      ...(repository !== undefined && { repository }),
      ...((change.tag ?? tag) !== undefined && { tag: change.tag ?? tag ?? "" }),
      ...(known !== undefined && { digest: known }),
    };
  }

  #lineOf({ file, start }: Splice, edited: ReadonlyMap<string, Buffer>): ChangedLine {
    const old = this.#contents(file).toString("latin1");
    const line = old.slice(0, start).split("\n").length;
    const now = edited.get(file)?.toString("latin1") ?? "";
    return { file, line, before: lineAt(old, line), after: lineAt(now, line) };
  }
}

function lineAt(text: string, line: number): string {
  return Buffer.from(text.split("\n")[line - 1]?.trimEnd() ?? "", "latin1").toString("utf8");
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
