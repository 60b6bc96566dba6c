import { z } from 'zod';
import type { Issuer } from '../issuer.js';
import { component, type Operation, operation } from './operation.js';

const template = component(
  'ClaimsTemplate',
  z
    .record(z.string(), z.unknown())
    .describe(
      'Claims by name. In strings, `{{sub}}` is replaced by that claim of the request, `{{iss}}` by the issuer, `{{now}}` ' +
        'and `{{now + 60}}` by a time, `{{uuid}}` by a random UUID; null leaves a claim out.',
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
      summary: 'The claims that every token has, added to or replacing those of the request',
      status: 200,
      answer: template,
      handle: () => ({ ...claims.get() }),
    }),
    operation({
      id: 'putClaims',
      tag: 'claims',
      method: 'PUT',
      path: '/claims',
      summary: 'Sets the claims of every token from now on, replacing those set before',
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
      summary: 'Clears them: tokens have only the claims of the request again',
      status: 204,
      handle: () => claims.clear(),
    }),
  ];
}
