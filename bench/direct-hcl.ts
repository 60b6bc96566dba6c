/**
 * A folder of HCL that was read before, applied directly, against the JSON that it evaluates to, applied to the same running
 * Vault: with the same values of variables, of which what was evaluated is kept, and with others each time. What was applied is
 * removed after each run, outside of the clock.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEnvironment } from 'vaultproof';
import { readSource } from '../harness/hcl/index.js';
import { firstAuthMount } from './by-hand/vault-http.js';
import type { Comparison, Measurement } from './measurement.js';
import { median } from './paired-rounds.js';

/** A sample is the median of so many runs: a single one says more of the machine's mood than of the code. */
const RUNS = 5;
/** Teams, each with a policy and two roles; with the auth method 4 and 61 resources. */
const TEAMS = [1, 20];
/** Values of a variable, each time the next. */
const TTLS = [900, 1200];
/** Ends what was applied under a name. */
const NOTHING = { output: { none: { value: 0 } } };

/** See the head of this file. */
export const directHcl: Measurement = {
  name: 'direct-hcl',
  prepare: async () => {
    const env = await startEnvironment();
    await firstAuthMount(env.vault.request);
    const parent = await mkdtemp(join(tmpdir(), 'vaultproof-bench-'));
    const timed = async (run: () => Promise<unknown>, name: string): Promise<number> => {
      const begin = performance.now();
      await run();
      const took = performance.now() - begin;
      await env.applyJson(NOTHING, name);
      return took;
    };
    const sample = (ways: readonly (() => Promise<unknown>)[], name: string) => {
      let next = 0;
      return async (): Promise<number> => {
        const took: number[] = [];
        for (let runs = 0; runs < RUNS; runs++) {
          const run = ways[next++ % ways.length];
          if (run) took.push(await timed(run, name));
        }
        return median(took);
      };
    };
    const comparisons: Comparison[] = [];
    for (const count of TEAMS) {
      const folder = await mkdtemp(join(parent, 'root-'));
      await writeFile(join(folder, 'main.tf'), declared(count));
      const ways: { readonly ours: () => Promise<unknown>; readonly theirs: () => Promise<unknown> }[] = [];
      for (const ttl of TTLS) {
        const options = { variables: { jwks_url: env.issuer.jwksUrlFor(env.vault), ttl } };
        const [document] = await readSource(folder, options);
        if (document === undefined) throw new Error('the folder has no configuration');
        const { json } = document;
        ways.push({ ours: () => env.applyTerraform(folder, options), theirs: () => env.applyJson(json, 'json') });
      }
      const name = `direct apply of HCL with ${1 + 3 * count} resources`;
      const compared = (used: typeof ways): Pick<Comparison, 'baseline' | 'unit' | 'ours' | 'theirs'> => ({
        baseline: 'the same from JSON',
        unit: 'ms',
        ours: sample(
          used.map(({ ours }) => ours),
          folder,
        ),
        theirs: sample(
          used.map(({ theirs }) => theirs),
          'json',
        ),
      });
      comparisons.push({ name, target: 1.1, ...compared(ways.slice(0, 1)) });
      comparisons.push({ name: `${name} and other variables`, ...compared(ways) });
    }
    return {
      comparisons,
      notes: () => [],
      [Symbol.asyncDispose]: async () => {
        await rm(parent, { recursive: true });
        await env.stop();
      },
    };
  },
};

function declared(teams: number): string {
  return `
    terraform {
      backend "s3" {
        bucket = "acme-terraform"
      }
      required_providers {
        vault = { source = "hashicorp/vault" }
      }
    }
    provider "vault" {
      address = "https://vault.acme.example:8200"
    }
    variable "jwks_url" {
      type = string
    }
    variable "ttl" {
      type = number
    }
    locals {
      teams = { for at in range(${teams}) : format("team-%02d", at) => { id = tostring(1000 + at), ttl = at % 2 == 0 ? 300 : var.ttl } }
      roles = merge([
        for team, settings in local.teams : {
          for stage in ["main", "release"] : "\${team}-\${stage}" => merge(settings, { team = team, stage = stage })
        }
      ]...)
    }
    resource "vault_jwt_auth_backend" "github" {
      path     = "github"
      jwks_url = var.jwks_url
    }
    resource "vault_policy" "team" {
      for_each = local.teams
      name     = each.key
      policy   = <<-EOT
        path "secret/data/\${each.key}/*" {
          capabilities = ["read", "list"]
        }
      EOT
    }
    resource "vault_jwt_auth_backend_role" "role" {
      for_each        = local.roles
      backend         = vault_jwt_auth_backend.github.path
      role_name       = each.key
      role_type       = "jwt"
      user_claim      = "repository"
      bound_audiences = ["https://vault.acme.example"]
      bound_claims    = { repository_owner_id = each.value.id, ref = "refs/heads/\${each.value.stage}" }
      token_policies  = [vault_policy.team[each.value.team].name]
      token_ttl       = each.value.ttl
    }
  `;
}
