import { describe, expect, test } from "vitest";
import { estargzFooter } from "../../../../tests/setup/chunked-layer.ts";
import { readEstargzFooter } from "./estargz-footer.ts";

describe("the footer of an eStargz layer", () => {
  test.each([
    ["eStargz", false, 51],
    ["stargz", true, 47],
  ])("of %s says where the table is", (_, legacy, size) => {
    const bytes = Buffer.concat([Buffer.from("before"), estargzFooter(0x1234abcd, legacy)]);
    expect(readEstargzFooter(bytes)).toEqual({ tableFrom: 0x1234abcd, size });
  });

  test("is none when it is short, damaged anywhere, or names a place beyond 2^53", () => {
    const footer = estargzFooter(0x1234abcd);
    expect(readEstargzFooter(footer.subarray(1))).toBeUndefined();
    expect(readEstargzFooter(Buffer.alloc(0))).toBeUndefined();
    for (const at of [0, 3, 10, 12, 13, 14, 32, 38, 42]) {
      const damaged = Buffer.from(footer);
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      expect(readEstargzFooter(damaged)).toBeUndefined();
    }
    for (const digits of ["ffffffffffffffff", "-000000000000001", " 0000000000000001".slice(1, 16).concat("g")]) {
      const lying = Buffer.from(footer);
      lying.write(digits, 16, "latin1");
      expect(readEstargzFooter(lying)).toBeUndefined();
    }
  });
});
