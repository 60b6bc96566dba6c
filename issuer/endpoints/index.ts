export { isLocalName } from '../http/own-origin.js';
export {
  type PageLoginOutcome,
  type PageLoginRequest,
  type PageLogins,
  type PageOptions,
  pageDialect,
} from '../page/page.js';
export { type AppMeshOptions, appMesh, appMeshDialect } from './app-mesh.js';
export { authTokenDialect } from './auth-token.js';
export { type GetTokenOptions, getTokenDialect } from './get-token.js';
export { signDialect } from './sign.js';
export type { TokenClient } from './token.js';
export { type TokenEndpointOptions, tokenDialect } from './token.js';
