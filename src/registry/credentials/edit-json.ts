// Changes one member of a JSON document and leaves every other byte as it is: order, white space, numbers that
// JavaScript would round, names that occur twice. Additions are laid out as their neighbours are. The text must be
// valid JSON with an object at its root; that is for the caller to see to. When members share one name, the last
// counts, as for `JSON.parse`.

import { skipJsonSpace, skipJsonValue, type WrittenMember, writtenMembers } from "../../io/documents/json-text.ts";

/** An object in a text: where its braces are and what is between them. */
interface ObjectSpan {
  /** At the opening brace. */
  readonly start: number;
  /** Behind the closing brace. */
  readonly end: number;
  readonly members: readonly WrittenMember[];
}

/**
 * The text with a value at a path of names, in place of what was there; objects on the way are made where none are.
 */
export function setJsonMember(text: string, { path, value }: { path: readonly string[]; value: unknown }): string {
  let span = readObject(text, skipJsonSpace(text, 0));
  for (const [depth, name] of path.entries()) {
    const member = lastNamed(span, name);
    const isLast = depth === path.length - 1;
    if (member && !isLast && text[member.valueStart] === "{") {
      span = readObject(text, member.valueStart);
      continue;
    }
    const nested = path.slice(depth + 1).reduceRight<unknown>((inner, outer) => ({ [outer]: inner }), value);
    return member
      ? replaceValue(text, { span, member, value: nested })
      : addMember(text, { span, name, value: nested });
  }
  return text;
}

/** The text without a member, and without the comma that it needed; all members of that name go. */
export function removeJsonMember(text: string, path: readonly string[]): string {
  let result = text;
  for (;;) {
    const span = findObject(result, path.slice(0, -1));
    const index = span?.members.findLastIndex(({ key }) => key === path.at(-1)) ?? -1;
    const member = span?.members[index];
    if (!span || !member) return result;
    const before = span.members[index - 1];
    const after = span.members[index + 1];
    if (after) result = result.slice(0, member.start) + result.slice(after.start);
    else if (before) result = result.slice(0, before.end) + result.slice(member.end);
    else result = `${result.slice(0, span.start)}{}${result.slice(span.end)}`;
  }
}

function findObject(text: string, path: readonly string[]): ObjectSpan | undefined {
  let span = readObject(text, skipJsonSpace(text, 0));
  for (const name of path) {
    const member = lastNamed(span, name);
    if (!member || text[member.valueStart] !== "{") return undefined;
    span = readObject(text, member.valueStart);
  }
  return span;
}

function lastNamed({ members }: ObjectSpan, name: string): WrittenMember | undefined {
  return members.findLast((member) => member.key === name);
}

function replaceValue(
  text: string,
  { span, member, value }: { readonly span: ObjectSpan; readonly member: WrittenMember; readonly value: unknown },
): string {
  const written = layOut(value, { indent: indentBefore(text, member.start), unit: unitOf(text, span) });
  return text.slice(0, member.valueStart) + written + text.slice(member.end);
}

function addMember(
  text: string,
  { span, name, value }: { readonly span: ObjectSpan; readonly name: string; readonly value: unknown },
): string {
  const last = span.members.at(-1);
  const unit = unitOf(text, span);
  const outer = indentBefore(text, span.start) ?? (unit === undefined ? undefined : lineIndent(text, span.start));
  const indent = last
    ? indentBefore(text, last.start)
    : outer === undefined || unit === undefined
      ? undefined
      : outer + unit;
  const member = `${JSON.stringify(name)}: ${layOut(value, { indent, unit })}`;
  if (last) {
    const separator = indent === undefined ? ", " : `,\n${indent}`;
    return text.slice(0, last.end) + separator + member + text.slice(last.end);
  }
  const content = indent === undefined ? `{${member}}` : `{\n${indent}${member}\n${outer ?? ""}}`;
  return text.slice(0, span.start) + content + text.slice(span.end);
}

/**
 * A value as text on one line without an indent, else on several of which the first goes on where the member's name is.
 */
function layOut(value: unknown, { indent, unit }: { indent: string | undefined; unit: string | undefined }): string {
  if (indent === undefined || unit === undefined) return JSON.stringify(value);
  return JSON.stringify(value, null, unit).replaceAll("\n", `\n${indent}`);
}

/** The white space from the start of the line to a place, when nothing else is between; undefined otherwise. */
function indentBefore(text: string, at: number): string | undefined {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  const before = text.slice(line, at);
  return line > 0 && /^[ \t]*$/.test(before) ? before : undefined;
}

function lineIndent(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", at - 1) + 1, at))?.[0] ?? "";
}

/** One step of the document's indentation; undefined when it is written on one line. */
function unitOf(text: string, span: ObjectSpan): string | undefined {
  const root = readObject(text, skipJsonSpace(text, 0));
  const first = root.members[0] ?? span.members[0];
  const unit = first && indentBefore(text, first.start);
  if (unit) return unit;
  return root.members.length === 0 && (text.trim().includes("\n") || text.trim() === "{}") ? "\t" : undefined;
}

function readObject(text: string, start: number): ObjectSpan {
  return { start, end: skipJsonValue(text, start), members: [...writtenMembers(text, start)] };
}
