import { version } from '../version.js';
import type { Reported } from './output.js';

/**
 * Findings as SARIF, which GitHub's code scanning and editors read.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarif(findings: readonly Reported[]): string {
  const severities = new Map(findings.map(({ code, severity }) => [code, severity]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'vaultproof',
            version,
            rules: [...severities].map(([id, level]) => ({ id, defaultConfiguration: { level } })),
          },
        },
        results: findings.map(result),
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function result({ file, code, severity, address, constructPath, attribute, reason, fix }: Reported) {
  const place = attribute === undefined ? address : `${address} ${attribute}`;
  return {
    ruleId: code,
    level: severity,
    message: { text: `${place}: ${reason}; ${fix}` },
    locations: [
      {
        // Terraform JSON is made: its lines say nothing, and what shows a finding wants one.
        ...(file !== undefined &&
          file !== '-' && { physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: 1 } } }),
        logicalLocations: [{ name: address, fullyQualifiedName: constructPath }],
      },
    ],
  };
}

/** A path as a relative reference of a URI. */
function uriOf(file: string): string {
  return file.split('/').map(encodeURIComponent).join('/');
}
