import { checkOperator } from "./check-operator.ts";
import { type Comparison, compileListMatcher, compileMatcher, compilePairMatcher } from "./compile-matcher.ts";
import { type Check, ConditionError } from "./condition.ts";
import type { FieldType, FieldValue, RuleEvent } from "./field.ts";
import type { Generation } from "./generation.ts";
import type { OperandReader, OperandReaders, ReadValue } from "./operand-reader.ts";
import { parseValue } from "./parse-value.ts";
import { constantsOf } from "./value-warnings.ts";

/** A check, ready to be evaluated. */
export interface CompiledCheck<E extends RuleEvent> {
  readonly left: OperandReader<E>;
  /** The right side, where it comes from the event. */
  readonly right?: OperandReader<E>;
  readonly evaluate: (event: E) => boolean;
  /** Worth remembering for one event, when several conditions have it. */
  readonly isCostly: boolean;
}

const networks: readonly FieldType[] = ["IPNET", "IPV4NET", "IPV6NET"];

// Operators that cost more than to look up what they gave for the same event.
const costly = ["contains", "icontains", "glob", "iglob", "regex", "pmatch", "bcontains"];

/**
 * Throws a `ConditionError`, in Falco's words, for what its filter compiler refuses. A missing value makes every check
 * false.
 */
export function compileCheck<E extends RuleEvent>(
  check: Check,
  { readers, generation }: { readonly readers: OperandReaders<E>; readonly generation: Generation },
): CompiledCheck<E> {
  const left = readers.reader(check.left);
  const operator = check.modifier === undefined ? check.operator : `${check.operator} ${check.modifier}`;
  if (left.type !== "DYN") checkOperator(check.operator, left, check.modifier);
  const isCostly = left.isList || check.modifier !== undefined || costly.includes(check.operator);
  const { right } = check;
  if (right?.kind === "transformer") {
    const reader = readers.reader(right);
    return { left, right: reader, evaluate: pairCheck(check.operator, left, reader), isCostly };
  }
  const values = constantsOf(right) ?? [];
  const own = left.field?.comparison?.(operator, values);
  if (own !== undefined) return { left, evaluate: own, isCostly: true };
  return { left, evaluate: constantCheck({ type: left.type, operator, generation }, values, left), isCostly };
}

function constantCheck<E extends RuleEvent>(
  comparison: Comparison,
  values: readonly string[],
  { type, isList, field, read }: OperandReader<E>,
): (event: E) => boolean {
  if (isList) {
    const matches = compileListMatcher(comparison, values);
    return (event) => {
      const list = read(event);
      return list !== undefined && matches(list as readonly FieldValue[]);
    };
  }
  if (comparison.operator === "exists") return (event) => read(event) !== undefined;
  if (type === "DYN")
    return dynamicCheck(comparison, values, { read, typeIn: (event) => field?.typeIn?.(event) ?? "CHARBUF" });
  const fast = fastCheck(comparison, values, read);
  if (fast !== undefined) return fast;
  const matches = compileMatcher(comparison, values);
  return (event) => {
    const value = read(event);
    return value !== undefined && matches(value as FieldValue);
  };
}

// The most frequent comparisons in one function. A missing value equals nothing and is in no set.
function fastCheck<E extends RuleEvent>(
  { type, operator }: Comparison,
  values: readonly string[],
  read: (event: E) => ReadValue,
): ((event: E) => boolean) | undefined {
  if (networks.includes(type)) return undefined;
  const isEqual = operator === "=" || operator === "==";
  if (!isEqual && operator !== "in") return undefined;
  const parsed = values.map((value) => parseValue(value, type));
  if (isEqual || parsed.length === 1) {
    const [expected] = parsed;
    return expected === undefined ? () => false : (event) => read(event) === expected;
  }
  const set = new Set<ReadValue>(parsed);
  return (event) => set.has(read(event));
}

// The type is known only with the value. A constant that is none of the type compares with nothing.
function dynamicCheck<E extends RuleEvent>(
  comparison: Comparison,
  values: readonly string[],
  { read, typeIn }: { readonly read: (event: E) => ReadValue; readonly typeIn: (event: E) => FieldType },
): (event: E) => boolean {
  const matchers = new Map<FieldType, (value: FieldValue) => boolean>();
  return (event) => {
    const value = read(event);
    if (value === undefined) return false;
    const type = typeIn(event);
    let matches = matchers.get(type);
    if (matches === undefined) {
      matches = matcherOrNever({ ...comparison, type }, values);
      matchers.set(type, matches);
    }
    return matches(value as FieldValue);
  };
}

function matcherOrNever(comparison: Comparison, values: readonly string[]): (value: FieldValue) => boolean {
  try {
    return compileMatcher(comparison, values);
  } catch (error) {
    if (error instanceof ConditionError) return () => false;
    throw error;
  }
}

function pairCheck<E extends RuleEvent>(
  operator: string,
  left: OperandReader<E>,
  right: OperandReader<E>,
): (event: E) => boolean {
  checkPair(operator, left, right);
  if (left.isList) return listPairCheck(operator, left, right);
  const matches = compilePairMatcher(operator);
  return (event) => {
    const value = left.read(event);
    const other = value === undefined ? undefined : right.read(event);
    return other !== undefined && matches(value as FieldValue, other as FieldValue);
  };
}

function listPairCheck<E extends RuleEvent>(
  operator: string,
  left: OperandReader<E>,
  right: OperandReader<E>,
): (event: E) => boolean {
  return (event) => {
    const values = left.read(event) as readonly FieldValue[] | undefined;
    const others = values === undefined ? undefined : (right.read(event) as readonly FieldValue[] | undefined);
    if (values === undefined || others === undefined) return false;
    const set = new Set(others);
    return operator === "in" ? values.every((value) => set.has(value)) : values.some((value) => set.has(value));
  };
}

function checkPair<E extends RuleEvent>(operator: string, left: OperandReader<E>, right: OperandReader<E>): void {
  if (operator === "pmatch" || operator === "regex") {
    throw new ConditionError(`operator '${operator.toUpperCase()}' doesn't support right-hand side fields`);
  }
  if (networks.includes(left.type)) {
    throw new ConditionError("field type 'IPNET' doesn't support right-hand side fields");
  }
  if (left.isNeverRight) throw new ConditionError(`field '${left.name}' doesn't support right-hand side fields`);
  if (right.isNeverRight) throw new ConditionError(`field '${right.name}' can't be used as a right-hand side field`);
  if (left.type !== right.type || left.isList !== right.isList) {
    throw new ConditionError(
      `field '${left.name}' has type '${typeName(left)}' while the right-hand side field '${right.name}' ` +
        `has incompatible type '${typeName(right)}'`,
    );
  }
}

function typeName({ type, isList }: { readonly type: FieldType; readonly isList: boolean }): string {
  return isList ? `${type} (list)` : type;
}
