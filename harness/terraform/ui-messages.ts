import { isRecord } from '../../internal/json.js';

/** What Terraform says of an error or a warning, in its own and the provider's words. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  /** The resource that it is about. */
  readonly address: string | undefined;
}

/** A step of an apply that begins, goes on, ends or fails. */
export interface ResourceEvent {
  readonly type: 'apply_start' | 'apply_progress' | 'apply_complete' | 'apply_errored';
  readonly address: string;
  readonly action: string;
  /** Terraform's own line. */
  readonly message: string;
}

/** One message of interest; the others are undefined. */
export type UiMessage =
  | { readonly kind: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'resource'; readonly event: ResourceEvent };

const EVENTS: readonly string[] = ['apply_start', 'apply_progress', 'apply_complete', 'apply_errored'];

/**
 * Reads one line of what a command with `-json` prints. The snippet of a diagnostic is left out: it is the configuration's
 * text, all of it where that is one line.
 * @returns undefined for what is not of interest, and for what is no JSON
 * @see https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 */
export function readUiMessage(line: string): UiMessage | undefined {
  const message = parse(line);
  if (!message) return undefined;
  const { type, diagnostic, hook } = message;
  if (type === 'diagnostic' && isRecord(diagnostic)) {
    const { severity, summary, detail, address } = diagnostic;
    return {
      kind: 'diagnostic',
      diagnostic: {
        severity: severity === 'warning' ? 'warning' : 'error',
        summary: String(summary ?? ''),
        detail: String(detail ?? ''),
        address: typeof address === 'string' ? address : undefined,
      },
    };
  }
  const resource = isRecord(hook) ? hook['resource'] : undefined;
  if (!EVENTS.includes(String(type)) || !isRecord(hook) || !isRecord(resource)) return undefined;
  return {
    kind: 'resource',
    event: {
      type: type as ResourceEvent['type'],
      address: String(resource['addr']),
      action: String(hook['action']),
      message: String(message['@message'] ?? ''),
    },
  };
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
