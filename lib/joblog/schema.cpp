// SPDX-License-Identifier: Apache-2.0
#include "joblog/schema.hpp"

#include <array>

namespace hls::joblog {
namespace {

// Times are UTC text with milliseconds, which sorts. Moves between states are a table, and triggers
// hold every writer to it and write the trail, so that no code path can forget either.
constexpr std::string_view kFirst = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE product(                 -- what upstream offers: one row per Level-1 product id
  product_id TEXT PRIMARY KEY,
  unit_key TEXT NOT NULL,             -- the ac unit that it is, or would be, the input of
  source TEXT, uuid TEXT, sensor TEXT NOT NULL,
  level TEXT, tier TEXT, baseline TEXT, datastrip TEXT,
  tile TEXT, path INTEGER, row INTEGER, orbit INTEGER,
  sensed_at TEXT, acq_date TEXT NOT NULL, published_at TEXT, produced_at TEXT,
  group_key TEXT NOT NULL, size INTEGER, sums TEXT, uri TEXT, local_uri TEXT,
  accept INTEGER NOT NULL DEFAULT 1, superseded_by TEXT, withdrawn INTEGER NOT NULL DEFAULT 0,
  seen_at TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX product_group ON product(group_key);
CREATE INDEX product_date ON product(acq_date, sensor);

CREATE TABLE unit(                    -- one thing to be done once: its present state
  id INTEGER PRIMARY KEY,
  ukey TEXT NOT NULL UNIQUE,
  stage TEXT NOT NULL, track TEXT NOT NULL DEFAULT 'forward',
  state TEXT NOT NULL CHECK(state IN
    ('wait','ready','claimed','retry','done','skipped','held','cancelled','superseded')),
  reason TEXT, exit_code INTEGER, exit_class TEXT,    -- of the last move and attempt
  priority INTEGER NOT NULL DEFAULT 50,
  sensor TEXT, tile TEXT, path INTEGER, row INTEGER, acq_date TEXT, hls_id TEXT,
  n_infra INTEGER NOT NULL DEFAULT 0, n_resource INTEGER NOT NULL DEFAULT 0,
  n_source INTEGER NOT NULL DEFAULT 0, n_code INTEGER NOT NULL DEFAULT 0,
  n_wait INTEGER NOT NULL DEFAULT 0, n_run INTEGER NOT NULL DEFAULT 0,
  not_before TEXT, deadline TEXT,
  lease_seq INTEGER NOT NULL DEFAULT 0, lease_run TEXT, lease_owner TEXT, lease_until TEXT,
  lease_since TEXT, backend TEXT, job TEXT,
  mem_factor REAL NOT NULL DEFAULT 1, time_factor REAL NOT NULL DEFAULT 1,
  input_fp TEXT, output_fp TEXT, output_uri TEXT,
  spec TEXT NOT NULL DEFAULT '{}',
  created_at TEXT NOT NULL, changed_at TEXT NOT NULL, changed_by TEXT);
CREATE INDEX unit_ready ON unit(stage, priority, acq_date DESC, id) WHERE state='ready';
CREATE INDEX unit_retry ON unit(not_before) WHERE state='retry';
CREATE INDEX unit_lease ON unit(lease_until) WHERE state='claimed';
CREATE INDEX unit_deadline ON unit(deadline) WHERE state='wait' AND deadline IS NOT NULL;
CREATE INDEX unit_date ON unit(acq_date, stage, state);
CREATE INDEX unit_tile ON unit(tile, acq_date) WHERE tile IS NOT NULL;
CREATE INDEX unit_hls_id ON unit(hls_id) WHERE hls_id IS NOT NULL;
CREATE INDEX unit_job ON unit(job) WHERE job IS NOT NULL;
CREATE INDEX unit_trouble ON unit(state, stage, reason) WHERE state IN ('held','retry');

CREATE TABLE dependency(              -- a unit uses the output of another, which may not exist yet
  unit_id INTEGER NOT NULL REFERENCES unit(id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,               -- order of use
  need_key TEXT NOT NULL,
  gate TEXT NOT NULL CHECK(gate IN ('need','member')),
  weight REAL,                        -- percent of the tile that a member covers
  verdict TEXT NOT NULL DEFAULT 'unknown'
    CHECK(verdict IN ('unknown','done','skipped','absent','failed')),
  PRIMARY KEY(unit_id, seq)) WITHOUT ROWID;
CREATE INDEX dependency_need ON dependency(need_key);

CREATE TABLE attempt(                 -- append only: what is known of each run, as it became known
  id INTEGER PRIMARY KEY,
  unit_id INTEGER NOT NULL REFERENCES unit(id),
  seq INTEGER, run_id TEXT NOT NULL,
  evidence TEXT NOT NULL CHECK(evidence IN ('record','exit','scheduler','lease')),
  stale INTEGER NOT NULL DEFAULT 0,   -- came when the unit was in other hands: changed nothing
  backend TEXT, job TEXT, host TEXT,
  started_at TEXT, ended_at TEXT,
  exit_code INTEGER, exit_class TEXT NOT NULL, reason TEXT NOT NULL, message TEXT,
  wall_s REAL, user_s REAL, sys_s REAL, rss_mb REAL,
  tool TEXT, tool_version TEXT, argv TEXT, log_uri TEXT,
  detail TEXT,                        -- JSON: inputs, ancillary, params, gates, outputs
  jobinfo TEXT,                       -- JSON: the job as AWS Batch describes it
  UNIQUE(run_id, evidence));
CREATE INDEX attempt_unit ON attempt(unit_id, id);

CREATE TABLE event(                   -- append only: every move of every unit
  id INTEGER PRIMARY KEY, ts TEXT NOT NULL, unit_id INTEGER NOT NULL,
  actor TEXT, from_state TEXT, to_state TEXT NOT NULL, note TEXT);
CREATE INDEX event_unit ON event(unit_id, id);

CREATE TABLE ancillary_day(
  product TEXT NOT NULL, day TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT,
  checked_at TEXT NOT NULL, PRIMARY KEY(product, day)) WITHOUT ROWID;

CREATE TABLE delivery(
  id INTEGER PRIMARY KEY, unit_id INTEGER NOT NULL REFERENCES unit(id),
  product_id TEXT NOT NULL, identifier TEXT NOT NULL UNIQUE,    -- run id of the put
  manifest_uri TEXT, manifest_sha256 TEXT, sent_at TEXT NOT NULL, acknowledged_at TEXT, answer TEXT);
CREATE INDEX delivery_unit ON delivery(unit_id);

CREATE TABLE allowed_move(from_state TEXT, to_state TEXT, PRIMARY KEY(from_state, to_state))
  WITHOUT ROWID;
INSERT INTO allowed_move VALUES
  ('wait','ready'),('wait','done'),('wait','skipped'),('wait','held'),('wait','cancelled'),
  ('wait','superseded'),
  ('ready','claimed'),('ready','wait'),('ready','done'),('ready','skipped'),('ready','held'),
  ('ready','cancelled'),('ready','superseded'),
  ('claimed','done'),('claimed','skipped'),('claimed','retry'),('claimed','held'),
  ('claimed','ready'),('claimed','wait'),('claimed','cancelled'),('claimed','superseded'),
  ('retry','ready'),('retry','wait'),('retry','done'),('retry','skipped'),('retry','held'),
  ('retry','cancelled'),('retry','superseded'),
  ('held','ready'),('held','wait'),('held','done'),('held','skipped'),('held','cancelled'),
  ('held','superseded'),
  ('done','ready'),('done','wait'),('done','superseded'),
  ('skipped','ready'),('skipped','wait'),('skipped','done'),('skipped','superseded'),
  ('skipped','cancelled'),
  ('cancelled','ready'),('cancelled','wait'),('cancelled','superseded'),
  ('superseded','ready'),('superseded','wait');

CREATE TRIGGER unit_move_is_allowed BEFORE UPDATE OF state ON unit
WHEN OLD.state<>NEW.state AND NOT EXISTS
  (SELECT 1 FROM allowed_move WHERE from_state=OLD.state AND to_state=NEW.state)
BEGIN SELECT RAISE(ABORT, 'this move of a unit is not allowed'); END;
CREATE TRIGGER unit_move_is_told AFTER UPDATE OF state ON unit WHEN OLD.state<>NEW.state
BEGIN INSERT INTO event(ts,unit_id,actor,from_state,to_state,note)
  VALUES(NEW.changed_at,NEW.id,NEW.changed_by,OLD.state,NEW.state,NEW.reason); END;
CREATE TRIGGER unit_birth_is_told AFTER INSERT ON unit
BEGIN INSERT INTO event(ts,unit_id,actor,from_state,to_state,note)
  VALUES(NEW.created_at,NEW.id,NEW.changed_by,NULL,NEW.state,NEW.reason); END;
CREATE TRIGGER attempt_stays BEFORE UPDATE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempts are append only'); END;
CREATE TRIGGER attempt_is_kept BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempts are append only'); END;
CREATE TRIGGER event_stays BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are append only'); END;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are append only'); END;

-- The three tables of the production system's database, for the queries people have.
CREATE VIEW sentinel_log AS SELECT id, created_at AS ts,
  (SELECT group_concat(substr(need_key, 4)) FROM dependency d WHERE d.unit_id=unit.id) AS granule,
  n_run AS run_count, track='historic' AS historic,
  state='done' AS succeeded, state='skipped' AS expected_error,
  (exit_code IS NOT NULL AND state NOT IN ('done','skipped')) AS unexpected_error,
  (SELECT jobinfo FROM attempt a WHERE a.unit_id=unit.id ORDER BY id DESC LIMIT 1) AS jobinfo
  FROM unit WHERE stage='s30';
CREATE VIEW landsat_ac_log AS SELECT id, created_at AS ts, printf('%03d',path) AS path,
  printf('%03d',row) AS row, acq_date AS acquisition, json_extract(spec,'$.scene') AS scene_id,
  (SELECT job FROM attempt a WHERE a.unit_id=unit.id ORDER BY id DESC LIMIT 1) AS jobid,
  (SELECT jobinfo FROM attempt a WHERE a.unit_id=unit.id ORDER BY id DESC LIMIT 1) AS jobinfo,
  n_run AS run_count, track='historic' AS historic
  FROM unit WHERE stage='ac' AND path IS NOT NULL;
CREATE VIEW landsat_mgrs_log AS SELECT id, created_at AS ts, printf('%03d',path) AS path,
  tile AS mgrs, acq_date AS acquisition,
  (SELECT jobinfo FROM attempt a WHERE a.unit_id=unit.id ORDER BY id DESC LIMIT 1) AS jobinfo,
  n_run AS run_count, track='historic' AS historic FROM unit WHERE stage='tile';
)sql";

// Files as the receiver wants to compare them: one line each, with what it calls the collection.
constexpr std::string_view kSecond = R"sql(
CREATE VIEW delivered_file AS
  SELECT 'HLS'||substr(product_id,5,3) AS short_name, '2.0' AS version,
    replace(path, rtrim(path, replace(path,'/','')), '') AS filename, bytes AS size,
    sent_at AS last_modified, 'NA' AS checksum
  FROM (SELECT d.product_id, d.sent_at, json_extract(o.value,'$.path') AS path,
          json_extract(o.value,'$.bytes') AS bytes
        FROM delivery d JOIN attempt a ON a.run_id=d.identifier AND a.evidence='record',
          json_each(a.detail,'$.outputs') o)
  WHERE path GLOB '*.tif' OR path GLOB '*.xml' OR path GLOB '*.jpg' OR path GLOB '*_stac.json';
CREATE INDEX delivery_product ON delivery(product_id);
)sql";

constexpr std::array kSteps{kFirst, kSecond};

constexpr std::int32_t kApplicationId = 0x484c534c;  // "HLSL"

}  // namespace

const store::Schema& schema() noexcept {
    static constexpr store::Schema kSchema{"HLS job log", kApplicationId, kSteps};
    return kSchema;
}

}  // namespace hls::joblog
