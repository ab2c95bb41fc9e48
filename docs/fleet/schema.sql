-- One row for each finished lift.  A chunk a week; after three months compressed; raw rows for three years, weekly medians for good.
CREATE EXTENSION IF NOT EXISTS timescaledb;
CREATE TABLE lift (
    time timestamptz NOT NULL,
    station text NOT NULL,
    limb text NOT NULL,
    kind text NOT NULL,
    prepare_s double precision,
    aloft_s double precision,
    melt_s double precision,
    extent double precision
);
SELECT create_hypertable('lift', 'time', chunk_time_interval => interval '7 days');
CREATE INDEX ON lift (station, time DESC);
ALTER TABLE lift SET (timescaledb.compress, timescaledb.compress_segmentby = 'station');
SELECT add_compression_policy('lift', interval '90 days');
SELECT add_retention_policy('lift', interval '3 years');
