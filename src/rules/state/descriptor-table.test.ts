import fc from "fast-check";
import { expect, test } from "vitest";
import { Descriptor } from "./descriptor.ts";
import { DescriptorTable } from "./descriptor-table.ts";

function named(name: string): Descriptor {
  const descriptor = new Descriptor();
  descriptor.name = name;
  return descriptor;
}

const numbers = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: -2, max: 5000 }), fc.constant(2 ** 40));
const actions = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("set" as const), fd: numbers }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), fd: numbers }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleteIf" as const), fd: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("copy" as const), fd: fc.constant(0) }) },
);

/** Does one thing to a table and to the map that says what is right; both give what they answer. */
function act(table: DescriptorTable, right: Map<number, Descriptor>, { kind, fd }: { kind: string; fd: number }): void {
  if (kind === "set") {
    const descriptor = named(String(fd));
    table.set(fd, descriptor);
    right.set(fd, descriptor);
  } else if (kind === "delete") expect(table.delete(fd)).toBe(right.delete(fd));
  else {
    const doomed = [...right].filter(([number]) => number % fd === 0);
    for (const [number] of doomed) right.delete(number);
    expect(table.deleteIf(({ name }) => Number(name) % fd === 0)).toBe(doomed.length);
  }
}

test("a table answers as a map would, and so does each copy, whatever is done to the others", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(actions, fc.nat()), { maxLength: 120 }), (steps) => {
      const tables = [{ table: new DescriptorTable(), right: new Map<number, Descriptor>() }];
      for (const [action, which] of steps) {
        const { table, right } = tables[which % tables.length] ?? { table: new DescriptorTable(), right: new Map() };
        if (action.kind === "copy") tables.push({ table: table.copy(), right: new Map(right) });
        else act(table, right, action);
      }
      for (const { table, right } of tables) {
        expect(table.size).toBe(right.size);
        expect(new Map(table)).toEqual(right);
        expect([...table.values()]).toHaveLength(right.size);
        for (const [fd, descriptor] of right) expect(table.get(fd)).toBe(descriptor);
        expect([-1, 41, 2 ** 40, Number.NaN].map((fd) => table.get(fd))).toEqual(
          [-1, 41, 2 ** 40, Number.NaN].map((fd) => right.get(fd)),
        );
      }
    }),
  );
});

test("some is true when the test is true for one, under a low or a high number", () => {
  const table = new DescriptorTable();
  expect(table.some(() => true)).toBe(false);
  table.set(3, named("low"));
  table.set(1_000_000, named("high"));
  expect(["low", "high", "none"].map((wanted) => table.some(({ name }) => name === wanted))).toEqual([
    true,
    true,
    false,
  ]);
});
