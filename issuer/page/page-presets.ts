import { UsageError } from '../../errors/index.js';
import type { Issuer, TokenBuilder } from '../issuer.js';
import { github } from '../presets/github.js';
import { gitlab } from '../presets/gitlab.js';
import { terraformRun } from '../presets/hcp-terraform.js';
import { serviceAccount } from '../presets/kubernetes.js';
import { nomadTask } from '../presets/nomad.js';
import { jwtSvid } from '../presets/spiffe.js';

/** A field of the page's form for a vendor's token; `value` is what it has to begin with. */
interface PresetField {
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

/** A vendor whose tokens the page's form can be filled with. */
interface PagePreset {
  readonly title: string;
  readonly fields: readonly PresetField[];
  /** @param fields what the form says, by the fields' names */
  readonly build: (fields: Readonly<Record<string, string>>) => TokenBuilder;
}

/** What fills the form: `nbf` as a placeholder, since the token is signed later, and no `iat` and `exp`. */
export interface FilledPreset {
  readonly alg: string;
  readonly lifetimeSeconds: number;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The vendors, by the names that `GET /page/presets/NAME` has them under. */
export const pagePresets: Readonly<Record<string, PagePreset>> = {
  github: {
    title: 'GitHub Actions',
    fields: [
      { name: 'repository', label: 'Repository', value: 'acme/app' },
      { name: 'branch', label: 'Branch', value: 'main' },
      { name: 'environment', label: 'Environment', value: '' },
    ],
    build: ({ repository = '', branch = '', environment = '' }) =>
      github({ repository, ref: `refs/heads/${branch}`, environment: environment || undefined }),
  },
  gitlab: {
    title: 'GitLab CI/CD',
    fields: [
      { name: 'project', label: 'Project', value: 'acme/app' },
      { name: 'branch', label: 'Branch', value: 'main' },
      { name: 'environment', label: 'Environment', value: '' },
    ],
    build: ({ project = '', branch = '', environment = '' }) =>
      gitlab({ project, ref: branch, environment: environment || undefined }),
  },
  'hcp-terraform': {
    title: 'HCP Terraform',
    fields: [
      { name: 'organization', label: 'Organization', value: 'acme' },
      { name: 'workspace', label: 'Workspace', value: 'app' },
      { name: 'phase', label: 'Run phase', value: 'plan' },
    ],
    build: ({ organization = '', workspace = '', phase = '' }) => {
      if (phase !== 'plan' && phase !== 'apply')
        throw new UsageError(`the run phase is "plan" or "apply", not "${phase}"`);
      return terraformRun({ organization, workspace, runPhase: phase });
    },
  },
  kubernetes: {
    title: 'Kubernetes',
    fields: [
      { name: 'namespace', label: 'Namespace', value: 'default' },
      { name: 'serviceAccount', label: 'Service account', value: 'app' },
    ],
    build: ({ namespace = '', serviceAccount: name = '' }) => serviceAccount({ namespace, serviceAccount: name }),
  },
  nomad: {
    title: 'Nomad',
    fields: [
      { name: 'namespace', label: 'Namespace', value: 'default' },
      { name: 'job', label: 'Job', value: 'app' },
      { name: 'task', label: 'Task', value: 'web' },
    ],
    build: ({ namespace = '', job = '', task = '' }) => nomadTask({ namespace, job, task }),
  },
  spiffe: {
    title: 'SPIFFE',
    fields: [
      { name: 'trustDomain', label: 'Trust domain', value: 'example.org' },
      { name: 'path', label: 'Path', value: '/ns/prod/sa/app' },
    ],
    build: ({ trustDomain = '', path = '' }) => jwtSvid({ trustDomain, path, audience: 'vault', issuer: null }),
  },
};

/**
 * The claims of a vendor's token for the page's form.
 * @param query what the request's URL says; a field that it leaves out has its first value
 * @returns the claims, or what is wrong with a field: it is asked for as the field is typed, so this is no error
 */
export function fillPreset(
  preset: PagePreset,
  query: Readonly<Record<string, string>>,
  issuer: Issuer,
): FilledPreset | { readonly problem: string } {
  try {
    return filled(preset, query, issuer);
  } catch (error) {
    if (error instanceof UsageError) return { problem: error.message };
    throw error;
  }
}

function filled({ fields, build }: PagePreset, query: Readonly<Record<string, string>>, issuer: Issuer): FilledPreset {
  const given = fields.map(({ name, label, value }) => {
    const text = (query[name] ?? value).trim();
    if (text === '' && value !== '') throw new UsageError(`fill in "${label}"`);
    return [name, text] as const;
  });
  const builder = build(Object.fromEntries(given));
  const { sub, aud, iat, exp, nbf, ...claims } = builder(issuer);
  const issuedAt = Number(iat);
  const before = issuedAt - Number(nbf);
  return {
    alg: builder.alg ?? 'ES256',
    lifetimeSeconds: Number(exp) - issuedAt,
    sub,
    aud: aud ?? [],
    claims: { ...claims, ...(nbf !== undefined && { nbf: before === 0 ? '{{now}}' : `{{now - ${before}}}` }) },
  };
}
