// The small language (docs/spec/questions.md): what a change says. Nothing is ever evaluated.
//
// The parser goes the way of decision/model/parsing.py, so that the page takes and refuses what
// Python does.

const LONGEST = 10000;
// What both Python and a browser hold for a space.
const S = "[ \\t\\n\\r\\f\\v\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const HOW = "write P(node=state | parent=state) = 0.3, odds(…) *= 2, V(value) = 10 or weight(value) = 1";
const BARS = /\S\|\s|\s\||\|(?:[a-z][a-z0-9_]*\s*=|do\s*\()/;

/** What is wrong with a change and what to do: two parts of one sentence. */
class Refusal extends Error {
  constructor(what, todo) {
    super(`${what}; ${todo}`);
  }
}

/** A text that may be anything, cut to what a sentence can hold. */
function quoted(text) {
  const plain = String(text).replace(/\s+/g, " ").trim();
  return `“${plain.length > 80 ? `${plain.slice(0, 79)}…` : plain}”`;
}

const token = (source) => new RegExp(`${S}*${source}`, "y");
const WORDS = {
  target: token("(P|odds|V|weight)"), name: token("([a-z][a-z0-9_]*)"),
  state: token("([a-z0-9][a-z0-9_]*)"), open: token("\\("), close: token("\\)"), comma: token(","),
  equals: token("="), operator: token("([*+-]?=)"), minus: token("-"), end: token("$"),
  number: token("([0-9]+/[0-9]+|(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"),
  bar: new RegExp(`${S}+\\|${S}+`, "y"), alternative: new RegExp(`(?<!${S})\\|(?!${S})`, "y"),
};

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  /** What comes next, if it is of that kind; read then. */
  maybe(kind) {
    const pattern = WORDS[kind];
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return null;
    this.at = pattern.lastIndex;
    return found[1] ?? found[0];
  }

  need(kind) {
    const found = this.maybe(kind);
    if (found === null) throw this.stopped();
    return found;
  }

  stopped() {
    const what = `${quoted(this.text)} is no change`, left = this.text.slice(this.at).trim();
    if (BARS.test(this.text)) return new Refusal(what, "put spaces around the bar before conditions");
    if (!left) return new Refusal(`${what}: it ends too early`, HOW);
    return new Refusal(`${what}: ${quoted(left.slice(0, 20))} is unexpected`, HOW);
  }

  assignment() {
    const name = this.need("name");
    this.need("equals");
    const states = [this.need("state")];
    return { name, states };
  }

  conditions() {
    const found = [];
    do {
      const one = this.assignment();
      while (this.maybe("alternative") !== null) one.states.push(this.need("state"));
      found.push(one);
    } while (this.maybe("comma") !== null);
    return found;
  }
}

function numberOf(text) {
  const parts = text.split("/");
  const value = parts.length < 2 ? Number(text) : Number(parts[0]) / Number(parts[1]);
  const long = parts.length === 2 && parts.some((part) => part.length > 300);
  if (!Number.isFinite(value) || long) {
    throw new Refusal(`${quoted(text)} is no finite number`, "write it like 0.25 or 1/4");
  }
  return value;
}

/** What a change says; a text that is none throws a Refusal. */
function parsed(text) {
  if (text.length > LONGEST) {
    throw new Refusal(`${quoted(text)} is no change`, `use at most ${LONGEST} characters`);
  }
  const reader = new Reader(text);
  const change = { kind: reader.need("target"), state: null, conditions: [], text };
  reader.need("open");
  if (change.kind === "P" || change.kind === "odds") {
    const { name, states: [state] } = reader.assignment();
    [change.node, change.state] = [name, state];
  } else {
    change.node = reader.need("name");
  }
  if (change.kind !== "weight" && reader.maybe("bar") !== null) change.conditions = reader.conditions();
  reader.need("close");
  change.left = text.slice(0, reader.at).trim();
  change.operator = reader.need("operator");
  const minus = reader.maybe("minus") !== null;
  const written = reader.need("number");
  reader.need("end");
  if (change.kind === "odds" && change.operator !== "*=") {
    throw new Refusal(`${quoted(text)} is no change`, "odds(…) takes *= only");
  }
  change.number = minus ? -numberOf(written) : numberOf(written);
  return change;
}
