import { expect, test } from "vitest";
import { kernelEvent, machineWith } from "../../../tests/setup/kernel-events.ts";
import { KernelState } from "./kernel-state.ts";

const cloneThread = 0x2000;
const inNamespace = 0x2000_0000;

/** init(1) → service(10) → shell(20) → worker(30). */
function family(service: { readonly flags?: number } = {}): KernelState {
  return new KernelState(
    machineWith(
      { tid: 10, ...service },
      { tid: 20, ptid: 10, ...service },
      { tid: 30, ptid: 20, ...service },
      { tid: 21, pid: 20, ptid: 10, flags: cloneThread | 1 },
    ),
  );
}

function end(state: KernelState, tid: number, reaper?: number): void {
  state.advance(
    kernelEvent({ id: "PROCEXIT_1_E", tid, parameters: reaper === undefined ? {} : { reaper_tid: reaper } }),
    0,
  );
  state.advance(kernelEvent({ id: "SYSCALL_GETCWD_X", tid: 1, parameters: { res: -1 } }), 0);
}

function becomeReaper(state: KernelState, tid: number): void {
  const parameters = { res: 0, option: 36, arg2_str: "", arg2_int: 1 };
  state.advance(kernelEvent({ id: "SYSCALL_PRCTL_X", tid, parameters }), 0);
}

test("the children of a process that ends go to another thread of it first", () => {
  const state = family();
  end(state, 20);
  expect(state.threads.get(30)?.ptid).toBe(21);
  expect(state.threads.get(20)?.isDead).toBe(true);
});

test("without one they go to the nearest ancestor that asked for it, else to the init process", () => {
  const orphaned = (prepare: (state: KernelState) => void): number | undefined => {
    const state = family();
    end(state, 21);
    prepare(state);
    end(state, 20);
    return state.threads.get(30)?.ptid;
  };
  expect(orphaned(() => {})).toBe(1);
  expect(orphaned((state) => becomeReaper(state, 10))).toBe(10);
});

test("the reaper that the kernel names counts", () => {
  const state = family();
  end(state, 21);
  end(state, 20, 10);
  expect(state.threads.get(30)?.ptid).toBe(10);
  expect(state.threads.get(10)?.group?.isReaper).toBe(true);
});

test("a child in a pid namespace does not go to a process outside of it", () => {
  const state = new KernelState(
    machineWith({ tid: 10 }, { tid: 20, ptid: 10, flags: inNamespace }, { tid: 30, ptid: 20 }),
  );
  end(state, 20);
  expect(state.threads.get(30)?.ptid).toBe(0);
});

test("ancestors end where they repeat", () => {
  const state = family();
  const shell = state.threads.get(20);
  const worker = state.threads.get(30);
  if (shell === undefined || worker === undefined) throw new Error("the family is not complete");
  expect([...state.threadTable.ancestors(worker)].map(({ tid }) => tid)).toEqual([20, 10, 1]);
  shell.ptid = 30;
  expect([...state.threadTable.ancestors(worker)].map(({ tid }) => tid)).toEqual([20]);
});

test("a thread whose parent is not known has none", () => {
  const state = new KernelState(machineWith({ tid: 40, ptid: 39 }));
  expect(state.threads.get(40)?.ptid).toBe(0);
});

test("a process that takes the id of one whose end was not seen does not count with it", () => {
  const state = family();
  const parameters = { res: 0, exe: "new", pid: 30, ptid: 10, vtid: 30, vpid: 30, flags: 0 };
  state.advance(kernelEvent({ id: "SYSCALL_CLONE_20_X", tid: 30, parameters }), 0);
  expect([state.threads.get(30)?.exe, state.threads.get(30)?.threadCount]).toEqual(["new", 1]);
  end(state, 30);
  expect(state.threads.has(30)).toBe(false);
});

test("an exec ends the other threads of the process", () => {
  const state = family();
  const parameters = { res: 0, exe: "/bin/true", comm: "true", pid: 20, ptid: 10 };
  state.advance(kernelEvent({ id: "SYSCALL_EXECVE_19_X", tid: 20, parameters }), 0);
  expect([state.threads.has(21), state.threads.get(20)?.threadCount, state.threads.get(20)?.otherThreadCount]).toEqual([
    false,
    1,
    0,
  ]);
});

test("a parent does not bring a child back whose end was seen already", () => {
  const state = family();
  const clone = { exe: "x", pid: 50, ptid: 10, flags: 0, vtid: 50, vpid: 50 };
  state.advance(kernelEvent({ id: "SYSCALL_CLONE_20_X", tid: 50, parameters: { ...clone, res: 0 } }), 0);
  end(state, 50);
  state.advance(
    kernelEvent({
      id: "SYSCALL_CLONE_20_X",
      tid: 10,
      parameters: { ...clone, res: 50, pid: 10, ptid: 1, vtid: 10, vpid: 10 },
    }),
    0,
  );
  expect(state.threads.has(50)).toBe(false);
});
