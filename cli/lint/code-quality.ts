import { createHash } from 'node:crypto';
import { relative, resolve } from 'node:path';
import { INSTANCE_KEY, inOneLine, type ShownError, saidOnce } from './output.js';

/** @see https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
interface Issue {
  readonly description: string;
  readonly check_name: string;
  /** The same for the same finding, wherever its line is: GitLab tells by it what a merge request brings and what it removes. */
  readonly fingerprint: string;
  readonly severity: 'info' | 'minor' | 'major' | 'critical' | 'blocker';
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/** Findings as GitLab's code quality report. */
export function codeQuality(findings: Parameters<typeof saidOnce>[0], errors: readonly ShownError[]): string {
  const seen = new Map<string, number>();
  const fingerprint = (...parts: readonly unknown[]): string => {
    const key = JSON.stringify(parts);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return createHash('sha256').update(`${key}${before}`).digest('hex');
  };
  const issues: readonly Issue[] = [
    ...saidOnce(findings).map((finding) => {
      const { code, severity, address, constructPath, attribute, found, file = '-', line } = finding;
      const [block, path] = [address, constructPath].map((one) => one.replaceAll(INSTANCE_KEY, ''));
      return {
        description: inOneLine(finding),
        check_name: code,
        fingerprint: fingerprint(code, projectPath(file), block, path, attribute, found),
        severity: severity === 'error' ? ('critical' as const) : ('minor' as const),
        location: { path: projectPath(file), lines: { begin: line ?? 1 } },
      };
    }),
    ...errors.map(({ file, line, code, message }) => ({
      description: message,
      check_name: code,
      fingerprint: fingerprint(code, projectPath(file)),
      severity: 'blocker' as const,
      location: { path: projectPath(file), lines: { begin: line ?? 1 } },
    })),
  ];
  return JSON.stringify(issues, null, 2);
}

/** A path from the root of the project, which GitLab needs. */
function projectPath(file: string): string {
  return file === '-' ? file : relative(process.env['CI_PROJECT_DIR'] || '', resolve(file));
}
