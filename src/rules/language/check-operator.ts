import { ConditionError } from "./condition.ts";
import type { FieldType } from "./field.ts";

const equality = ["=", "==", "!="];
const sets = ["in", "intersects"];
const order = ["<", "<=", ">", ">="];
const numbers = { operators: [...equality, ...sets, ...order], title: "for numeric filters" };
const texts = {
  operators: [
    ...equality,
    ...sets,
    ...order,
    "contains",
    "icontains",
    "startswith",
    "endswith",
    "glob",
    "iglob",
    "pmatch",
    "regex",
  ],
  title: "for string filters",
};
const buffers = {
  operators: [...equality, ...sets, "contains", "startswith", "endswith", "bcontains", "bstartswith"],
  title: "for buffer filters",
};
const addresses = { operators: [...equality, ...sets], title: "for ip address and network filters" };

interface Comparable {
  readonly operators: readonly string[];
  readonly title: string;
}

const comparable: Partial<Record<FieldType, Comparable>> = {
  ...rows(
    "INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64 ERRNO FD PID SYSCALLID SIGTYPE RELTIME ABSTIME PORT FLAGS8 FLAGS16 " +
      "FLAGS32 DOUBLE MODE ENUMFLAGS8 ENUMFLAGS16 ENUMFLAGS32 UID GID DYN",
    numbers,
  ),
  ...rows("BOOL", { operators: [...equality, ...sets], title: "for numeric filters" }),
  ...rows("IPV4ADDR IPV4NET IPV6ADDR IPV6NET IPADDR IPNET", addresses),
  ...rows("CHARBUF FSPATH FSRELPATH", texts),
  ...rows("BYTEBUF", buffers),
};

const listTypes: readonly FieldType[] = ["CHARBUF", "UINT64", "RELTIME", "ABSTIME", "BOOL", "IPADDR", "IPNET"];

/** The compared operand: the type of the left side, and whether it is a list. */
export interface ComparedType {
  readonly type: FieldType;
  readonly isList: boolean;
}

/**
 * Throws a `ConditionError`, in Falco's words, when values of a type cannot be compared by an operator
 * (`flt_is_comparable`).
 */
export function checkOperator(operator: string, { type, isList }: ComparedType, modifier?: string): void {
  if (operator === "exists") return;
  const name = operator === "==" ? "=" : operator;
  if (isList) {
    if (!listTypes.includes(type)) {
      throw new ConditionError(`filter error: list filters are not supported for type '${type}'`);
    }
    if (!sets.includes(operator))
      throw new ConditionError(`filter error: '${name}' operator not supported list filters`);
    return;
  }
  const known = comparable[type];
  if (known?.operators.includes(operator)) return;
  if (known === addresses && modifier !== undefined) {
    throw new ConditionError(`filter error: '${name}' with modifier not supported ${known.title}`);
  }
  throw new ConditionError(
    `filter error: '${name}' operator not supported ${known === undefined ? `for type '${type}'` : known.title}`,
  );
}

function rows(types: string, known: Comparable): Partial<Record<FieldType, Comparable>> {
  return Object.fromEntries(types.split(" ").map((type) => [type, known]));
}
