import { expect, test } from "vitest";
import { reading } from "../../../tests/setup/capture-reading.ts";
import {
  type CaptureEvent,
  type CaptureValue,
  capture,
  captureBlock,
  eventBlock,
  packed,
  text,
} from "../../../tests/setup/write-capture.ts";

const event: CaptureEvent = { code: "PROCINFO_E", parameters: [packed([64, 1]), packed([64, 2])] };

/** A thread as version `version` of the list has it. */
function threadEntry(version: number, tail: readonly CaptureValue[] = []): Buffer {
  const since = (first: number, ...values: CaptureValue[]) => (version >= first ? packed(...values) : "");
  const body = packed(
    ...([
      [64, 12],
      [64, 10],
      [64, -1],
    ] as const),
    since(6, [64, 5]),
    since(8, [64, 6]),
    ...[text("sh"), text("/bin/sh"), since(7, text("/usr/bin/dash")), text("-c\0\0true\0"), text("/root/")],
    ...([
      [64, 1024],
      [32, 0x80000],
      [32, 1000],
      [32, 100],
    ] as const),
    since(2, [32, 11], [32, 12], [32, 13], [64, 14], [64, 15]),
    since(3, text("A=1\0B=2\0")),
    since(4, [64, 2], [64, 1], text("cpu=/a\0memory=/b\0")),
    since(5, text("/srv")),
  );
  if (version < 9) return body;
  const rest = packed(...tail);
  return packed([32, 4 + body.length + rest.length], body, rest);
}

const versionBlocks = [0x202, 0x207, 0x209, 0x210, 0x211, 0x212, 0x213, 0x214, 0x215];

test.each(versionBlocks.map((type, index) => [index + 1, type]))(
  "lists of threads are read in version %i",
  async (version, type) => {
    const entry = threadEntry(version);
    const { snapshot } = await reading(capture(captureBlock(type, packed(entry, entry)), eventBlock(event)));
    expect(snapshot.threads).toHaveLength(2);
    const later = <T>(first: number, value: T, before?: T) => (version >= first ? value : before);
    const thread = snapshot.threads[1];
    expect(thread).toMatchObject({
      env: later(3, ["A=1", "B=2"], []),
      cgroups: later(4, ["cpu=/a", "memory=/b"], []),
      root: later(5, "/srv", ""),
    });
    expect(thread).toMatchObject({
      tid: 12,
      pid: 10,
      ptid: -1,
      comm: "sh",
      exe: "/bin/sh",
      args: ["-c", "", "true"],
    });
    expect(thread).toMatchObject({ cwd: "/root/", fdLimit: 1024, flags: 0x80000, uid: 1000, gid: 100 });
    expect(thread?.exepath).toBe(later(7, "/usr/bin/dash", ""));
    expect([thread?.sid, thread?.vpgid, thread?.minorFaults, thread?.vtid, thread?.vpid]).toEqual([
      ...[later(6, 5), later(8, 6), later(2, 15), later(4, 2), later(4, 1)],
    ]);
  },
);

test.each([
  [1, 0x8000abcd],
  [2, 0x8013abcd],
  [3, 0x8014abcd],
])("lists of threads of version %i have another number in the oldest captures", async (version, type) => {
  const { snapshot } = await reading(capture(captureBlock(type, threadEntry(version))));
  expect(snapshot.threads).toMatchObject([{ tid: 12, gid: 100 }]);
});

test("lists of threads end as their length says", async () => {
  const long: CaptureValue[] = [
    [64, 77],
    [32, 34816],
    [32, 1000],
    [8, 1],
    [64, 1],
    [64, 2],
    [64, 3],
    [8, 1],
  ];
  long.push([64, 99], [64, 5], [64, 6], [8, 1], [8, 1], [64, 9], "something newer");
  const shorter: CaptureValue[] = [
    [32, 1000],
    [8, 1],
    [64, 1],
    [64, 2],
    [64, 3],
  ];
  const entries = [threadEntry(9, long), threadEntry(9, shorter), threadEntry(9)];
  const { snapshot } = await reading(capture(captureBlock(0x215, packed(...entries))));
  expect(snapshot.threads).toHaveLength(3);
  const known = { loginUid: 1000, exeWritable: true, capInheritable: 1n, capPermitted: 2n, capEffective: 3n };
  expect(snapshot.threads[0]).toMatchObject({
    ...known,
    ...{ pidNamespaceStart: 77n, tty: 34816, exeUpperLayer: true, exeInode: 99n, exeInodeChangeTime: 5n },
    ...{ exeInodeModifyTime: 6n, exeFromMemfd: true, exeLowerLayer: true, pgid: 9 },
  });
  expect(snapshot.threads[1]).toMatchObject(known);
  expect(snapshot.threads[1]).not.toHaveProperty("tty");
  expect(snapshot.threads[2]).not.toHaveProperty("loginUid");
});

test.each([
  [1, 0x203],
  [1, 0x8001abcd],
  [2, 0x218],
])("lists of descriptors of version %i are read from blocks of type %i", async (version, type) => {
  const entry = (fd: number, kind: number, ...about: CaptureValue[]) => {
    const body = packed([64, fd], [64, 900 + fd], [8, kind], ...about);
    return version === 2 ? packed([32, body.length + 4], body) : body;
  };
  const v6 = (last: number) => packed(Buffer.alloc(15), [8, last]);
  const list = packed(
    [64, 12],
    entry(0, 16, [32, 1], text("/etc/hosts"), ...(version === 2 ? ([[32, 45]] as const) : [])),
    entry(1, 3, packed([8, 127], [16, 0], [8, 1]), packed([8, 10], [16, 0], [8, 2]), [16, 1234], [16, 80], [8, 2]),
    entry(2, 5, packed([32, 0]), [16, 53], [8, 3]),
    entry(3, 4, v6(1), v6(2), [16, 1], [16, 2], [8, 2]),
    entry(4, 6, v6(1), [16, 22], [8, 2]),
    entry(5, 8, [64, 17], [64, 18], text("/run/s\0junk")),
    entry(6, 7, text("pipe:[5]")),
    entry(7, 0),
    entry(8, 99, ...(version === 2 ? ["what is this"] : [])),
  );
  const blocks = [captureBlock(0x215, threadEntry(9)), captureBlock(type, list), eventBlock(event)];
  const { snapshot } = await reading(capture(...blocks));
  expect(snapshot.threads[0]?.descriptors).toEqual([
    { fd: 0, inode: 900n, type: 16, openFlags: 1, name: "/etc/hosts", ...(version === 2 && { device: 45 }) },
    {
      ...{ fd: 1, inode: 901n, type: 3, protocol: 2 },
      source: { address: "\x7f\0\0\x01", port: 1234 },
      destination: { address: "\x0a\0\0\x02", port: 80 },
    },
    { fd: 2, inode: 902n, type: 5, protocol: 3, source: { address: "\0\0\0\0", port: 53 } },
    {
      ...{ fd: 3, inode: 903n, type: 4, protocol: 2 },
      source: { address: `${"\0".repeat(15)}\x01`, port: 1 },
      destination: { address: `${"\0".repeat(15)}\x02`, port: 2 },
    },
    { fd: 4, inode: 904n, type: 6, protocol: 2, source: { address: `${"\0".repeat(15)}\x01`, port: 22 } },
    { fd: 5, inode: 905n, type: 8, unixSource: 17n, unixDestination: 18n, name: "/run/s" },
    { fd: 6, inode: 906n, type: 7, name: "pipe:[5]" },
    { fd: 7, inode: 907n, type: 0 },
    { fd: 8, inode: 908n, type: 10, name: "unknown-type:[99]" },
  ]);
});

test.each([
  [1, 0x205],
  [1, 0x8011abcd],
  [2, 0x219],
])("lists of interfaces of version %i are read from blocks of type %i", async (version, type) => {
  const entry = (kind: number, name: string) => {
    const address = (byte: number) => Buffer.alloc(kind % 2 === 1 ? 4 : 16, byte);
    const speed = kind <= 2 ? [packed([64, 1000])] : [];
    const body = packed([16, kind], [16, name.length], address(1), address(2), address(3), ...speed, name);
    return version === 2 ? packed([32, body.length], body) : body;
  };
  const list = packed(...[1, 2, 3, 4].map((kind) => entry(kind, `eth${kind}`)));
  const { snapshot } = await reading(capture(captureBlock(type, list), eventBlock(event)));
  expect(snapshot.interfaces).toEqual(
    [1, 2, 3, 4].map((kind) => {
      const address = (byte: string) => byte.repeat(kind % 2 === 1 ? 4 : 16);
      return { name: `eth${kind}`, address: address("\x01"), netmask: address("\x02"), broadcast: address("\x03") };
    }),
  );
});

test.each([
  [1, 0x206],
  [1, 0x8012abcd],
  [2, 0x220],
])("lists of users and groups of version %i are read from blocks of type %i", async (version, type) => {
  const entry = (...values: CaptureValue[]) => {
    const body = packed(...values);
    return version === 2 ? packed([32, body.length + 4 + 3], body, "new") : body;
  };
  const user = entry([8, 0], [32, 1000], [32, 100], text("ann"), text("/home/ann"), text("/bin/zsh"));
  const group = entry([8, 1], [32, 100], text("users"));
  const { snapshot } = await reading(capture(captureBlock(type, packed(user, group)), eventBlock(event)));
  expect(snapshot.users).toEqual([{ uid: 1000, gid: 100, name: "ann", home: "/home/ann", shell: "/bin/zsh" }]);
  expect(snapshot.groups).toEqual([{ gid: 100, name: "users" }]);
});

test("lists larger than the window that is looked at are read entry by entry", async () => {
  const entry = threadEntry(9, ["x".repeat(30_000)]);
  const list = captureBlock(0x215, packed(...new Array<Buffer>(50).fill(entry)));
  const { snapshot, events } = await reading(capture(list, eventBlock(event)), "head", 11);
  expect(snapshot.threads).toHaveLength(50);
  expect(events).toHaveLength(1);
});
