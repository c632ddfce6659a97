import type { Overload } from "./functions/overload.ts";
import {
  anyType,
  boolType,
  joinTypes,
  mayHaveOrder,
  partOf,
  type StaticType,
  typeOf,
  typeText,
} from "./static-type.ts";
import { CompileFault } from "./values/fault.ts";

/** A call whose arguments have types; a method's target is the first. */
export interface TypedCall {
  readonly forms: readonly Overload[];
  readonly args: readonly StaticType[];
  readonly offset: number;
}

/** The type of what a call gives. @throws CompileFault when no form of the function takes arguments of such types. */
export function checkCall(call: TypedCall): StaticType {
  const fitting = call.forms.filter((form) => mayAccept(form, call.args));
  const [first] = fitting;
  if (!first || !fitTogether(call)) throw noMatch(call);
  if (fitting.some(({ gives }) => gives !== first.gives)) return anyType;
  return heldTypes(first, call.args) ?? { kind: first.gives };
}

/** Complains of an operand that is not a bool. @throws CompileFault */
export function checkBool(type: StaticType, { operator, offset }: { operator: string; offset: number }): void {
  if (joinTypes(type, boolType)) return;
  throw new CompileFault(`found no matching overload for '${operator}' applied to '${typeText(type)}'`, offset);
}

function mayAccept({ takes, isVariadic }: Overload, args: readonly StaticType[]): boolean {
  if (isVariadic ? args.length < takes.length : args.length !== takes.length) return false;
  return args.every(({ kind }, index) => {
    const wanted = takes[Math.min(index, takes.length - 1)];
    return kind === "any" || wanted === "any" || wanted === kind;
  });
}

/** What the kinds of a form do not tell: whether the arguments of an operator go with each other. */
function fitTogether({ forms, args }: TypedCall): boolean {
  const [a = anyType, b = anyType] = args;
  switch (forms[0]?.name) {
    case "_==_":
    case "_!=_":
      return joinTypes(a, b) !== undefined;
    case "_<_":
    case "_<=_":
    case "_>_":
    case "_>=_":
      return mayHaveOrder(a, b);
    case "_in_":
      return joinTypes(a, partOf(b, 0)) !== undefined;
    case "_+_":
      return a.kind !== "list" || b.kind !== "list" || joinTypes(a, b) !== undefined;
    default:
      return true;
  }
}

/** The type of what a form gives, where that depends on what its arguments hold. */
function heldTypes({ name }: Overload, args: readonly StaticType[]): StaticType | undefined {
  const [first = anyType, second = anyType] = args;
  switch (name) {
    case "_+_":
      return first.kind === "list" ? joinTypes(first, second) : undefined;
    case "optional.of":
    case "optional.ofNonZeroValue":
      return typeOf("optional", first);
    case ".or":
      return joinTypes(first, second);
    case ".value":
      return partOf(first, 0);
    case ".first":
    case ".last":
      return typeOf("optional", partOf(first, 0));
    case ".distinct":
    case ".reverse":
    case ".slice":
    case ".sort":
      return first.kind === "list" ? first : undefined;
    default:
      return undefined;
  }
}

function noMatch({ forms, args, offset }: TypedCall): CompileFault {
  const name = forms[0]?.name ?? "";
  const isMethod = name.startsWith(".");
  const texts = args.map(typeText);
  const applied = isMethod ? `${texts[0]}.(${texts.slice(1).join(", ")})` : `(${texts.join(", ")})`;
  return new CompileFault(
    `found no matching overload for '${name.replace(/^\./, "")}' applied to '${applied}'`,
    offset,
  );
}
