import type { ProxyRelay } from '../impersonation/index.js';
import type { ServerOutbound } from '../servers/server-options.js';
import type { ReadyServer } from '../servers/start-server.js';

/**
 * Starts a server, behind a relay where there is to be one.
 * @throws what starting either throws; neither is there then
 */
export async function bootBehind<Ready extends ReadyServer>(
  startRelay: (() => Promise<ProxyRelay>) | undefined,
  boot: (outbound?: ServerOutbound) => Promise<Ready>,
): Promise<{ readonly ready: Ready; readonly relay: ProxyRelay | undefined }> {
  if (startRelay === undefined) return { ready: await boot(), relay: undefined };
  const relay = await startRelay();
  try {
    // What a vendor's URL has is known where the server is leased.
    const ready = await boot({ settings: relay.settings, documentAt: async () => undefined });
    try {
      await relay.listenFor(ready.handle);
      return { ready, relay };
    } catch (error) {
      await ready.handle.stop();
      throw error;
    }
  } catch (error) {
    await relay.stop();
    throw error;
  }
}
