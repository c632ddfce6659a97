/** What failures of the network mean, as clauses, by the code that Node gives them. */
export const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing answers at that port",
  ECONNRESET: "the connection broke off",
  ENOTFOUND: "no host has that name",
  EAI_AGAIN: "the name server does not answer",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no network",
  ETIMEDOUT: "the host does not answer",
};
