import { VaultproofError } from '../../errors/index.js';

/**
 * Adds to a server's refusal what its own words leave out.
 * @param more what to add to the message; undefined where the words say it all
 * @throws what the answer was rejected with, with more in its message
 */
export async function explained<Answer>(
  answer: Promise<Answer>,
  more: (message: string) => string | undefined,
): Promise<Answer> {
  return answer.catch((cause: unknown) => {
    if (!(cause instanceof VaultproofError)) throw cause;
    const addition = more(cause.message);
    if (addition === undefined) throw cause;
    throw new VaultproofError(cause.code, `${cause.message}; ${addition}`, { details: cause.details, cause });
  });
}
