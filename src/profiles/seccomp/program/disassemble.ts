import { actionText } from "../profile.ts";
import { abiByAudit, abis, nameOf } from "../syscall-table.ts";
import { actionOfNumber } from "./action-number.ts";
import { dataOffset, type Instruction, op } from "./instruction.ts";

const branches: ReadonlyMap<number, string> = new Map([
  [op.jumpIfEqual, "jeq"],
  [op.jumpIfGreater, "jgt"],
  [op.jumpIfAtLeast, "jge"],
  [op.jumpIfSet, "jset"],
]);

/** A line for each instruction, with absolute targets of jumps and the names of numbers. */
export function* disassemble(program: readonly Instruction[]): Generator<string> {
  const width = String(program.length).length;
  let audit = 0;
  let isNumber = false;
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    const line = (text: string, remark = ""): string =>
      `${String(at).padStart(width)}  ${remark === "" ? text : `${text.padEnd(36)} ; ${remark}`}`;
    const mnemonic = branches.get(code);
    if (code === op.load) {
      isNumber = k === dataOffset.number;
      yield line(`ld [${k}]`, fieldName(k));
    } else if (code === op.and) yield line(`and #0x${k.toString(16)}`);
    else if (code === op.jump) yield line(`ja ${at + 1 + k}`);
    else if (code === op.return) yield line(`ret #0x${k.toString(16)}`, returned(k));
    else if (mnemonic !== undefined) {
      const architecture = abis.find((facts) => facts.audit === k && mnemonic === "jeq");
      if (architecture) audit = k;
      const facts = abiByAudit(audit, k);
      const name = isNumber && facts ? nameOf(k, facts) : undefined;
      yield line(`${mnemonic} #0x${k.toString(16)}, ${at + 1 + jt}, ${at + 1 + jf}`, name ?? architecture?.abi);
    } else yield line(`.word 0x${code.toString(16)}`);
  }
}

function returned(k: number): string | undefined {
  const action = actionOfNumber(k);
  return action && actionText(action);
}

function fieldName(offset: number): string {
  if (offset === dataOffset.number) return "number";
  if (offset === dataOffset.architecture) return "architecture";
  const index = Math.floor((offset - dataOffset.arguments) / 8);
  return `${offset % 8 === 0 ? "lower" : "upper"} half of argument ${index}`;
}
