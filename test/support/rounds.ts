/**
 * How many random cases a test tries: VAULTPROOF_ROUNDS, else what keeps a usual run short. VAULTPROOF_SEED makes them others.
 * @returns the count, and the seed that repeats them
 */
export function rounds(usual: number): { readonly count: number; readonly seed: number } {
  return {
    count: Number(process.env['VAULTPROOF_ROUNDS'] ?? usual),
    seed: Number(process.env['VAULTPROOF_SEED'] ?? 1),
  };
}
