-- What provisioning clients asked for lately and what came of it, for operators to read. It belongs
-- to no revision, and the oldest rows of a connection are dropped now and then. Ids grow with time.
CREATE TABLE exchange (
    tenant     BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    connection BLOB    NOT NULL CHECK (length(connection) = 16), -- all zeros where the login failed
    at         INTEGER NOT NULL,
    is_failed  INTEGER NOT NULL CHECK (is_failed IN (0, 1)),
    bytes      INTEGER NOT NULL, -- of the body
    body       TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX exchange_of_connection ON exchange (tenant, connection, id);
