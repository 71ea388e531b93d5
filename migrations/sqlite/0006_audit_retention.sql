-- Where an audit log begins whose oldest entries were dropped: the last of them, and the seal under
-- which the program says so. The index finds the entries of a time.
CREATE TABLE audit_cut (
    tenant   BLOB    NOT NULL PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    mac      BLOB    NOT NULL CHECK (length(mac) = 32),
    seal     BLOB    NOT NULL CHECK (length(seal) = 32)
) STRICT;

CREATE INDEX audit_at ON audit (tenant, at);
