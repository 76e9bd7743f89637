import type { Migration } from '#store/store.ts';

/**
 * The schema of the Batch data plane. Every key begins with the account; `pool`, `node`, `job` and
 * `task` hold folded names, `id` the name as written; times are microseconds; `settings` is the run
 * of JSON properties that the client wrote, normalised (sealed where it may hold secrets, see
 * stored-settings.ts).
 */
export const batchMigrations: readonly Migration[] = [
  {
    room: 'batch',
    number: 1,
    statements: [
      `CREATE TABLE pool (
        account TEXT NOT NULL, pool TEXT NOT NULL, id TEXT NOT NULL, display_name TEXT,
        created_at BIGINT NOT NULL, modified_at BIGINT NOT NULL,
        state TEXT NOT NULL, state_at BIGINT NOT NULL,
        allocation_state TEXT NOT NULL, allocation_at BIGINT NOT NULL, resize_errors TEXT,
        vm_size TEXT NOT NULL, cores INTEGER NOT NULL, task_slots INTEGER NOT NULL,
        resize_timeout TEXT NOT NULL, target_dedicated INTEGER NOT NULL,
        removal TEXT NOT NULL, settings TEXT NOT NULL,
        PRIMARY KEY (account, pool))`,
      'CREATE INDEX pool_by_state ON pool (account, state, pool)',
      `CREATE TABLE node (
        account TEXT NOT NULL, pool TEXT NOT NULL, node TEXT NOT NULL,
        cores INTEGER NOT NULL, state TEXT NOT NULL, state_at BIGINT NOT NULL,
        allocated_at BIGINT NOT NULL, booted_at BIGINT, agent_at BIGINT, agent_version TEXT,
        address TEXT, tasks_run INTEGER NOT NULL, tasks_succeeded INTEGER NOT NULL,
        tasks_running INTEGER NOT NULL, slots_running INTEGER NOT NULL,
        PRIMARY KEY (account, pool, node))`,
      `CREATE TABLE job (
        account TEXT NOT NULL, job TEXT NOT NULL, id TEXT NOT NULL, display_name TEXT,
        created_at BIGINT NOT NULL, modified_at BIGINT NOT NULL,
        state TEXT NOT NULL, state_at BIGINT NOT NULL,
        previous_state TEXT, previous_state_at BIGINT,
        pool_id TEXT NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT, terminate_reason TEXT,
        on_all_complete TEXT NOT NULL, on_failure TEXT NOT NULL, due_at BIGINT,
        url_base TEXT NOT NULL, settings TEXT NOT NULL,
        active INTEGER NOT NULL, running INTEGER NOT NULL,
        succeeded INTEGER NOT NULL, failed INTEGER NOT NULL,
        active_slots INTEGER NOT NULL, running_slots INTEGER NOT NULL,
        succeeded_slots INTEGER NOT NULL, failed_slots INTEGER NOT NULL,
        PRIMARY KEY (account, job))`,
      'CREATE INDEX job_by_state ON job (account, state, job)',
      'CREATE INDEX job_by_due ON job (due_at) WHERE due_at IS NOT NULL',
      `CREATE TABLE task (
        account TEXT NOT NULL, job TEXT NOT NULL, task TEXT NOT NULL,
        id TEXT NOT NULL, display_name TEXT,
        created_at BIGINT NOT NULL, modified_at BIGINT NOT NULL,
        state TEXT NOT NULL, state_at BIGINT NOT NULL,
        previous_state TEXT, previous_state_at BIGINT,
        slots INTEGER NOT NULL, retries_max INTEGER NOT NULL, attempt INTEGER NOT NULL,
        is_ending INTEGER NOT NULL, settings TEXT NOT NULL,
        started_at BIGINT, ended_at BIGINT, exit_code INTEGER, result TEXT, failure TEXT,
        retry_count INTEGER NOT NULL, retried_at BIGINT,
        requeue_count INTEGER NOT NULL, requeued_at BIGINT,
        pool_id TEXT, node_id TEXT,
        PRIMARY KEY (account, job, task))`,
      'CREATE INDEX task_by_state ON task (account, job, state, task)',
    ],
  },
  {
    room: 'batch',
    number: 2,
    statements: [
      // When a resize must have brought its nodes; empty while the pool is steady.
      'ALTER TABLE pool ADD COLUMN resize_due_at BIGINT',
      'CREATE INDEX pool_by_resize_due ON pool (resize_due_at) WHERE resize_due_at IS NOT NULL',
    ],
  },
];
