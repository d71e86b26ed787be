const exactUpTo = 1024;
const table: number[] = [0];
for (let n = 1; n <= exactUpTo; n += 1) table.push((table[n - 1] ?? 0) + Math.log(n));

const halfLogTwoPi = Math.log(2 * Math.PI) / 2;

/** ln n! for a whole number n >= 0, to 1e-12 of its value (Stirling's series beyond the table). */
export function logFactorial(n: number): number {
  const known = table[n];
  if (known !== undefined) return known;
  const x = n + 1;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
  return (x - 0.5) * Math.log(x) - x + halfLogTwoPi + series;
}
