import { secretSearch } from "../../detectors/secrets/find-secrets.ts";
import { secretRules } from "../../detectors/secrets/rules/builtin.ts";
import type { Extraction, Extractor } from "../../extractors/extractor.ts";
import { isInDependency } from "../../extractors/is-in-dependency.ts";
import type { OpenFile } from "../../model/images/file.ts";
import type { Context } from "../../model/plugin.ts";

/** Bytes. Larger texts are data more often than configuration, and are not searched. */
export const largestText: number = 4 * 1024 * 1024;
/** A NUL in the first bytes is the mark of a file that is not text. */
const headOfText = 8_192;

const search = secretSearch(secretRules);
const rulesWithExamples: ReadonlySet<string> = new Set(
  secretRules.filter(({ hasExamples }) => hasExamples).map(({ id }) => id),
);

/** Documentation, and the tests of the standard libraries of Python and Go. */
const publishedPlaces =
  /(?:^|\/)(?:usr\/share\/(?:doc|man|info)|lib\/python[\d.]+\/(?:test|lib2to3|idlelib)|go\/src)\//;

/**
 * Looks for secrets in every text. In published software, what examples look like is left out, and tokens of a stated
 * form are not. Increase its revision when a rule changes.
 */
export const secretExtractor: Extractor = {
  id: "secrets/text",
  revision: 2,
  files: [{ upTo: largestText }],
  extract,
};

/** The same without the files of installed packages, which in a repository are not its own. */
export const ownSecretExtractor: Extractor = {
  ...secretExtractor,
  extract: (file, context) => (isInDependency(file.path) ? [] : extract(file, context)),
};

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const head = file.read(0, Math.min(headOfText, file.size));
  if (head.includes(0)) return;
  const bytes = head.length === file.size ? head : file.read(0, file.size);
  const { secrets, complete } = search(bytes);
  const isPublished = isInDependency(file.path) || publishedPlaces.test(file.path);
  for (const secret of secrets) {
    if (!isPublished || !rulesWithExamples.has(secret.rule)) yield { kind: "secret", secret };
  }
  if (complete) return;
  const message = `${file.path} was not searched completely for secrets: it has too many candidates`;
  problem({ code: "limit-exceeded", message, path: file.path });
}
