/** A repository of Amazon's, or the same one for several architectures. */
export interface AmazonRepository {
  /** The name of its part: `2/core`. */
  readonly name: string;
  /** `2` for Amazon Linux 2. */
  readonly release: string;
  /** Address of the mirror list, with `$basearch` in place of the architecture. */
  readonly mirrorList: string;
  /**
   * The architectures whose updates are read. An update of one architecture is taken to be for all where the others'
   * are not read.
   */
  readonly architectures: readonly string[];
  /** `permanent`: it must be there. `passing`: it need not. `retired`: its server need not even answer any more. */
  readonly state: "permanent" | "passing" | "retired";
}

/** Mirrors are on these hosts and those below them. */
export const amazonHosts: readonly string[] = ["amazonaws.com", "amazonlinux.com"];

/** The names of the optional repositories ("topics") of Amazon Linux 2, in `topics[].n`. */
export const extrasCatalogue = "https://cdn.amazonlinux.com/2/extras-catalog-x86_64.json";

/**
 * Those with a fixed address. The updates of 2022 and 2023 for x86_64 hold those for the other architectures too.
 *
 * Source: `/etc/yum.repos.d` of Amazon's images.
 */
export const fixedRepositories: readonly AmazonRepository[] = [
  {
    name: "1/updates",
    release: "1",
    mirrorList: "http://repo.us-west-2.amazonaws.com/2018.03/updates/$basearch/mirror.list",
    architectures: ["x86_64"],
    state: "retired",
  },
  {
    name: "2/core",
    release: "2",
    mirrorList: "https://cdn.amazonlinux.com/2/core/latest/$basearch/mirror.list",
    architectures: ["x86_64", "aarch64"],
    state: "permanent",
  },
  {
    name: "2022/core",
    release: "2022",
    mirrorList: "https://cdn.amazonlinux.com/al2022/core/mirrors/latest/$basearch/mirror.list",
    architectures: ["x86_64"],
    state: "passing",
  },
  {
    name: "2023/core",
    release: "2023",
    mirrorList: "https://cdn.amazonlinux.com/al2023/core/mirrors/latest/$basearch/mirror.list",
    architectures: ["x86_64"],
    state: "permanent",
  },
  {
    name: "2023/kernel-livepatch",
    release: "2023",
    mirrorList: "https://cdn.amazonlinux.com/al2023/kernel-livepatch/mirrors/latest/$basearch/mirror.list",
    architectures: ["x86_64"],
    state: "passing",
  },
  {
    name: "2023/nvidia",
    release: "2023",
    mirrorList: "https://cdn.amazonlinux.com/al2023/nvidia/mirrors/latest/$basearch/mirror.list",
    architectures: ["x86_64"],
    state: "passing",
  },
];

/** The repository whose packages stand beside those of the topics. */
export const coreOfTopics = "2/core";

const extrasPrefix = "2/extras/";

/** The repository of a topic of Amazon Linux 2. */
export function extrasRepository(topic: string): AmazonRepository {
  return {
    name: `${extrasPrefix}${topic}`,
    release: "2",
    mirrorList: `https://cdn.amazonlinux.com/2/extras/${topic}/latest/$basearch/mirror.list`,
    architectures: ["x86_64"],
    state: "passing",
  };
}

/** The topic of a part, undefined when it is none. */
export function topicOf(part: string): string | undefined {
  return part.startsWith(extrasPrefix) ? part.slice(extrasPrefix.length) : undefined;
}

/** The repository of a part, undefined for a name that was never given to one. */
export function repositoryOf(part: string): AmazonRepository | undefined {
  const topic = topicOf(part);
  if (topic !== undefined) return extrasRepository(topic);
  return fixedRepositories.find(({ name }) => name === part);
}
