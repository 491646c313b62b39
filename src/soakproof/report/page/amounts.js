// Amounts, times and ticks as the charts drawn by Python say them (soakproof.wording.numbers, report/charts/axes.py).
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const COMPACT_UNITS = ["", "k", "M", "G", "T"];
const NICE_STEPS = [1, 2, 2.5, 5, 10];
const MINUTE_S = 60;
const HOUR_S = 3600;

const sayNumber = (value, digits) =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

const sayBytes = (value) => {
  let size = Math.abs(value);
  let step = 0;
  for (; size >= 1024 && step < BYTE_UNITS.length - 1; step += 1) size /= 1024;
  const isWhole = step === 0 && (size >= 10 || Number.isInteger(size));
  return `${value < 0 ? "-" : ""}${sayNumber(size, isWhole ? 0 : 1)} ${BYTE_UNITS[step]}`;
};

const sayAmount = (value, unit) => (unit === "bytes" ? sayBytes(value) : sayNumber(value, 0));

const sayWithUnit = (value, unit) => (unit === "bytes" ? sayBytes(value) : `${sayNumber(value, 0)} ${unit}`);

const sayCompact = (value) => {
  let size = Math.abs(value);
  let step = 0;
  for (; size >= 1000 && step < COMPACT_UNITS.length - 1; step += 1) size /= 1000;
  return `${value < 0 ? "-" : ""}${Number(size.toPrecision(3))}${COMPACT_UNITS[step]}`;
};

// Beside each other in a close-up, 110,200 and 110,400 must not both read 110k.
const sayTick = (value, unit, isCloseUp) => {
  if (unit === "bytes") return sayBytes(value).replace(".0 ", " ");
  return isCloseUp ? sayNumber(value, Number.isInteger(value) ? 0 : 1) : sayCompact(value);
};

const sayTime = (seconds, end) => {
  if (end < 4 * MINUTE_S) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor((whole % HOUR_S) / MINUTE_S);
  if (whole < HOUR_S) return `${minutes} min ${whole % MINUTE_S} s`;
  return `${Math.floor(whole / HOUR_S)} h ${minutes} min`;
};

const timeUnit = (span) => {
  if (span < 4 * MINUTE_S) return { seconds: 1, name: "seconds" };
  return span < 4 * HOUR_S ? { seconds: MINUTE_S, name: "minutes" } : { seconds: HOUR_S, name: "hours" };
};

// About so many round numbers from lowest to highest, in steps of a unit (1,024 bytes, 60 seconds).
const ticksBetween = (lowest, highest, most, unit = 1) => {
  const raw = (highest - lowest) / unit / Math.max(most, 1);
  if (!(raw > 0)) return [lowest];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = NICE_STEPS.find((nice) => nice * power >= raw * 0.999) * power * unit;
  const ticks = [];
  for (let at = Math.ceil(lowest / step - 1e-9); at * step <= highest + step * 1e-9; at += 1) ticks.push(at * step);
  return ticks;
};

const amountTicks = (lowest, highest, most, unit) => {
  if (unit !== "bytes") return ticksBetween(lowest, highest, most).filter((tick) => Number.isInteger(tick));
  const largest = Math.max(Math.abs(lowest), Math.abs(highest), 1);
  return ticksBetween(lowest, highest, most, 1024 ** Math.floor(Math.log(largest) / Math.log(1024) + 1e-9));
};
