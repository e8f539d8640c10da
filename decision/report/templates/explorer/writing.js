// Numbers and names as the page writes them.

const MINUS = "\u2212", NONE = "\u2013";

/** What writes numbers with so many decimals; making one takes longer than a change does. */
const WRITERS = Array.from({ length: 13 }, (_, decimals) => new Intl.NumberFormat("en-US",
  { minimumFractionDigits: decimals, maximumFractionDigits: decimals, roundingMode: "halfEven" }));

/** A number without the rounding of its last digits, so that halves fall as they do in Python. */
function settled(value) {
  return Number(value.toPrecision(12));
}

/** A number with some decimals, to tens or hundreds below 0, with a true minus sign. */
function written(value, places, signed = false) {
  if (value === null || Number.isNaN(value)) return NONE;
  if (Math.abs(value) >= 1e15) return figures(value, 6).replace("-", MINUS);
  const unit = places < 0 ? 10 ** -places : 1, size = settled(Math.abs(value));
  const rounded = places < 0 ? Math.round(size / unit) * unit : size;
  const text = WRITERS[Math.max(places, 0)].format(rounded);
  if (!/[1-9]/.test(text)) return text;
  return (value < 0 ? MINUS : signed ? "+" : "") + text;
}

/** A probability: a tenth of a percent, or two figures below one (skeleton.py has the same). */
function percentage(p) {
  if (p === null) return NONE;
  const percent = 100 * p;
  if (percent >= 0.995 || percent <= 0) return `${Math.max(percent, 0).toFixed(1)}%`;
  if (percent < 1e-4) return "<0.0001%";
  let places = 1;
  while (percent < 10 ** -places) places += 1;
  return `${percent.toFixed(places + 1)}%`;
}

/** A number as a change writes it: the shortest text that reads back as the same number. */
function typed(value) {
  return String(value);
}

/** A number with a few figures. */
function figures(value, digits = 3) {
  return String(Number(value.toPrecision(digits)));
}

/** Decimals that show the gaps between numbers with two figures, no fewer than some. */
function placesFor(numbers, least) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const nothing = 1e-9 * Math.max(...sorted.map(Math.abs));
  const gaps = sorted.slice(1).map((number, i) => settled(number - sorted[i])).filter((gap) => gap > nothing);
  let places = gaps.length ? Math.min(6, 1 - Math.floor(Math.log10(Math.min(...gaps)))) : 0;
  const round = () => sorted.every((number) => written(number, places).endsWith("0"));
  while (places > 0 && round()) places -= 1; // 22.50 and 20.00
  return Math.max(places, least);
}

function spoken(name) {
  return name.replaceAll("_", " ");
}

function listed(names) {
  return names.map(spoken).join(" and ");
}
