import fc from "fast-check";
import { expect, test } from "vitest";
import { compileExpression } from "../expression.ts";

test.each([
  // Lists.
  "[1, 2, 1].distinct() == [1, 2]",
  "[[1], [2, [3]]].flatten() == [1, 2, [3]] && [[1, [2, [3]]]].flatten(2) == [1, 2, [3]]",
  "lists.range(3) == [0, 1, 2] && [1, 2].reverse() == [2, 1] && [1, 2, 3].slice(1, 2) == [2]",
  "['b', 'a'].sort() == ['a', 'b'] && ['aaa', 'b'].sortBy(x, x.size()) == ['b', 'aaa']",
  "['😀', '｡'].sort() == ['｡', '😀']",
  "[duration('1s'), duration('2s')].sum() == duration('3s') && [1u, 2u].sum() == 3u && [].sum() == 0",
  "[3, 1].min() == 1 && ['a', 'b'].max() == 'b' && [1, 2].last().value() == 2 && ![].first().hasValue()",
  "sets.contains([1, 2], [2]) && !sets.contains([1], [2]) && sets.equivalent([1, 2, 2], [2, 1]) && sets.intersects([1], [1.0])",
  // Quantities.
  "quantity('1Gi') == quantity('1024Mi') && quantity('1500m') == quantity('1.5') && quantity('1e3') == quantity('1k')",
  "isQuantity('-5m') && !isQuantity('5 Mi') && !isQuantity('') && !isQuantity('.') && quantity('.5').compareTo(quantity('500m')) == 0",
  "quantity('2').sub(quantity('500m')).asApproximateFloat() == 1.5 && sign(quantity('-1')) == -1 && !quantity('1500m').isInteger()",
  "quantity('1Ei').isGreaterThan(quantity('1E')) && quantity('0.1n') == quantity('1n')",
  // Addresses.
  "string(ip('1:0:0:2:0:0:0:3')) == '1:0:0:2::3' && string(ip('::')) == '::' && string(ip('1::')) == '1::'",
  "!isIP('01.2.3.4') && !isIP('1::2::3') && !isIP('') && isIP('::ffff:102:304') && !isIP('::ffff:1.2.3.4')",
  "!isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0') && !isCIDR('10.0.0.0/08') && isCIDR('::/0')",
  "cidr('10.1.2.3/9').masked() == cidr('10.0.0.0/9') && !cidr('10.0.0.0/8').containsIP('::1')",
  // URLs.
  "url('https://u:p@[::1]:80/a b?x=1&x=%20&y').getHost() == '[::1]:80' && url('https://[::1]:80/').getHostname() == '::1'",
  "url('https://h/a b?x=1&x=%20&y').getQuery() == {'x': ['1', ' '], 'y': ['']} && url('https://h/a b').getEscapedPath() == '/a%20b'",
  "url('/a').getHost() == '' && url('https://h').getPort() == '' && !isURL('') && !isURL('h/x') && !isURL('http://h:x/') && !isURL('/%zz')",
  // Versions.
  "semver('1.2.3-alpha.2').isLessThan(semver('1.2.3-alpha.10')) && semver('1.2.3-rc').isLessThan(semver('1.2.3'))",
  "semver('1.2.3+a') == semver('1.2.3+b') && semver('v1.2', true) == semver('1.2.0') && !isSemver('1.02.3') && !isSemver('1.2.3-01')",
  "semver('1.0.0').compareTo(semver('1.0.0-1')) == 1",
  // Formats of strings.
  "format.named('nothing') == optional.none() && format.dns1123Subdomain().validate('a.b-c').hasValue() == false",
  "format.labelValue().validate('').hasValue() == false && format.qualifiedName().validate('a/b/c').hasValue()",
  "format.dns1035LabelPrefix().validate('abc-').hasValue() == false && format.dns1123Label().validate('A').hasValue()",
  "format.date().validate('2024-02-29').hasValue() == false && format.byte().validate('a').hasValue()",
  // Patterns.
  "'a1b22'.find('[0-9]+') == '1' && 'x'.find('[0-9]') == '' && 'a1b22'.findAll('[0-9]+') == ['1', '22'] && 'aa'.findAll('a', 0) == []",
  "'aäb'.findAll('') == ['', '', '', '']",
  // Text.
  "'abc'.replace('', '-') == '-a-b-c-' && 'aaa'.replace('a', 'b', 2) == 'bba' && '日本'.replace('', '.') == '.日.本.'",
  "'a-b-c'.split('-', 2) == ['a', 'b-c'] && 'ab'.split('') == ['a', 'b'] && ''.split(',') == ['']",
  "'abc'.reverse() == 'cba' && strings.quote('a\"\\n') == '\"a\\\\\"\\\\n\"'",
  "base64.decode('aGk=') == b'hi' && base64.decode('aGk') == b'hi' && base64.encode(b'hi') == 'aGk='",
  "'%5s'.size() == 3 && '%s-%d-%x-%.1f'.format(['a', 1, 255, 2.0]) == 'a-1-ff-2.0'",
  // Times.
  "timestamp('2024-03-10T10:00:00Z').getHours('America/New_York') == 6 && timestamp('2024-03-10T05:00:00Z').getHours('America/New_York') == 0",
  "timestamp('0001-01-01T00:00:00Z').getFullYear() == 1 && timestamp('2024-12-31T23:00:00Z').getDayOfYear('+02:00') == 0",
  "string(timestamp('2024-01-01T00:00:00.120+01:00')) == '2023-12-31T23:00:00.12Z' && string(duration('-1.5s')) == '-1.5s'",
])("holds: %s", (source) => {
  const compiled = compileExpression(source, { variables: [] });
  expect(compiled).toHaveProperty("expression");
  expect("expression" in compiled && compiled.expression.evaluate({ values: {} })).toEqual({ value: true });
});

test.each([
  ["'%s'.format([['a', 1, 1.5, null, true]])", '["a", 1, 1.500000, null, true]'],
  ["'%s'.format([[['a\\n\"'], b'x']])", '[["a\\n\\""], b"x"]'],
  ["'%s'.format([{'b': 'c', 'a': [1u]}])", '{"a":[1], "b":"c"}'],
  [
    "'%s'.format([[duration('90s'), timestamp('2024-01-01T00:00:00Z')]])",
    '[duration("90s"), timestamp("2024-01-01T00:00:00Z")]',
  ],
  ["'%s %s'.format(['a', duration('90s')])", "a 90s"],
])("on an API server %s is %s", (source, expected) => {
  const compiled = compileExpression(source, { variables: [], functions: "kubernetes" });
  expect("expression" in compiled && compiled.expression.evaluate({ values: {} })).toEqual({ value: expected });
});

test("an API server has no reverse() of texts, which came with a later version of the extension", () => {
  expect(compileExpression("'abc'.reverse()", { variables: [], functions: "kubernetes" })).toHaveProperty("error");
  expect(compileExpression("'abc'.reverse()", { variables: [] })).toHaveProperty("expression");
});

const words = fc.constantFrom(
  ..."object . [ ] ( ) { } , : ? ! - + * / % < <= == && || in has all exists map filter size 1 2u 0.5 'a' b'x' \"\\n\" null true x .? [? cel bind optional of orValue matches split format timestamp duration quantity url".split(
    " ",
  ),
);

test("whatever the text is, the outcome is a value or an error", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(words, { maxLength: 25 }).map((all) => all.join(" ")),
      ),
      (source) => {
        for (const isUnchecked of [false, true]) {
          const compiled = compileExpression(source, { variables: ["object"], isUnchecked });
          if ("error" in compiled) expect(compiled.line).toBeGreaterThan(0);
          else compiled.expression.evaluate({ values: { object: { a: [1, "x", null], b: { c: true } } } });
        }
      },
    ),
    { numRuns: 1000 },
  );
});
