/** Decimal digits without zeros at their ends; the point stands before the digit of that index. Zero has no digits. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** How Go formats a number: with an exponent, without one, or as the size of the number has it. */
export type GoFormat = 'e' | 'f' | 'g';

/**
 * A number as Go's `big.Float` formats it, without its sign.
 * @param precision the digits after the point, of `g` all; default 6, of `g` as many as tell it apart
 * @see https://pkg.go.dev/math/big#Float.Text
 */
export function goNumber(number: number, format: GoFormat, precision?: number): string {
  const exact = decimalOf(number);
  if (format === 'g') return general(exact, precision);
  const places = precision ?? 6;
  return format === 'e'
    ? withExponent(rounded(exact, 1 + places), places)
    : fixed(rounded(exact, exact.point + places), places);
}

function general(exact: Decimal, precision: number | undefined): string {
  const most = precision === undefined ? exact.digits.length : Math.max(1, precision);
  const decimal = precision === undefined ? exact : rounded(exact, most);
  const { digits, point } = decimal;
  const longest = most > digits.length && digits.length >= point ? digits.length : most;
  const exponent = point - 1;
  if (exponent < -4 || exponent >= (precision === undefined ? 6 : longest)) {
    return withExponent(decimal, Math.min(most, digits.length) - 1);
  }
  return fixed(decimal, Math.max(0, digits.length - point));
}

function withExponent({ digits, point }: Decimal, places: number): string {
  const fraction = places > 0 ? `.${digits.slice(1, 1 + places).padEnd(places, '0')}` : '';
  const exponent = digits === '' ? 0 : point - 1;
  return `${digits[0] ?? '0'}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function fixed({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = ('0'.repeat(Math.max(0, -point)) + digits.slice(Math.max(0, point))).slice(0, places);
  return places > 0 ? `${whole}.${fraction.padEnd(places, '0')}` : whole;
}

function decimalOf(number: number): Decimal {
  const [mantissa = '', exponent = '0'] = Math.abs(number).toExponential().split('e');
  const digits = mantissa.replace('.', '').replace(/0+$/, '');
  return { digits, point: digits === '' ? 0 : Number(exponent) + 1 };
}

/** The same with so many digits: a half is rounded to the even digit. */
function rounded(decimal: Decimal, count: number): Decimal {
  const { digits, point } = decimal;
  if (count < 0 || count >= digits.length) return decimal;
  const kept = digits.slice(0, count);
  const isUp = digits.slice(count) === '5' ? isHalfUp(decimal, kept) : (digits[count] ?? '') >= '5';
  if (!isUp) return { digits: kept.replace(/0+$/, ''), point: /[1-9]/.test(kept) ? point : 0 };
  const up = String(BigInt(kept || '0') + 1n);
  return { digits: up.replace(/0+$/, ''), point: point + up.length - count };
}

/** Whether a half is rounded up. Terraform's numbers have 512 bits: where a half is not exact in these, the number is above it or below. */
function isHalfUp({ digits, point }: Decimal, kept: string): boolean {
  const scale = digits.length - point;
  const numerator = BigInt(digits) * 10n ** BigInt(Math.max(0, -scale));
  const denominator = 10n ** BigInt(Math.max(0, scale));
  const isExact = (numerator << BigInt(Math.max(0, scale))) % denominator === 0n;
  if (isExact) return Number(kept.at(-1) ?? 0) % 2 === 1;
  const shift = BigInt(512 - bits(numerator) + bits(denominator));
  const widest = (numerator << shift) / denominator;
  const exponent = shift - BigInt(bits(widest) - 512);
  return ((numerator << exponent) % denominator) * 2n > denominator;
}

function bits(number: bigint): number {
  return number.toString(2).length;
}
