import type {
  AccessRule,
  Condition,
  Conditional,
  Expression,
  FileReference,
  FileRule,
  MountRule,
  Prefix,
  Profile,
  Rule,
  Statement,
} from "./syntax.ts";

/** The text of a policy, one statement on a line. It compiles to the same policy as the text that was parsed. */
export function printPolicy(statements: readonly Statement[]): string {
  return printStatements(statements, "");
}

/** A rule in one line, with its comma. */
export function printRule(rule: Rule): string {
  return `${printPrefix(rule.prefix)}${printBareRule(rule)},`;
}

function printStatements(statements: readonly Statement[], indent: string): string {
  return statements.map((statement) => printStatement(statement, indent)).join("");
}

function printStatement(statement: Statement, indent: string): string {
  switch (statement.kind) {
    case "comment":
      return `${indent}#${statement.text}\n`;
    case "abi":
      return `${indent}abi ${printReference(statement)},\n`;
    case "include":
      return `${indent}include ${statement.ifExists ? "if exists " : ""}${printReference(statement)}\n`;
    case "alias":
      return `${indent}alias ${statement.from} -> ${statement.to},\n`;
    case "variable":
      return `${indent}@{${statement.name}} ${statement.operator} ${statement.values.join(" ")}\n`;
    case "boolean":
      return `${indent}\${${statement.name}} ${statement.operator} ${printExpression(statement.value)}\n`;
    case "profile":
      return `${indent}${printProfileHead(statement)} ${printBlock(statement.body, indent)}\n`;
    case "if":
      return `${indent}${printConditional(statement, indent)}\n`;
    case "block":
      return `${indent}${printPrefix(statement.prefix)}${printBlock(statement.body, indent)}\n`;
    default:
      return `${indent}${printRule(statement)}\n`;
  }
}

function printBlock(body: readonly Statement[], indent: string): string {
  return `{\n${printStatements(body, `${indent}  `)}${indent}}`;
}

function printReference({ path, searched }: FileReference): string {
  return searched ? `<${path}>` : path;
}

function printProfileHead({ keyword, name, attachment, xattrs, flags }: Profile): string {
  const head = keyword === "" || keyword === "^" ? `${keyword}${name}` : `${keyword} ${name}`;
  const parts = [head];
  if (attachment !== undefined) parts.push(attachment);
  if (xattrs !== undefined) parts.push(`xattrs=(${xattrs.map(printCondition).join(" ")})`);
  if (flags.length > 0) parts.push(`flags=(${flags.join(",")})`);
  return parts.join(" ");
}

function printConditional(conditional: Conditional, indent: string): string {
  const { condition, body, otherwise } = conditional;
  const head = `if ${printExpression(condition)} ${printBlock(body, indent)}`;
  if (otherwise === undefined) return head;
  if ("kind" in otherwise) return `${head} else ${printConditional(otherwise, indent)}`;
  return `${head} else ${printBlock(otherwise, indent)}`;
}

function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "or":
    case "and":
      return `(${printExpression(expression.left)} ${expression.kind} ${printExpression(expression.right)})`;
    case "not":
      return `not ${printExpression(expression.operand)}`;
    case "defined":
      return `defined ${expression.variable}`;
    case "value":
      return expression.word;
    case "compare":
      return `${expression.left} ${expression.operator} ${expression.right}`;
  }
}

function printPrefix({ priority, audit, decision, owner }: Prefix): string {
  const parts = [priority === undefined ? "" : `priority=${priority}`, audit ? "audit" : "", decision, owner];
  return parts.map((part) => (part === undefined || part === "" ? "" : `${part} `)).join("");
}

function printBareRule(rule: Rule): string {
  switch (rule.kind) {
    case "file":
      return printFileRule(rule);
    case "link":
      return `link ${rule.subset ? "subset " : ""}${rule.path} -> ${rule.target}`;
    case "capability":
      return ["capability", ...rule.names].join(" ");
    case "mount":
    case "remount":
    case "umount":
      return printMount(rule);
    case "pivot_root": {
      const parts = ["pivot_root", ...rule.conditions.map(printCondition), rule.path ?? ""];
      return withTarget(parts, rule.target);
    }
    case "change_profile":
      return withTarget(["change_profile", rule.environment ?? "", rule.path ?? ""], rule.target);
    case "rlimit":
      return `set rlimit ${rule.name} <= ${rule.value}${rule.unit ?? ""}`;
    case "all":
      return "all";
    default:
      return printAccess(rule);
  }
}

function printFileRule({ path, permissions, leading, environment, subset, target }: FileRule): string {
  if (path === undefined) return "file";
  const parts = leading ? [permissions, subset ? "subset" : "", path] : [path, permissions];
  return withTarget([environment ?? "", ...parts], target);
}

function printMount({ kind, conditions, source, target }: MountRule): string {
  return withTarget([kind, ...conditions.map(printCondition), source ?? ""], target);
}

function withTarget(parts: readonly string[], target: string | undefined): string {
  const text = parts.filter((part) => part !== "").join(" ");
  return target === undefined ? text : `${text} -> ${target}`;
}

function printAccess({ kind, access, words, conditions, peer }: AccessRule): string {
  const parts: string[] = [kind];
  // Words and conditions may be named as an access is, which parentheses keep apart.
  if (access.length > 0) parts.push(kind === "userns" ? access.join(" ") : `(${access.join(", ")})`);
  const queue = kind === "mqueue" ? words : [];
  if (kind !== "mqueue") parts.push(...words);
  parts.push(...conditions.map(printCondition));
  if (peer !== undefined) parts.push(`peer=(${peer.map(printCondition).join(" ")})`);
  return [...parts, ...queue].join(" ");
}

function printCondition({ name, operator, values, list }: Condition): string {
  if (operator === undefined) return name;
  const value = list ? `(${values.join(", ")})` : values.join("");
  return operator === "=" ? `${name}=${value}` : `${name} in ${value}`;
}
