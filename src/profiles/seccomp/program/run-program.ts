import type { Call } from "../decide-call.ts";
import { dataOffset, type Instruction, op } from "./instruction.ts";

/**
 * The number that a program returns for a call, as the kernel runs it. Error for an instruction that seccomp does not
 * have, and for a jump behind the end: the kernel refuses to load both.
 */
export function runProgram(program: readonly Instruction[], call: Call): number {
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const instruction = program[at];
    if (!instruction) throw new RangeError(`the program ends at instruction ${at} without an answer`);
    const { code, jt, jf, k } = instruction;
    switch (code) {
      case op.load:
        accumulator = wordAt(call, k);
        break;
      case op.and:
        accumulator = (accumulator & k) >>> 0;
        break;
      case op.jump:
        at += k;
        break;
      case op.jumpIfEqual:
        at += accumulator === k >>> 0 ? jt : jf;
        break;
      case op.jumpIfGreater:
        at += accumulator > k >>> 0 ? jt : jf;
        break;
      case op.jumpIfAtLeast:
        at += accumulator >= k >>> 0 ? jt : jf;
        break;
      case op.jumpIfSet:
        at += (accumulator & k) === 0 ? jf : jt;
        break;
      case op.return:
        return k >>> 0;
      default:
        throw new RangeError(`instruction ${at} has the unknown code ${code}`);
    }
  }
}

function wordAt({ audit, number, args }: Call, offset: number): number {
  if (offset === dataOffset.number) return number;
  if (offset === dataOffset.architecture) return audit;
  const index = Math.floor((offset - dataOffset.arguments) / 8);
  const value = args[index] ?? 0n;
  return Number(BigInt.asUintN(32, offset % 8 === 0 ? value : value >> 32n));
}
