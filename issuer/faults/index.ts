export { tlsFaultNames } from '../tls/tls-fault.js';
export { type DocumentName, type Fault, type FaultName, faultNames, namedFaults } from './fault.js';
