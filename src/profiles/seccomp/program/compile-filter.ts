import type { Clause, Filter } from "../build-filter.ts";
import { lookUpNumber, type NumberAnswer } from "../decide-call.ts";
import type { Action, Condition } from "../profile.ts";
import { x32Bit } from "../syscall-table.ts";
import { actionNumber } from "./action-number.ts";
import { dataOffset, type Instruction, op } from "./instruction.ts";

/**
 * The program that decides as the filter does. Numbers of one architecture are cut into ranges with one answer, which a
 * binary search finds.
 */
export function compileFilter(filter: Filter): readonly Instruction[] {
  const audits = [...new Set(filter.abis.map(({ facts }) => facts.audit))];
  const program: Instruction[] = [load(dataOffset.architecture)];
  for (const audit of audits) {
    const block = [load(dataOffset.number), ...searchOf(rangesOf(filter, audit), filter)];
    program.push(branch(op.jumpIfEqual, audit, 1, 0), jump(block.length), ...block);
  }
  return [...program, ret({ kind: "KILL_THREAD", data: 0 })];
}

/** Numbers from `from` on, until the next range. */
interface Range {
  readonly from: number;
  readonly answer: NumberAnswer;
}

/** All numbers of 32 bits. A boundary is where the answer of {@link lookUpNumber} may change. */
function rangesOf(filter: Filter, audit: number): readonly Range[] {
  const boundaries = new Set([0, x32Bit, 2 * x32Bit, 3 * x32Bit, 0xffffffff]);
  for (const { facts, calls, stubAbove } of filter.abis) {
    if (facts.audit !== audit) continue;
    for (const number of calls.keys()) boundaries.add(number).add(number + 1);
    if (stubAbove !== undefined) boundaries.add(stubAbove + 1);
  }
  const ranges: Range[] = [];
  for (const from of [...boundaries].sort((a, b) => a - b)) {
    const answer = lookUpNumber(filter, { audit, number: from });
    const last = ranges.at(-1)?.answer;
    if (!last || !isSameAnswer(last, answer)) ranges.push({ from, answer });
  }
  return ranges;
}

function isSameAnswer(one: NumberAnswer, other: NumberAnswer): boolean {
  if (!("decision" in one) || !("decision" in other)) return false;
  return actionNumber(one.decision.action) === actionNumber(other.decision.action);
}

function searchOf(ranges: readonly Range[], filter: Filter): readonly Instruction[] {
  const middle = ranges[Math.floor(ranges.length / 2)];
  const [only] = ranges;
  if (!middle || !only || ranges.length === 1) return only ? leafOf(only.answer, filter) : [];
  const index = ranges.indexOf(middle);
  const below = searchOf(ranges.slice(0, index), filter);
  const above = searchOf(ranges.slice(index), filter);
  const isNear = below.length <= 255;
  const choice = isNear
    ? [branch(op.jumpIfAtLeast, middle.from, below.length, 0)]
    : [branch(op.jumpIfAtLeast, middle.from, 0, 1), jump(below.length)];
  return [...choice, ...below, ...above];
}

function leafOf(answer: NumberAnswer, { defaultAction }: Filter): readonly Instruction[] {
  if ("decision" in answer) return [ret(answer.decision.action)];
  return [...answer.clauses.flatMap((clause) => clauseOf(clause, answer.bits)), ret(defaultAction)];
}

/** Falls through behind itself where a condition does not hold. */
function clauseOf({ conditions, action }: Clause, bits: 32 | 64): readonly Instruction[] {
  let rest: readonly Instruction[] = [ret(action)];
  for (const condition of conditions.toReversed()) rest = [...conditionOf(condition, bits, rest.length), ...rest];
  return rest;
}

/** Falls through where the condition holds, and skips `fail` more instructions where it does not. */
function conditionOf({ index, operator, value, masked }: Condition, bits: 32 | 64, fail: number): Instruction[] {
  const offset = dataOffset.arguments + 8 * index;
  const [low, high] = halves(value);
  const [lowDatum, highDatum] = halves(masked & value);
  const lowTest: Readonly<Record<typeof operator, Instruction>> = {
    EQ: branch(op.jumpIfEqual, low, 0, fail),
    NE: branch(op.jumpIfEqual, low, fail, 0),
    GT: branch(op.jumpIfGreater, low, 0, fail),
    GE: branch(op.jumpIfAtLeast, low, 0, fail),
    LT: branch(op.jumpIfAtLeast, low, fail, 0),
    LE: branch(op.jumpIfGreater, low, fail, 0),
    MASKED_EQ: branch(op.jumpIfEqual, lowDatum, 0, fail),
  };
  const mask = (half: number): Instruction[] => (operator === "MASKED_EQ" ? [instruction(op.and, half)] : []);
  const lower = [load(offset), ...mask(low), lowTest[operator]];
  if (bits === 32) return lower;
  const upper = [load(offset + 4), ...mask(high)];
  const skip = lower.length;
  switch (operator) {
    case "EQ":
      return [...upper, branch(op.jumpIfEqual, high, 0, skip + fail), ...lower];
    case "MASKED_EQ":
      return [...upper, branch(op.jumpIfEqual, highDatum, 0, skip + fail), ...lower];
    case "NE":
      return [...upper, branch(op.jumpIfEqual, high, 0, skip), ...lower];
    case "GT":
    case "GE":
      return [
        ...[...upper, branch(op.jumpIfGreater, high, skip + 1, 0)],
        ...[branch(op.jumpIfEqual, high, 0, skip + fail), ...lower],
      ];
    case "LT":
    case "LE":
      return [
        ...[...upper, branch(op.jumpIfGreater, high, skip + 1 + fail, 0)],
        ...[branch(op.jumpIfEqual, high, 0, skip), ...lower],
      ];
  }
}

function halves(value: bigint): readonly [low: number, high: number] {
  return [Number(value & 0xffffffffn), Number(value >> 32n)];
}

function load(offset: number): Instruction {
  return instruction(op.load, offset);
}

function jump(distance: number): Instruction {
  return instruction(op.jump, distance);
}

function ret(action: Action): Instruction {
  return instruction(op.return, actionNumber(action));
}

function branch(code: number, k: number, jt: number, jf: number): Instruction {
  return { code, jt, jf, k };
}

function instruction(code: number, k: number): Instruction {
  return { code, jt: 0, jf: 0, k };
}
