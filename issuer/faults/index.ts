export { tlsFaultNames } from '../tls/tls-fault.js';
export { type DocumentName, type Fault, type FaultName, faultNames, namedFaults } from './named-faults.js';
