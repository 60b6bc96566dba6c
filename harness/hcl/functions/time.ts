import { type Value, ValueProblem } from '../values.js';
import { define } from './definition.js';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** @see https://developer.hashicorp.com/terraform/language/functions#date-and-time-functions */
export const timeFunctions = {
  formatdate: define(['string', 'string'], formattedDate),
  timeadd: define(['string', 'string'], (time, duration) => {
    const { ms, zone } = timeOf(time);
    const { year, month, day, hour, minute, second } = partsAt(ms + durationOf(duration), zone);
    return `${year}-${month}-${day}T${hour}:${minute}:${second}${zone === 0 ? 'Z' : offset(zone, ':')}`;
  }),
  timecmp: define(['string', 'string'], (one, other) => Math.sign(timeOf(one).ms - timeOf(other).ms)),
};

const TIME = /^\d{4}-\d\d-(\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/;

/** RFC 3339: milliseconds, and the zone's minutes. */
function timeOf(text: string): { readonly ms: number; readonly zone: number } {
  const [whole = '', day, sign, hours = '0', minutes = '0'] = TIME.exec(text) ?? [];
  const ms = Date.parse(whole);
  // What is no day of its month counts on into the next one.
  const isDay = new Date(Date.parse(`${whole.slice(0, 10)}T00:00:00Z`)).getUTCDate() === Number(day);
  if (Number.isNaN(ms) || !isDay) throw new ValueProblem(`"${text}" is not a time of RFC 3339`);
  const zone = Number(hours) * 60 + Number(minutes);
  return { ms, zone: sign === '-' ? -zone : zone };
}

const AMOUNT = /(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)/g;

function durationOf(text: string): number {
  const [, sign = '', amounts = ''] = /^([+-]?)(.+)$/s.exec(text) ?? [];
  if (amounts === '0') return 0;
  if (amounts === '' || amounts.replaceAll(AMOUNT, '') !== '')
    throw new ValueProblem(`"${text}" is not a duration such as 1h30m`);
  let total = 0;
  for (const [, amount = '', unit = ''] of amounts.matchAll(AMOUNT)) total += Number(amount) * (UNITS[unit] ?? 0);
  return sign === '-' ? -total : total;
}

function partsAt(ms: number, zone: number) {
  const local = new Date(ms + zone * 60_000);
  const two = (number: number): string => String(number).padStart(2, '0');
  return {
    local,
    year: String(local.getUTCFullYear()).padStart(4, '0'),
    month: two(local.getUTCMonth() + 1),
    day: two(local.getUTCDate()),
    hour: two(local.getUTCHours()),
    minute: two(local.getUTCMinutes()),
    second: two(local.getUTCSeconds()),
  };
}

function offset(zone: number, separator: string): string {
  const [hours, minutes] = [Math.floor(Math.abs(zone) / 60), Math.abs(zone) % 60];
  return `${zone < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}${separator}${String(minutes).padStart(2, '0')}`;
}

function formattedDate(pattern: string, time: string): Value {
  const { ms, zone } = timeOf(time);
  const { local, year, month, day, hour, minute, second } = partsAt(ms, zone);
  const hour12 = local.getUTCHours() % 12 || 12;
  const verbs: Readonly<Record<string, string>> = {
    YYYY: year,
    YY: year.slice(-2),
    MMMM: MONTHS[local.getUTCMonth()] ?? '',
    MMM: (MONTHS[local.getUTCMonth()] ?? '').slice(0, 3),
    MM: month,
    M: String(Number(month)),
    DD: day,
    D: String(Number(day)),
    EEEE: DAYS[local.getUTCDay()] ?? '',
    EEE: (DAYS[local.getUTCDay()] ?? '').slice(0, 3),
    hh: hour,
    h: String(Number(hour)),
    HH: String(hour12).padStart(2, '0'),
    H: String(hour12),
    AA: local.getUTCHours() < 12 ? 'AM' : 'PM',
    aa: local.getUTCHours() < 12 ? 'am' : 'pm',
    mm: minute,
    m: String(Number(minute)),
    ss: second,
    s: String(Number(second)),
    ZZZZZ: offset(zone, ':'),
    ZZZZ: offset(zone, ''),
    ZZZ: zone === 0 ? 'UTC' : offset(zone, ''),
    Z: zone === 0 ? 'Z' : offset(zone, ':'),
  };
  return pattern.replaceAll(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (verb, text?: string) => {
    if (text !== undefined) return text === '' ? "'" : text.replaceAll("''", "'");
    const found = verbs[verb];
    if (found === undefined) throw new ValueProblem(`"${verb}" is not a part of a date's format`);
    return found;
  });
}
