import type { ByteString, KernelDescriptor, KernelThread } from "../../model/events/kernel-event.ts";
import { splitTexts } from "./entry-reader.ts";

/**
 * A thread as a list in a capture describes it. Its lists of texts, and its descriptors, are split and read each time
 * they are asked for: a machine has many, and whoever makes its state of them wants them once. What the list does not
 * tell is not there.
 */
export class CaptureThread implements KernelThread {
  tid = 0;
  pid = 0;
  ptid = 0;
  declare sid?: number;
  declare vpgid?: number;
  comm: ByteString = "";
  exe: ByteString = "";
  exepath: ByteString = "";
  argsText: ByteString = "";
  cwd: ByteString = "";
  fdLimit = 0;
  flags = 0;
  uid = 0;
  gid = 0;
  declare vmSizeKb?: number;
  declare vmRssKb?: number;
  declare vmSwapKb?: number;
  declare majorFaults?: number;
  declare minorFaults?: number;
  envText: ByteString = "";
  declare vtid?: number;
  declare vpid?: number;
  cgroupsText: ByteString = "";
  root: ByteString = "";
  declare pidNamespaceStart?: bigint;
  declare tty?: number;
  declare loginUid?: number;
  declare exeWritable?: boolean;
  declare capInheritable?: bigint;
  declare capPermitted?: bigint;
  declare capEffective?: bigint;
  declare exeUpperLayer?: boolean;
  declare exeInode?: bigint;
  declare exeInodeChangeTime?: bigint;
  declare exeInodeModifyTime?: bigint;
  declare exeFromMemfd?: boolean;
  declare exeLowerLayer?: boolean;
  declare pgid?: number;
  readonly #readDescriptors: (tid: number) => readonly KernelDescriptor[];

  constructor(readDescriptors: (tid: number) => readonly KernelDescriptor[]) {
    this.#readDescriptors = readDescriptors;
  }

  get args(): readonly ByteString[] {
    return splitTexts(this.argsText);
  }

  get env(): readonly ByteString[] {
    return splitTexts(this.envText);
  }

  get cgroups(): readonly ByteString[] {
    return splitTexts(this.cgroupsText);
  }

  get descriptors(): readonly KernelDescriptor[] {
    return this.#readDescriptors(this.tid);
  }
}
