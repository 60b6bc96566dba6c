import { z } from 'zod';
import type { Issuer } from '../issuer.js';
import { type Operation, operation } from './operation.js';
import { component } from './schemas.js';

const template = component(
  'ClaimsTemplate',
  z
    .record(z.string(), z.unknown())
    .describe(
      'Claims by name. In their texts `{{sub}}` stands for a claim that is asked for, `{{iss}}` for the issuer, `{{now}}` ' +
        'and `{{now + 60}}` for a time, `{{uuid}}` for a random UUID; null leaves a claim out.',
    ),
);

/** The claims that every token of an issuer has. */
export function claimOperations({ claims }: Pick<Issuer, 'claims'>): readonly Operation[] {
  return [
    operation({
      id: 'getClaims',
      tag: 'claims',
      method: 'GET',
      path: '/claims',
      summary: 'The claims that every token has, besides those that are asked for or instead of them',
      status: 200,
      answer: template,
      handle: () => ({ ...claims.get() }),
    }),
    operation({
      id: 'putClaims',
      tag: 'claims',
      method: 'PUT',
      path: '/claims',
      summary: 'Gives every token from now on these claims; those from before are gone',
      body: template,
      status: 200,
      answer: template,
      handle: ({ body }) => {
        claims.set(body);
        return { ...claims.get() };
      },
    }),
    operation({
      id: 'deleteClaims',
      tag: 'claims',
      method: 'DELETE',
      path: '/claims',
      summary: 'Tokens have the claims again that are asked for, and no others',
      status: 204,
      handle: () => claims.clear(),
    }),
  ];
}
