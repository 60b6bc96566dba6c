import { z } from 'zod';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const names = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const userSchema = z.object({
  key: z.string('must be a string: put a number in quotes').min(1, 'is empty'),
  email: text,
  group: text,
  locked: flag,
  mfa_enabled: flag,
  mfa_key: text,
  roles: names,
  metadata: z.unknown().optional(),
});

/** What is under `Security`, with what is left out filled in. */
export const securitySchema = z.object({
  EncryptKey: flag,
  Roles: z.record(z.string(), names).nullish(),
  Users: z.record(z.string().min(1, 'a user has no name'), userSchema),
});

/** A document that may have `Security` around its users. */
export const documentSchema = z.looseObject({ Security: z.unknown().optional() });
