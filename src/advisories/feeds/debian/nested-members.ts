import type { RandomAccess } from "../../../io/bytes/random-access.ts";
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

/** The place of a member of the outermost object that does not have members itself. */
export type MemberPlace = Omit<NestedMember, "inner">;

/** How a file is read. */
export interface NestedMembersOptions {
  /** Name of the input, for messages. */
  readonly title: string;
  /** Called with each member of the outermost object that is not an object itself. */
  readonly plain?: (place: MemberPlace) => void;
}

const windowSize: number = 1024 * 1024;

/**
 * The members of the members of the outermost object of a JSON file, in its order, in memory that does not grow with
 * the file. Members whose value is not an object have no members.
 *
 * Error: `feed-malformed` when the file is not one JSON object, breaks off, or has a name beyond 1,000 bytes.
 */
export function* nestedMembers(file: RandomAccess, { title, plain }: NestedMembersOptions): Generator<NestedMember> {
  const collector = new MemberCollector(plain);
  const outline = new JsonOutline({ title, depth: 2, visitor: collector });
  for (let offset = 0; offset < file.size; offset += windowSize) {
    outline.read(file.read(offset, windowSize), offset);
    yield* collector.found.splice(0);
  }
  outline.end();
}

class MemberCollector implements OutlineVisitor {
  readonly found: NestedMember[] = [];
  readonly #plain: ((place: MemberPlace) => void) | undefined;
  #outer: { readonly name: string; readonly offset: number } | undefined;
  #inner: { readonly name: string; readonly offset: number } | undefined;
  #isObject = false;

  constructor(plain: ((place: MemberPlace) => void) | undefined) {
    this.#plain = plain;
  }

  name(name: string, { depth, position }: OutlinePlace): void {
    if (depth === 1) this.#outer = { name, offset: position + 1 };
    else this.#inner = { name, offset: position + 1 };
  }

  open(isObject: boolean, { depth }: OutlinePlace): void {
    if (depth === 2) this.#isObject = isObject;
  }

  separate({ depth, position }: OutlinePlace): void {
    if (depth === 2 && this.#inner) {
      const { name: inner, offset } = this.#inner;
      this.#inner = undefined;
      this.found.push({ outer: this.#outer?.name ?? "", inner, offset, length: position - offset });
    }
    if (depth !== 1 || !this.#outer) return;
    const { name: outer, offset } = this.#outer;
    if (!this.#isObject) this.#plain?.({ outer, offset, length: position - offset });
    this.#outer = undefined;
    this.#isObject = false;
  }
}
