import type { Agent } from 'node:https';
import { Connection } from './connection.ts';
import type { BatchCredentials } from './credentials.ts';
import { type FileOperations, fileOperations } from './files.ts';
import { type JobOperations, jobOperations } from './jobs.ts';
import { type NodeOperations, nodeOperations } from './nodes.ts';
import { type PoolOperations, poolOperations } from './pools.ts';
import { type TaskOperations, taskOperations } from './tasks.ts';

export interface BatchClientOptions {
  /** The api-version to speak; `wireApiVersion` when absent. */
  readonly apiVersion?: string;
  /** Connections of one's own: extra trusted roots, a proxy. Node's global agent when absent. */
  readonly agent?: Agent;
}

/**
 * A client of the Azure Batch service, for one account. It holds no connection of its own, so there is nothing to close.
 * Every method throws `ServiceError` when the service refuses.
 * Source: https://learn.microsoft.com/rest/api/batchservice/
 */
export class BatchClient {
  readonly pools: PoolOperations;
  readonly nodes: NodeOperations;
  readonly jobs: JobOperations;
  readonly tasks: TaskOperations;
  readonly files: FileOperations;

  private constructor(connection: Connection) {
    this.pools = poolOperations(connection);
    this.nodes = nodeOperations(connection);
    this.jobs = jobOperations(connection);
    this.tasks = taskOperations(connection);
    this.files = fileOperations(connection);
  }

  /** Opens a client; nothing is sent before the first operation. */
  static open(credentials: BatchCredentials, options: BatchClientOptions = {}): BatchClient {
    return new BatchClient(new Connection(credentials, options));
  }
}
