import { captureBlock, machineBlock, packed, sectionHeader, text } from "../tests/setup/write-capture.ts";

/** How large a machine is: each thread is a process, and all have as many descriptors. */
export interface MachineSize {
  readonly threads: number;
  readonly descriptors: number;
}

const threadList = 0x215;
const descriptorList = 0x218;
const threadsAtOnce = 1000;

/**
 * The pieces of a capture without events, of a machine on which services run in containers: of ten descriptors six are files with names
 * of their own, two are connections, one is a Unix socket and one a pipe.
 */
export function* largeMachine({ threads, descriptors }: MachineSize): Generator<Buffer> {
  yield sectionHeader();
  yield machineBlock("bench");
  for (let first = 1; first <= threads; first += threadsAtOnce) {
    const count = Math.min(threadsAtOnce, threads - first + 1);
    const entries = Array.from({ length: count }, (_, index) => threadEntry(first + index));
    yield captureBlock(threadList, Buffer.concat(entries));
  }
  const each = Math.floor(descriptors / threads);
  for (let tid = 1; tid <= threads; tid++) {
    const entries = Array.from({ length: each }, (_, fd) => descriptorEntry(tid, { fd, inode: tid * each + fd }));
    yield captureBlock(descriptorList, Buffer.concat([packed([64, tid]), ...entries]));
  }
}

function threadEntry(tid: number): Buffer {
  const service = `service-${tid % 500}`;
  const pod = `/kubepods/pod${tid % 200}/${"ab".repeat(30)}${(tid % 200).toString(16).padStart(4, "0")}`;
  const body = Buffer.concat([
    packed([64, tid], [64, tid], [64, Math.floor(tid / 2)], [64, tid], [64, tid]),
    text(service),
    text(`/usr/bin/${service}`),
    text(`/usr/bin/${service}`),
    text(`--config\0/etc/${service}.yaml\0--worker=${tid}\0`),
    text("/"),
    packed([64, 1024], [32, 0], [32, 0], [32, 0]),
    packed([32, 200_000], [32, 20_000], [32, 0], [64, 10], [64, 1000]),
    text(`PATH=/usr/local/bin:/usr/bin:/bin\0HOME=/root\0WORKER=${tid}\0`),
    packed([64, tid], [64, tid]),
    text(`memory=${pod}\0cpu=${pod}\0`),
    text("/"),
    packed([64, 0], [32, 0], [32, 0xffff_ffff], [8, 0], [64, 0], [64, 0x1ff_ffff], [64, 0x1ff_ffff]),
    packed([8, 0], [64, 70_000 + (tid % 500)], [64, 1_690_000_000_000_000_000n], [64, 1_690_000_000_000_000_000n]),
    packed([8, 0], [8, 0], [64, tid]),
  ]);
  return packed([32, 4 + body.length], body);
}

function descriptorEntry(tid: number, { fd, inode }: { readonly fd: number; readonly inode: number }): Buffer {
  const about = aboutDescriptor(tid, fd);
  return packed([32, 21 + about.body.length], [64, fd], [64, inode], [8, about.type], about.body);
}

function aboutDescriptor(tid: number, fd: number): { readonly type: number; readonly body: Buffer } {
  switch (fd % 10) {
    case 0:
      return { type: 7, body: text(`pipe:[${tid * 10 + fd}]`) };
    case 1:
      return { type: 8, body: packed([64, 0xffff_8880_0000_0000n + BigInt(tid)], [64, 0], text("/run/log.socket")) };
    case 2:
    case 3: {
      const source = Buffer.from([10, 1, tid >> 8, tid]);
      return { type: 3, body: packed(source, Buffer.from([10, 2, fd, tid]), [16, 32_768 + fd], [16, 443], [8, 2]) };
    }
    default:
      return {
        type: 16,
        body: packed([32, 1], text(`/var/lib/service-${tid % 500}/data/${tid}/${fd}.log`), [32, 2049]),
      };
  }
}
