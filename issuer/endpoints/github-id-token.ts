import { randomBytes, randomUUID } from 'node:crypto';
import { hasDigest, sha256 } from '../../internal/digest.js';
import { bearerToken } from '../http/authorization.js';
import { dialect, HttpRefusal, onlyMethod } from '../http/refusals.js';
import type { Issuer } from '../issuer.js';
import { type GitHubJob, github } from '../presets/github.js';
import type { Dialect } from '../start-issuer.js';

/** A job that runs, and may ask for its tokens. */
export interface GitHubRunningJob extends Disposable {
  /** What the runner gives the job's steps. */
  readonly env: Readonly<Record<'ACTIONS_ID_TOKEN_REQUEST_URL' | 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', string>>;
  /** Ends the job: its request token counts no more; idempotent. */
  end(): void;
}

/** A runner for jobs with `id-token: write`. */
export interface GitHubRunner {
  /** Where the jobs ask for their tokens; an option of the issuer. */
  readonly dialect: Dialect;
  /** Starts a job; the audience is what the job asks for, and by default the URL of the owner. */
  startJob(issuer: Pick<Issuer, 'url'>, job: Omit<GitHubJob, 'audience'>): GitHubRunningJob;
}

interface Running {
  readonly url: string;
  readonly secret: Buffer;
  readonly job: GitHubJob;
}

/**
 * The place where jobs of GitHub Actions find their tokens: `GET` of the request URL, with the request token as bearer
 * and `audience`, answers `{"count": ..., "value": "<JWT>"}`. A job without a right request token gets 401.
 *
 * @example
 * const runner = githubRunner();
 * await using issuer = await startIssuer({ algorithms: ['RS256'], dialects: [runner.dialect] });
 * using job = runner.startJob(issuer, { repository: 'acme/app' });
 * await execa('./deploy.sh', { env: job.env });
 * @see https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
 */
export function githubRunner(): GitHubRunner {
  const jobs = new Map<string, Running>();
  return {
    dialect: (issuer) => {
      const app = dialect(({ message }) => ({ message }));
      app.all('/github/idtoken/:job', onlyMethod('GET'), async (context) => {
        const running = jobs.get(context.req.param('job'));
        if (running?.url !== issuer.url || !hasDigest(bearerToken(context) ?? '', running.secret)) {
          throw new HttpRefusal(401, 'unauthorized', 'no job runs with this request token', {
            'WWW-Authenticate': 'Bearer',
          });
        }
        const audience = context.req.query('audience');
        const value = await issuer.sign(github({ ...running.job, ...(audience ? { audience } : {}) }));
        return context.json({ count: value.length, value }, 200, { 'Cache-Control': 'no-store' });
      });
      return app;
    },
    startJob: ({ url }, job) => {
      const id = randomUUID();
      const token = randomBytes(32).toString('base64url');
      jobs.set(id, { url, secret: sha256(token), job });
      const end = (): void => {
        jobs.delete(id);
      };
      return {
        env: {
          // Clients add "&audience=" to it.
          ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/github/idtoken/${id}?api-version=2.0`,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: token,
        },
        end,
        [Symbol.dispose]: end,
      };
    },
  };
}
