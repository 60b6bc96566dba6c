import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import type { HttpAnswer, HttpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import { vaultErrors, vaultUnavailability } from '../api/vault-api.js';

/** A node of a cluster, as far as requests are concerned. */
export interface ClusterNode {
  readonly name: string;
  readonly client: HttpClient;
}

/** A client of a cluster, whose requests go to the node that leads. */
export interface LeaderClient<Node extends ClusterNode> extends HttpClient {
  /**
   * The node that leads, as soon as there is one.
   * @param after one that led before, and may say for a while that it does
   * @throws VaultproofError `no_leader` where none does in time, and at once where every node is down or sealed
   */
  leader(after?: Node): Promise<Node>;
  /** Asks for the leader again before the next request. */
  forget(): void;
}

const FAILOVER_MS = 30_000;
const POLL_MS = 10;
const ANSWER_MS = 1_000;
/** A node that has not answered for this long may have lost its lead. */
const SILENT_MS = 1_000;
const LOOK_AGAIN_MS = 200;

/** What a node says while it loses its lead; the words of a node that is sealed or stands by are told by `vaultUnavailability`. */
const LOSES_LEAD =
  /node is not the leader|leadership (?:lost|transfer)|raft is already shutdown|leader is shutting down/i;

/**
 * A client that sends each request to the leader, and again to the next one where that is down, sealed or stands by: what was
 * on its way may then be done twice.
 * @param failoverMs how long there may be no leader, in milliseconds; default 30,000
 * @see https://developer.hashicorp.com/vault/api-docs/system/leader
 */
export function leaderClient<Node extends ClusterNode>(
  nodes: readonly [Node, ...Node[]],
  failoverMs = FAILOVER_MS,
): LeaderClient<Node> {
  let current: Node | undefined;
  let closed = false;
  const [{ client }] = nodes;

  const leader = async (deadline: number, after?: Node): Promise<Node> => {
    for (;;) {
      const { node, isHopeless } = await lookForLeader(nodes);
      if (node !== undefined && node !== after) return node;
      if (isHopeless || performance.now() >= deadline) throw noLeader(nodes, failoverMs, isHopeless);
      await delay(POLL_MS);
    }
  };

  const request: HttpClient['request'] = async (method, path, asked) => {
    const deadline = performance.now() + failoverMs;
    let last: Attempt | undefined;
    for (;;) {
      if (closed) return client.request(method, path, asked);
      const node = current ?? (await leader(deadline).catch((error: unknown) => error));
      // What a node said tells more than that none leads.
      if (node instanceof Error) return resultOf(last ?? { error: node });
      current = node as Node;
      const attempt = await attempted(current, nodes, () => (current as Node).client.request(method, path, asked));
      if ('answer' in attempt && !isElsewhere(attempt.answer)) return attempt.answer;
      if ('error' in attempt && !isGone(attempt.error)) throw attempt.error;
      current = undefined;
      last = attempt;
      if (performance.now() >= deadline) return resultOf(attempt);
    }
  };

  return {
    address: client.address,
    product: client.product,
    request,
    close: () => {
      closed = true;
      for (const node of nodes) node.client.close();
    },
    leader: async (after) => {
      current = await leader(performance.now() + failoverMs, after);
      return current;
    },
    forget: () => {
      current = undefined;
    },
  };
}

type Attempt = { readonly answer: HttpAnswer } | { readonly error: unknown };

function resultOf(attempt: Attempt): HttpAnswer {
  if ('error' in attempt) throw attempt.error;
  return attempt.answer;
}

/** One request, which is given up when its node is silent and another leads. */
async function attempted<Node extends ClusterNode>(
  node: Node,
  nodes: readonly Node[],
  request: () => Promise<HttpAnswer>,
): Promise<Attempt> {
  const given = new AbortController();
  const { signal } = given;
  const answered = request().then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  const deposed = (async (): Promise<Attempt> => {
    await delay(SILENT_MS, undefined, { signal });
    for (;;) {
      const { node: other } = await lookForLeader(nodes.filter((one) => one !== node));
      signal.throwIfAborted();
      if (other !== undefined)
        return { error: new VaultproofError('request_failed', `"${node.name}" does not answer`) };
      await delay(LOOK_AGAIN_MS, undefined, { signal });
    }
  })().catch(() => answered);
  try {
    return await Promise.race([answered, deposed]);
  } finally {
    given.abort();
  }
}

/** Asks all nodes at once; the first that says that it leads does. */
export async function lookForLeader<Node extends ClusterNode>(
  nodes: readonly Node[],
): Promise<{ readonly node: Node | undefined; readonly isHopeless: boolean }> {
  let canLead = 0;
  const asked = nodes.map(async (node) => {
    const { status, body } = await node.client.request('GET', '/v1/sys/leader', { timeoutMs: ANSWER_MS });
    if (status === 200) canLead += 1;
    if (!isRecord(body) || body['is_self'] !== true) throw new Error(`"${node.name}" stands by`);
    return node;
  });
  const node = await Promise.any(asked).catch(() => undefined);
  return { node, isHopeless: node === undefined && canLead === 0 };
}

/** A node that is sealed, stands by, or names another. */
function isElsewhere({ status, body, headers }: HttpAnswer): boolean {
  if (status === 307) return headers.location !== undefined && URL.canParse(headers.location);
  if (status < 500) return false;
  const words = vaultErrors(body).join('; ');
  return vaultUnavailability(words) !== undefined || LOSES_LEAD.test(words);
}

/** No answer from a node that may be down. */
function isGone(error: unknown): boolean {
  return error instanceof VaultproofError && (error.code === 'request_failed' || error.code === 'server_exited');
}

function noLeader(nodes: readonly ClusterNode[], failoverMs: number, isHopeless: boolean): VaultproofError {
  const names = nodes.map(({ name }) => name);
  const why = isHopeless
    ? 'every node is down or sealed: restart or unseal some'
    : `none was elected within ${failoverMs} ms: see whether more than half of the nodes are up and unsealed`;
  return new VaultproofError('no_leader', `no node of "${names.join('", "')}" leads, ${why}`, {
    details: { nodes: names },
  });
}
