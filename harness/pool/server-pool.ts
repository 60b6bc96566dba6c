import { availableParallelism, freemem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import { LEASE_TIMEOUT_MS } from './lease-options.js';

/** What a pool does with servers of one product. */
export interface ServerKind<Server> {
  /** What they are called in messages: `vault`, `consul`. */
  readonly name: string;
  /**
   * Starts one that is new.
   * @param fresh no request is sent to it but what its start takes, and it is not to be recycled
   */
  boot(fresh: boolean): Promise<Server>;
  /** Whether one still answers. */
  answers(server: Server): Promise<boolean>;
  /** Ends what a lease may do with its token; resolves once the token is dead, and never rejects. */
  revoke(server: Server): Promise<void>;
  /** Makes one as new and ready to be leased again; resolves with why not, where it can't be. */
  recycle(server: Server): Promise<string | undefined>;
  /** Ends one; idempotent. */
  stop(server: Server): Promise<void>;
}

/** What a pool did so far. */
export interface PoolCounts {
  /** Servers that were started. */
  readonly booted: number;
  /** Leases that were given. */
  readonly leased: number;
  /** Servers that came back and were made as new. */
  readonly recycled: number;
  /** Why servers were thrown away instead, one line for each. */
  readonly discarded: readonly string[];
}

/** A server for as long as it is leased. */
export interface Held<Server> {
  readonly server: Server;
  /** Gives it back: resolves once its token is dead, while it is made as new in the background. Idempotent. */
  giveBack(): Promise<void>;
}

/** How a server is leased. */
interface Wanted {
  readonly fresh?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

/** How long a server may take to be made as new, in milliseconds; a boot takes less than this. */
const RECYCLE_LIMIT_MS = 3_000;
const ANSWER_LIMIT_MS = 2_000;
/** What a Vault has in memory after some hundred leases. */
const BYTES_EACH = 256 * 2 ** 20;

interface Member<Server> {
  readonly server: Server;
  state: 'ready' | 'leased' | 'recycling' | 'gone';
}

interface Waiter<Server> {
  readonly resolve: (member: Member<Server>) => void;
  readonly reject: (error: unknown) => void;
}

/** Two servers a core, of which one is used while the other is made as new, as far as there is memory; at least two. */
export function defaultSize(): number {
  return Math.max(2, Math.min(2 * availableParallelism(), Math.floor(freemem() / 2 / BYTES_EACH)));
}

/**
 * Servers of one product that are leased, given back, made as new and leased again. They are started on demand, up
 * to a number of them, with one more ready or on its way than is asked for.
 */
export class ServerPool<Server extends { readonly exited: Promise<unknown> }> {
  readonly #kind: ServerKind<Server>;
  readonly #size: number;
  readonly #members = new Set<Member<Server>>();
  /** Those that one lease has, and no other will. */
  readonly #fresh = new Set<Server>();
  readonly #waiters: Waiter<Server>[] = [];
  readonly #background = new Set<Promise<unknown>>();
  readonly #counts = { booted: 0, leased: 0, recycled: 0, discarded: [] as string[] };
  #booting = 0;
  #stopping: Promise<void> | undefined;

  constructor(kind: ServerKind<Server>, size: number) {
    this.#kind = kind;
    this.#size = size;
  }

  get counts(): PoolCounts {
    return { ...this.#counts, discarded: [...this.#counts.discarded] };
  }

  /** Starts the first server, and resolves once it is ready. */
  async start(): Promise<void> {
    this.#booting += 1;
    await this.#boot();
  }

  /**
   * A server that is as new, and that no other lease has: one that is ready, else the first that is booted or recycled.
   * @param fresh one that is started for this lease, and ended after it; default false
   * @param timeoutMs how long to wait for one, in milliseconds; default 60,000
   * @throws VaultproofError `pool_exhausted` when none came free in time, `pool_stopped`, and what kept servers from starting
   */
  async lease({ fresh = false, timeoutMs = LEASE_TIMEOUT_MS }: Wanted = {}): Promise<Held<Server>> {
    if (fresh) return this.#bootFresh();
    for (;;) {
      this.#refuseStopped();
      const member = this.#take() ?? (await this.#wait(timeoutMs));
      if (await within(ANSWER_LIMIT_MS, this.#kind.answers(member.server), false)) {
        this.#counts.leased += 1;
        return this.#held(member);
      }
      this.#discard(member, 'it no longer answered');
    }
  }

  /** Ends all servers, also those that are leased; idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      for (const { reject } of this.#waiters.splice(0)) reject(stopped());
      const servers = [...[...this.#members].map(({ server }) => server), ...this.#fresh];
      await Promise.all(servers.map((server) => this.#kind.stop(server)));
      while (this.#background.size > 0) await Promise.allSettled(this.#background);
    })();
    return this.#stopping;
  }

  async #bootFresh(): Promise<Held<Server>> {
    this.#refuseStopped();
    const server = await this.#kind.boot(true);
    this.#fresh.add(server);
    const giveBack = async (): Promise<void> => {
      this.#fresh.delete(server);
      await this.#kind.stop(server);
    };
    if (this.#stopping === undefined) return { server, giveBack };
    await giveBack();
    throw stopped();
  }

  #held(member: Member<Server>): Held<Server> {
    let givingBack: Promise<void> | undefined;
    const giveBack = async (): Promise<void> => {
      if (member.state !== 'leased') return;
      member.state = 'recycling';
      await within(ANSWER_LIMIT_MS, this.#kind.revoke(member.server), undefined);
      this.#inBackground(this.#recycle(member));
    };
    return {
      server: member.server,
      giveBack: () => {
        givingBack ??= giveBack();
        return givingBack;
      },
    };
  }

  async #recycle(member: Member<Server>): Promise<void> {
    if (this.#stopping !== undefined) return;
    const recycling = this.#kind.recycle(member.server).catch((error: unknown) => messageOf(error));
    const why = await within(RECYCLE_LIMIT_MS, recycling, `it took more than ${RECYCLE_LIMIT_MS} ms`);
    if (member.state !== 'recycling') return;
    if (why === undefined) {
      this.#counts.recycled += 1;
      this.#offer(member);
    } else this.#discard(member, why);
  }

  #take(): Member<Server> | undefined {
    const member = [...this.#members].find(({ state }) => state === 'ready');
    if (member) member.state = 'leased';
    this.#fill();
    return member;
  }

  async #wait(timeoutMs: number): Promise<Member<Server>> {
    const ended = new AbortController();
    const waiting = new Promise<Member<Server>>((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiters.push(waiter);
      delay(timeoutMs, undefined, { signal: ended.signal, ref: false }).then(
        () => {
          const at = this.#waiters.indexOf(waiter);
          if (at >= 0) this.#waiters.splice(at, 1);
          reject(this.#exhausted(timeoutMs));
        },
        () => {},
      );
    });
    this.#fill();
    return waiting.finally(() => ended.abort());
  }

  /** Hands a server that is ready to the one who waits longest, or keeps it. */
  #offer(member: Member<Server>): void {
    member.state = 'ready';
    const waiter = this.#waiters.shift();
    if (waiter === undefined) return;
    member.state = 'leased';
    waiter.resolve(member);
  }

  /** Boots what is missing: one for each who waits, and one more. */
  #fill(): void {
    const count = (wanted: Member<Server>['state']): number =>
      [...this.#members].filter(({ state }) => state === wanted).length;
    const coming = this.#booting + count('ready') + count('recycling');
    const missing = Math.min(this.#waiters.length + 1 - coming, this.#size - this.#members.size - this.#booting);
    if (this.#stopping !== undefined) return;
    for (let one = 0; one < missing; one++) {
      this.#booting += 1;
      // Who waits longest hears of it: a server was begun for each who waits.
      this.#inBackground(this.#boot().catch((error: unknown) => this.#waiters.shift()?.reject(error)));
    }
  }

  async #boot(): Promise<void> {
    try {
      const server = await this.#kind.boot(false);
      if (this.#stopping !== undefined) return await this.#kind.stop(server);
      this.#counts.booted += 1;
      const member: Member<Server> = { server, state: 'ready' };
      this.#members.add(member);
      void server.exited.then(() => this.#discard(member, 'it ended by itself'));
      this.#offer(member);
    } finally {
      this.#booting -= 1;
    }
  }

  #discard(member: Member<Server>, why: string): void {
    if (!this.#members.delete(member)) return;
    member.state = 'gone';
    if (this.#stopping !== undefined) return;
    this.#counts.discarded.push(why);
    this.#inBackground(this.#kind.stop(member.server));
    this.#fill();
  }

  #inBackground(task: Promise<unknown>): void {
    const kept = task.catch(() => {}).finally(() => this.#background.delete(kept));
    this.#background.add(kept);
  }

  #refuseStopped(): void {
    if (this.#stopping !== undefined) throw stopped();
  }

  #exhausted(timeoutMs: number): VaultproofError {
    const { name } = this.#kind;
    const leased = [...this.#members].filter(({ state }) => state === 'leased').length;
    return new VaultproofError(
      'pool_exhausted',
      `no ${name} of the pool came free within "${timeoutMs}" ms, ${leased} of "${this.#size}" are leased: ` +
        'stop environments that are no longer used, or give the pool a larger "size"',
      { details: { server: name, timeoutMs, size: this.#size, leased } },
    );
  }
}

function stopped(): VaultproofError {
  return new VaultproofError('pool_stopped', 'the pool was stopped: lease before that, or create another one');
}

/** What a promise resolves with, or something else where it takes too long. */
async function within<Value>(limitMs: number, promise: Promise<Value>, otherwise: Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Value>((resolve) => {
    timer = setTimeout(resolve, limitMs, otherwise).unref();
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
