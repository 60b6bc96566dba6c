/**
 * The direct provisioner alone, from JSON that is synthesised already, against the same requests by hand to the same
 * running Vault: the same methods, paths and bodies, with what doesn't need each other at the same time. By hand is
 * node:http with a keep-alive agent, which is faster than fetch. What was applied is removed after each run, outside of
 * the clock; the connections are warm on both sides.
 */
import { directProvisioner, startEnvironment } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { synthesise } from '../harness/provision/synth.js';
import { exampleProps } from '../stacks/examples/vault-login.js';
import { nodeHttpTo } from './by-hand/node-http.js';
import { applyByHand, fetchFrom, firstAuthMount, recording, type Send, withBodies } from './by-hand/vault-http.js';
import type { Measurement } from './measurement.js';
import { median } from './paired-rounds.js';

/** A sample is the median of so many runs. */
const RUNS = 5;

/** See the head of this file. */
export const directApply: Measurement = {
  name: 'direct-apply',
  prepare: async () => {
    const env = await startEnvironment();
    const { request } = env.vault;
    const issuer = { jwksUrl: env.issuer.jwksUrlFor(env.vault), boundIssuer: env.issuer.url };
    const [stack] = await synthesise((app) => new VaultJwtStack(app, 'demo', exampleProps(issuer)));
    if (!stack) throw new Error('the example synthesised to no stack');
    const byNodeHttp = nodeHttpTo(env.vault.address, env.vault.token);
    await firstAuthMount(request);

    const once = async (apply: () => Promise<unknown>): Promise<number> => {
      const begin = performance.now();
      await apply();
      const took = performance.now() - begin;
      for (const path of ['sys/auth/jwt', 'sys/mounts/kv', 'sys/policies/acl/vishpat_keys_policy']) {
        await request('DELETE', path);
      }
      return took;
    };
    // One apply takes so little that a single one says more of the machine's mood than of the code.
    const sample = async (apply: () => Promise<unknown>): Promise<number> => {
      const took: number[] = [];
      for (let run = 0; run < RUNS; run++) took.push(await once(apply));
      return median(took);
    };
    const apply = (send: typeof request) => () => directProvisioner({ vault: send }).apply(stack.name, stack.json);
    const sent: Sent = { ours: new Map(), theirs: new Map() };
    await once(apply(recording(sent.ours, request)));
    const byHand = (send: Send) => () => applyByHand(withBodies(sent.ours, send), issuer, true);
    await once(byHand(recording(sent.theirs, byNodeHttp.send)));
    const different = [...sent.ours.keys(), ...sent.theirs.keys()].filter(
      (request) => !(sent.ours.has(request) && sent.theirs.has(request)),
    );

    const ours = (): Promise<number> => sample(apply(request));
    const byFetch = fetchFrom(env.vault.address, env.vault.token);
    return {
      comparisons: [
        {
          name: 'direct apply',
          baseline: 'the same by node:http',
          unit: 'ms',
          target: 1.1,
          ours,
          theirs: () => sample(byHand(byNodeHttp.send)),
        },
        {
          name: 'direct apply',
          baseline: 'the same by fetch',
          unit: 'ms',
          ours,
          theirs: () => sample(byHand(byFetch)),
        },
      ],
      notes: () => [
        different.length === 0
          ? `both sides send the same ${sent.ours.size} requests`
          : `requests that one side alone sends: ${different.join('; ')}`,
      ],
      [Symbol.asyncDispose]: async () => {
        byNodeHttp.close();
        await env.stop();
      },
    };
  },
};

/** The bodies that each side sends, by method and path. */
type Sent = Readonly<Record<'ours' | 'theirs', Map<string, unknown>>>;
