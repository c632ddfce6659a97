import type { Action, ActionKind } from "../profile.ts";

/** The upper half of what a filter returns. Source: linux/seccomp.h. */
const numbers: Readonly<Record<ActionKind, number>> = {
  KILL_PROCESS: 0x80000000,
  KILL_THREAD: 0,
  TRAP: 0x00030000,
  ERRNO: 0x00050000,
  NOTIFY: 0x7fc00000,
  TRACE: 0x7ff00000,
  LOG: 0x7ffc0000,
  ALLOW: 0x7fff0000,
};

/** What a filter returns for an action. */
export function actionNumber({ kind, data }: Action): number {
  return (numbers[kind] | data) >>> 0;
}

/** The action that a filter returned; undefined for a number of no action. */
export function actionOfNumber(number: number): Action | undefined {
  const upper = (number & 0xffff0000) >>> 0;
  const [kind] = Object.entries(numbers).find(([, value]) => value === upper) ?? [];
  return kind === undefined ? undefined : { kind: kind as ActionKind, data: number & 0xffff };
}
