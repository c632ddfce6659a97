import type { RandomAccess } from "../../../io/random-access.ts";
import { JsonOutline, type OutlinePlace, type OutlineVisitor } from "../../json-outline.ts";

/** Where a member of a member of the outermost object lies. */
export interface NestedMember {
  /** The names of the outer and of the inner member. */
  readonly outer: string;
  readonly inner: string;
  /** Bytes of the inner member's value, with white space around it. */
  readonly offset: number;
  readonly length: number;
}

const windowSize: number = 1024 * 1024;

/**
 * The members of the members of the outermost object of a JSON file, in its order, in memory that does not grow with
 * the file. Members whose value is no object have no members.
 *
 * Error: `feed-malformed` when the file is not one JSON object, breaks off, or has a name beyond 1,000 bytes.
 */
export function* nestedMembers(file: RandomAccess, title: string): Generator<NestedMember> {
  const collector = new MemberCollector();
  const outline = new JsonOutline({ title, depth: 2, visitor: collector });
  for (let offset = 0; offset < file.size; offset += windowSize) {
    outline.read(file.read(offset, windowSize), offset);
    yield* collector.found.splice(0);
  }
  outline.end();
}

class MemberCollector implements OutlineVisitor {
  readonly found: NestedMember[] = [];
  #outer = "";
  #inner: { readonly name: string; readonly offset: number } | undefined;

  name(name: string, { depth, position }: OutlinePlace): void {
    if (depth === 1) this.#outer = name;
    else this.#inner = { name, offset: position + 1 };
  }

  separate({ depth, position }: OutlinePlace): void {
    if (depth !== 2 || !this.#inner) return;
    const { name: inner, offset } = this.#inner;
    this.#inner = undefined;
    this.found.push({ outer: this.#outer, inner, offset, length: position - offset });
  }
}
