-- Where an audit log begins whose oldest entries were dropped: the last of them, and the seal under
-- which the program says so. The index finds the entries of a time.
CREATE TABLE audit_cut (
    tenant   UUID   NOT NULL PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    mac      BYTEA  NOT NULL CHECK (length(mac) = 32),
    seal     BYTEA  NOT NULL CHECK (length(seal) = 32)
);

CREATE INDEX audit_at ON audit (tenant, at);
