import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { reading } from "../../../tests/setup/capture-reading.ts";
import {
  type CaptureEvent,
  capture,
  captureBlock,
  eventBlock,
  machineBlock,
  packed,
  sectionHeader,
} from "../../../tests/setup/write-capture.ts";

const i64 = (value: number) => packed([64, value]);
const read: CaptureEvent = { code: "SYSCALL_READ_X", parameters: [i64(3), packed("abc"), i64(7), packed([32, 512])] };
const sameRead = { id: "SYSCALL_READ_X", parameters: ["0300000000000000", "616263", "0700000000000000", "00020000"] };

describe("event blocks", () => {
  const types = [0x204, 0x8010abcd, 0x208, 0x216, 0x217];
  test.each(types)("of type %i hold the same event", async (block) => {
    const { events, problems } = await reading(capture(eventBlock({ ...read, block, tid: 42, cpu: 3 })));
    expect(events).toMatchObject([{ ...sameRead, number: 1, tid: 42, isHidden: false }]);
    expect(problems).toEqual([]);
  });

  test.each([0x221, 0x222])("of type %i have lengths of 32 bits for codes with a large payload", async (block) => {
    const payload = Buffer.alloc(300_000, 0x7a);
    const event: CaptureEvent = { code: "PLUGINEVENT_E", block, parameters: [packed([32, 9]), payload] };
    const { events, problems } = await reading(
      capture(eventBlock(read), eventBlock(event), eventBlock(read)),
      "head",
      7,
    );
    expect(events.map(({ id }) => id)).toEqual(["SYSCALL_READ_X", "PLUGINEVENT_E", "SYSCALL_READ_X"]);
    expect(events[1]?.parameters[1]).toBe(payload.toString("hex"));
    expect(problems).toEqual([]);
  });

  test.each([0x208, 0x217])("of type %i can say that the event is for the state only", async (block) => {
    const { events } = await reading(capture(eventBlock({ ...read, block, flags: 1 }), eventBlock({ ...read, block })));
    expect(events.map(({ isHidden }) => isHidden)).toEqual([true, false]);
  });

  test("come in however many pieces they come", async () => {
    const bytes = capture(...Array.from({ length: 500 }, (_, tid) => eventBlock({ ...read, tid })));
    for (const pieces of [1, 3, 997]) {
      for (const packedBytes of [bytes, gzipSync(bytes)]) {
        const { events } = await reading(packedBytes, "head", pieces);
        expect(events.map(({ tid }) => tid)).toEqual(Array.from({ length: 500 }, (_, tid) => tid));
      }
    }
  });

  test("more than fit into one batch are numbered through", async () => {
    const bytes = capture(...new Array<Buffer>(20_000).fill(eventBlock(read)));
    const { events } = await reading(bytes);
    expect(events).toHaveLength(20_000);
    expect(events.every(({ number }, index) => number === index + 1)).toBe(true);
  });

  test("with more parameters than are known lose those behind", async () => {
    const parameters = [...(read.parameters ?? []), packed("new"), packed("newer")];
    const { events } = await reading(capture(eventBlock({ ...read, parameters })));
    expect(events).toMatchObject([sameRead]);
  });

  test("of unknown kinds are left out and told of", async () => {
    const { events, problems } = await reading(capture(eventBlock({ code: 9999 }), eventBlock(read)));
    expect(events).toMatchObject([{ ...sameRead, number: 1 }]);
    expect(problems).toMatchObject([{ code: "not-examined", message: expect.stringContaining("1 events of types") }]);
  });
});

describe("other blocks", () => {
  test("of unknown types are passed over before and between events, and told of", async () => {
    const unknown = captureBlock(0x7777, Buffer.alloc(700_000));
    const { events, problems } = await reading(
      capture(unknown, eventBlock(read), unknown, eventBlock(read)),
      "head",
      5,
    );
    expect(events.map(({ number }) => number)).toEqual([1, 2]);
    expect(problems).toMatchObject([{ code: "not-examined", message: expect.stringContaining("2 blocks") }]);
  });

  test("the options of a section header are passed over", async () => {
    const comment = packed([16, 1], [16, 5], "hello", "\0\0\0", [32, 0]);
    const bytes = Buffer.concat([sectionHeader({ options: comment.toString("latin1") }), eventBlock(read)]);
    expect((await reading(bytes)).events).toMatchObject([sameRead]);
  });

  test("a later section begins with a snapshot of its own, and numbers go on", async () => {
    const users = captureBlock(0x220, packed([32, 16], [8, 1], [32, 5], [16, 5], "staff"));
    const first = [sectionHeader(), machineBlock("first"), eventBlock(read)];
    const second = [sectionHeader(), machineBlock("second"), users, eventBlock(read)];
    const { snapshot, snapshots, events } = await reading(Buffer.concat([...first, ...second]));
    expect(snapshot.machine.hostname).toBe("first");
    expect(snapshots).toMatchObject([{ machine: { hostname: "second" }, groups: [{ gid: 5, name: "staff" }] }]);
    expect(events.map(({ number }) => number)).toEqual([1, 2]);
  });

  test("a capture without events has a snapshot", async () => {
    const { snapshot, events, problems } = await reading(capture());
    expect(snapshot.machine).toEqual({
      cpuCount: 4,
      memoryBytes: 8 * 2 ** 30,
      maxProcessId: 32768,
      hostname: "host",
      bootTime: 1_700_000_000_000_000_000n,
    });
    expect([events, problems]).toEqual([[], []]);
  });
});

describe("meta events", () => {
  const user: CaptureEvent = { code: "USER_ADDED_E", parameters: [] };

  test("are hidden and counted before the first event of another kind, and handed out behind it", async () => {
    const bytes = capture(eventBlock(user), eventBlock(read), eventBlock(user));
    for (const generation of ["head", "0.40"] as const) {
      const { events } = await reading(bytes, generation);
      expect(events.map(({ number, isHidden }) => [number, isHidden])).toEqual([
        [1, true],
        [2, false],
        [3, false],
      ]);
    }
  });
});

describe("events before a system call", () => {
  const enter: CaptureEvent = { code: "SYSCALL_READ_E", parameters: [i64(7), packed([32, 512])] };
  const exit: CaptureEvent = { code: "SYSCALL_READ_X", parameters: [i64(3), packed("abc")] };

  test("give their parameters to the one after it and are not handed out", async () => {
    const { events } = await reading(capture(eventBlock(enter), eventBlock(exit)));
    expect(events).toMatchObject([{ ...sameRead, number: 1 }]);
  });

  test("of another thread or another call give nothing, and are given once", async () => {
    const other = eventBlock({ ...enter, tid: 2 });
    const { events } = await reading(
      capture(other, eventBlock(exit), eventBlock(enter), eventBlock(exit), eventBlock(exit)),
    );
    const without = { parameters: ["0300000000000000", "616263", "0000000000000000", "00000000"] };
    expect(events).toMatchObject([without, sameRead, without]);
  });

  test("are handed out in generation 0.40, which sees what its library converted", async () => {
    const { events } = await reading(capture(eventBlock(enter), eventBlock(exit)), "0.40");
    expect(events).toMatchObject([
      { id: "SYSCALL_READ_E", number: 1, visible: 2 },
      { ...sameRead, number: 2, visible: 4 },
    ]);
  });

  test("give 0.40 parameters that its readers do not see", async () => {
    const before: CaptureEvent = { code: "SYSCALL_CLOSE_E", parameters: [i64(5)] };
    const after: CaptureEvent = { code: "SYSCALL_CLOSE_X", parameters: [i64(0)] };
    const { events } = await reading(capture(eventBlock(before), eventBlock(after)), "0.40");
    expect(events[1]).toMatchObject({ parameters: ["0000000000000000", "0500000000000000"], visible: 1 });
  });

  test("that the state still needs are handed out hidden, and counted", async () => {
    const open: CaptureEvent = { code: "SYSCALL_OPEN_E", parameters: [] };
    const { events } = await reading(capture(eventBlock(open), eventBlock(read)));
    expect(events).toMatchObject([
      { id: "SYSCALL_OPEN_E", number: 1, isHidden: true, parameters: ["", "", ""] },
      { number: 2, isHidden: false },
    ]);
  });

  test("an old execve becomes the current one, with the file name of the event before it", async () => {
    const parameters = Array.from({ length: 17 }, (_, index) => packed([8, index]));
    const before = eventBlock({ code: "SYSCALL_EXECVE_18_E", parameters: [packed("/bin/a\0")] });
    const { events } = await reading(capture(before, eventBlock({ code: "SYSCALL_EXECVE_18_X", parameters })));
    expect(events[0]).toMatchObject({ id: "SYSCALL_EXECVE_19_E", isHidden: true });
    const values = parameters.map((value) => value.toString("hex"));
    const empty = new Array<string>(13).fill("");
    expect(events[1]).toMatchObject({ id: "SYSCALL_EXECVE_19_X", parameters: [...values, ...empty, "2f62696e2f6100"] });
  });

  test("parameters that came into the middle are empty, in both generations", async () => {
    const parameters = Array.from({ length: 17 }, (_, index) => packed([8, index]));
    for (const generation of ["head", "0.40"] as const) {
      const { events } = await reading(capture(eventBlock({ code: "SYSCALL_CLONE_17_X", parameters })), generation);
      const expected = [...parameters.map((value) => value.toString("hex")), "", "", ""];
      expected.splice(14, 0, "");
      expect(events).toMatchObject([{ id: "SYSCALL_CLONE_20_X", parameters: expected }]);
    }
  });

  test("a container of the first version becomes JSON, also with quotes in its name", async () => {
    const parameters = [packed("0123456789ab\0"), packed([32, 0]), packed('we"b\0'), packed("nginx\0")];
    const event = eventBlock({ code: "CONTAINER_E", parameters });
    const { events } = await reading(capture(event, eventBlock(read)));
    expect(events[0]).toMatchObject({ id: "CONTAINER_JSON_2_E", isHidden: true });
    const json = Buffer.from(events[0]?.parameters[0] ?? "", "hex").toString();
    expect(json.endsWith("\0")).toBe(true);
    expect(JSON.parse(json.slice(0, -1))).toEqual({ id: "0123456789ab", type: 0, name: 'we"b', image: "nginx" });
  });
});
